"""Whose signatures a move takes: the base's people, each once, for this move alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from dialgate_evals.actions.action_classes import ActionClass, BlastRadius, Effect
from dialgate_evals.events.review_events import Mode
from dialgate_gate.audit.ledger import LedgerEntry, Move, next_entry
from dialgate_gate.audit.moves.signed_moves import (
    SigningRules,
    ledger_defects,
    move_statement,
    signing_shortfall,
)
from dialgate_gate.settings.people.owners import Owners, Person
from dialgate_gate.settings.people.people_policy import SignPolicy
from tests.gate.audit.moves.keys import Key

TODAY = dt.date(2026, 11, 29)
MARA, JO, EVE = Key(), Key(), Key()
PEOPLE = {
    "mara": Person(id="mara", mail="mara@desk.io", keys=(MARA.line,)),
    "jo": Person(id="jo", mail="jo@desk.io", keys=(JO.pem,)),
    "ann": Person(id="ann", mail="ann@desk.io"),
}
SAID = {"product_owner": "mara", "reliability_engineer": "jo"}
LOW = ActionClass(
    name="note", tools=("note",), effect=Effect.WRITE, blast_radius=BlastRadius.LOW, reversible=True
)
HIGH = replace(LOW, name="pay", blast_radius=BlastRadius.HIGH)


def rules(people: dict[str, Person] | None = None, **more: Any) -> SigningRules:
    owners = Owners(people=PEOPLE if people is None else people)
    return SigningRules(**{"suite": "desk", "owners": owners, "said": SAID, "policy": SignPolicy(),
                           **more})  # fmt: skip


def an_entry(after: Mode = Mode.ON_THE_LOOP, **more: Any) -> LedgerEntry:
    said = {
        "at": "2026-11-29T09:00:00Z", "by": "mara", "action_class": "note",
        "before": Mode.IN_THE_LOOP, "after": after, "evidence": "sha256:" + "1" * 64,
    }  # fmt: skip
    return next_entry([], Move(**{**said, **more}))


def signed(entry: LedgerEntry, *keys: Key, suite: str = "desk") -> LedgerEntry:
    texts = tuple(key.sign(move_statement(entry, suite)) for key in keys)
    return replace(entry, signatures=texts).sealed()


def shortfall(entry: LedgerEntry, item: ActionClass = LOW, by: SigningRules | None = None) -> str:
    return " ".join(signing_shortfall(entry, item, rules() if by is None else by, TODAY))


def test_a_move_that_its_decider_signed_lacks_nothing() -> None:
    assert shortfall(signed(an_entry(), MARA)) == ""


def test_a_name_alone_moves_nothing_where_somebody_has_a_key() -> None:
    assert "a name alone moves nothing" in shortfall(an_entry())
    assert "nobody of owners.toml" in shortfall(an_entry(by="Somebody Else"))


def test_without_keys_a_name_is_enough_as_it_was() -> None:
    keyless = {name: replace(person, keys=()) for name, person in PEOPLE.items()}
    assert shortfall(an_entry(), by=rules(keyless)) == ""


def test_a_promotion_is_signed_by_the_role_that_the_policy_names() -> None:
    assert "signed by the product owner" in shortfall(signed(an_entry(by="jo"), JO))
    both = SignPolicy(roles=("product_owner", "reliability_engineer"))
    assert shortfall(signed(an_entry(by="jo"), JO), by=rules(policy=both)) == ""


def test_anybody_with_a_key_takes_a_class_down() -> None:
    down = an_entry(Mode.SHADOW, by="jo")
    assert shortfall(signed(down, JO)) == ""
    assert "a name alone" in shortfall(down)


def test_the_system_takes_classes_down_without_a_key_and_never_up() -> None:
    assert shortfall(an_entry(Mode.SHADOW, by="system")) == ""
    assert shortfall(an_entry(by="system")) != ""


class TestTheSecondSigner:
    """A high blast radius takes two people, each with a role."""

    def test_one_is_too_few(self) -> None:
        assert "a second person" in shortfall(signed(an_entry(), MARA), HIGH)

    def test_two_are_enough(self) -> None:
        assert shortfall(signed(an_entry(), MARA, JO), HIGH) == ""

    def test_the_same_person_twice_is_one(self) -> None:
        assert "signed twice" in shortfall(signed(an_entry(), MARA, MARA), HIGH)

    def test_one_person_with_two_keys_is_one(self) -> None:
        more = replace(PEOPLE["mara"], keys=(MARA.line, EVE.line))
        by = rules({**PEOPLE, "mara": more})
        assert "signed twice" in shortfall(signed(an_entry(), MARA, EVE), HIGH, by)

    def test_a_key_under_two_handles_proves_nobody(self) -> None:
        """In PEM and as a line, so that the texts differ."""
        by = rules({**PEOPLE, "mara2": Person(id="mara2", mail="m2@desk.io", keys=(MARA.pem,))})
        assert "of several people" in shortfall(signed(an_entry(), MARA, JO), HIGH, by)

    def test_one_without_a_role_is_no_second(self) -> None:
        by = rules({**PEOPLE, "eve": Person(id="eve", mail="eve@desk.io", keys=(EVE.line,))})
        assert "a second person" in shortfall(signed(an_entry(), MARA, EVE), HIGH, by)


class TestHostile:
    """Signatures that are of nobody, of somebody who left, or of another move."""

    def test_a_key_that_the_base_does_not_know(self) -> None:
        assert "nobody's in owners.toml" in shortfall(signed(an_entry(), EVE))

    def test_beside_a_good_signature_a_bad_one_is_not_passed_over(self) -> None:
        assert "nobody's in owners.toml" in shortfall(signed(an_entry(), MARA, EVE))

    @pytest.mark.parametrize("left", ["2026-11-29", "2026-11-01"])
    def test_one_who_left(self, left: str) -> None:
        gone = replace(PEOPLE["mara"], left=dt.date.fromisoformat(left))
        assert "left on" in shortfall(signed(an_entry(), MARA), by=rules({"mara": gone}))

    def test_one_who_left_and_dates_the_move_back(self) -> None:
        gone = replace(PEOPLE["mara"], left=dt.date(2026, 11, 1))
        entry = signed(an_entry(at="2026-10-01T09:00:00Z"), MARA)
        assert "left on" in shortfall(entry, by=rules({"mara": gone}))

    @pytest.mark.parametrize(
        "other",
        [
            {"action_class": "pay"},
            {"after": Mode.OUT_OF_THE_LOOP},
            {"at": "2026-11-29T09:00:01Z"},
            {"before": Mode.SHADOW},
            {"evidence": None},
            {"reason": "trust me"},
            {"previous": "sha256:" + "9" * 64},
            {"number": 2},
        ],
        ids=str,
    )
    def test_a_signature_of_another_move(self, other: dict[str, Any]) -> None:
        entry = signed(an_entry(), MARA)
        assert "not over this move" in shortfall(replace(entry, **other).sealed())

    def test_a_signature_of_another_suite(self) -> None:
        assert "not over this move" in shortfall(signed(an_entry(), MARA, suite="other"))

    def test_a_signature_of_another_kind_of_thing(self) -> None:
        entry = an_entry()
        text = MARA.sign(move_statement(entry, "desk"), "git")
        assert "not over this move" in shortfall(replace(entry, signatures=(text,)))

    def test_what_is_no_signature(self) -> None:
        assert "no SSH signature" in shortfall(replace(an_entry(), signatures=("x",)))


class TestALedgerThatIsKept:
    """`dial verify`: signatures of the past hold after a person left, and none is taken off."""

    def ledger(self, *keys: tuple[Key, ...]) -> list[LedgerEntry]:
        entries: list[LedgerEntry] = []
        for number, group in enumerate(keys):
            up = number % 2 == 0
            move = Move(
                at=f"2026-10-0{number + 1}T09:00:00Z", by="mara", action_class="note",
                before=Mode.IN_THE_LOOP if up else Mode.ON_THE_LOOP,
                after=Mode.ON_THE_LOOP if up else Mode.IN_THE_LOOP,
            )  # fmt: skip
            entries.append(signed(next_entry(entries, move), *group))
        return entries

    def test_it_holds_and_goes_on_holding_when_the_signer_left(self) -> None:
        entries = self.ledger((), (MARA,), (MARA, JO))
        gone = replace(PEOPLE["mara"], left=dt.date(2026, 11, 1))
        for people in (PEOPLE, {**PEOPLE, "mara": gone}):
            assert ledger_defects(entries, "desk", Owners(people=people)) == []

    def test_a_signer_who_was_taken_out_is_named(self) -> None:
        (found,) = ledger_defects(self.ledger((MARA,)), "desk", Owners(people={"jo": PEOPLE["jo"]}))
        assert found.startswith("line 1: A signature is of the key SHA256:")

    def test_a_move_without_a_signature_after_one_with_is_named(self) -> None:
        found = ledger_defects(self.ledger((MARA,), ()), "desk", Owners(people=PEOPLE))
        assert found == ["line 2: It is not signed, though a move before it is."]


RELEASE = {"version": "2", "fingerprint": "sha256:" + "2" * 64, "components": {"model": "x"}}


def test_a_confirmation_on_another_release_is_signed_as_a_promotion_is() -> None:
    """It gives back what a changed release took away."""
    kept: dict[str, Any] = {"before": Mode.ON_THE_LOOP, "release": RELEASE}
    assert "a name alone moves nothing" in shortfall(an_entry(**kept))
    assert "signed by the product owner" in shortfall(signed(an_entry(by="jo", **kept), JO))
    assert "a second person" in shortfall(signed(an_entry(**kept), MARA), HIGH)
    assert shortfall(signed(an_entry(**kept), MARA)) == ""


def test_one_that_nobody_signed_is_found_in_a_ledger_that_is_kept() -> None:
    first = signed(an_entry(), MARA)
    said: dict[str, Any] = {"at": "2026-11-29T10:00:00Z", "by": "mara", "action_class": "note",
            "before": Mode.ON_THE_LOOP, "after": Mode.ON_THE_LOOP}  # fmt: skip
    taken_over = next_entry([first], Move(**said))
    confirmed = next_entry([first], Move(**said, release=RELEASE))
    owners = Owners(people=PEOPLE)
    assert ledger_defects([first, taken_over], "desk", owners) == []
    (defect,) = ledger_defects([first, confirmed], "desk", owners)
    assert "line 2: It is not signed" in defect
