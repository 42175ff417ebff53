"""What a change may do to the dial: a move that its ledger makes, supported, or a demotion."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.check.dial_moves import dial_changes
from dialgate.git.file_history import committed_contents
from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.json_text import json_line
from dialgate_gate.audit.dial_ledger import forgotten_head
from dialgate_gate.audit.ledger import LedgerEntry, Move, next_entry
from dialgate_gate.audit.moves.signed_moves import SigningRules
from dialgate_gate.settings.dial import DialEntry, DialSettings
from dialgate_gate.settings.people.owners import Owners, Person
from dialgate_gate.settings.people.people_policy import SignPolicy
from dialgate_gate.settings.policy import parse_policy
from tests.integration.checkouts import git

if TYPE_CHECKING:
    from pathlib import Path

ACTIONS = ActionRegistry(
    classes=parse_classes(
        {
            "class": {
                name: {
                    "tools": [name],
                    "effect": "write",
                    "blast_radius": radius,
                    "reversible": radius == "low",
                }
                for name, radius in (("note", "low"), ("pay", "high"))
            }
        }
    )
)
POLICY = parse_policy(
    {
        "gate": {"default": {}},
        "ladder": {"on_the_loop": {"max_blast_radius": "medium"}, "out_of_the_loop": {}},
    }
)
AT = "2026-11-01T09:00:00Z"
EVIDENCE = "sha256:" + "1" * 64


def moved(name: str, before: Mode, after: Mode, **more: Any) -> Move:
    given: dict[str, Any] = {"evidence": EVIDENCE, **more}
    return Move(at=AT, by="Ann", action_class=name, before=before, after=after, **given)


def a_ledger(*moves: Move) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    for move in moves:
        entries.append(next_entry(entries, move))
    return entries


def a_dial(*entries: LedgerEntry) -> DialSettings:
    return DialSettings(
        entries={
            item.action_class: DialEntry(
                mode=item.after,
                since=dt.datetime.fromisoformat(item.at),
                by=item.by,
                evidence=item.evidence,
            )
            for item in entries
        }
    )


def lines(entries: list[LedgerEntry]) -> list[bytes]:
    return [json_line(entry.as_json()) for entry in entries]


RULES = SigningRules(suite="desk", owners=Owners(), said={}, policy=SignPolicy())
TODAY = dt.date(2026, 11, 29)


def found(
    before: list[LedgerEntry], now: list[LedgerEntry], dial: DialSettings | None = None
) -> str:
    changes = dial_changes(
        baseline_dial=a_dial(*before),
        candidate_dial=a_dial(*now) if dial is None else dial,
        baseline_ledger=lines(before),
        candidate_ledger=lines(now),
        actions=ACTIONS,
        policy=POLICY,
        rules=RULES,
        today=TODAY,
    )
    return " ".join(change.detail for change in changes)


def test_where_the_base_has_keys_a_move_without_its_signature_is_listed() -> None:
    """Whatever owners.toml of the change says: the rules are the base's."""
    ann = Person(id="ann", mail="ann@desk.io", keys=("ssh-ed25519 AAAA",))
    owners = Owners(people={"ann": ann})
    rules = SigningRules(suite="desk", owners=owners, said={}, policy=SignPolicy())

    def listed(move: Move) -> str:
        now = a_ledger(move)
        changes = dial_changes(
            baseline_dial=a_dial(),
            candidate_dial=a_dial(*now),
            baseline_ledger=[],
            candidate_ledger=lines(now),
            actions=ACTIONS,
            policy=POLICY,
            rules=rules,
            today=TODAY,
        )
        return " ".join(change.detail for change in changes)

    up = moved("note", Mode.IN_THE_LOOP, Mode.ON_THE_LOOP)
    assert "is nobody of owners.toml" in listed(replace(up, by="Eve"))
    assert "a name alone moves nothing" in listed(up)
    down = moved("note", Mode.IN_THE_LOOP, Mode.SHADOW, evidence=None)
    assert listed(replace(down, by="system")) == ""


UP = moved("note", Mode.IN_THE_LOOP, Mode.ON_THE_LOOP)


def test_a_supported_move_beside_its_entry_is_no_change_of_the_judge() -> None:
    assert found([], a_ledger(UP)) == ""


def test_a_demotion_needs_no_evidence() -> None:
    down = moved("note", Mode.ON_THE_LOOP, Mode.IN_THE_LOOP, evidence=None)
    assert found(a_ledger(UP), a_ledger(UP, down)) == ""


@pytest.mark.parametrize(
    ("move", "word"),
    [
        (moved("pay", Mode.IN_THE_LOOP, Mode.ON_THE_LOOP), "blast radius is high"),
        (moved("pay", Mode.IN_THE_LOOP, Mode.OUT_OF_THE_LOOP), "never goes out of the loop"),
        (moved("note", Mode.IN_THE_LOOP, Mode.OUT_OF_THE_LOOP), "one step at a time"),
        (moved("note", Mode.IN_THE_LOOP, Mode.ON_THE_LOOP, evidence=None), "no evidence"),
        (moved("note", Mode.IN_THE_LOOP, Mode.ON_THE_LOOP, reason="trust me"), "recommendation"),
        (moved("note", Mode.ON_THE_LOOP, Mode.OUT_OF_THE_LOOP), "though it is in in_the_loop"),
    ],
)
def test_an_entry_that_no_rule_allows_is_listed(move: Move, word: str) -> None:
    assert word in found([], a_ledger(move))


def test_ledger_and_dial_rolled_back_together_are_seen() -> None:
    assert "takes back the ledger" in found(a_ledger(UP), [])


def test_another_history_is_seen() -> None:
    other = moved("note", Mode.IN_THE_LOOP, Mode.ON_THE_LOOP, evidence="sha256:" + "2" * 64)
    assert "takes back the ledger" in found(a_ledger(UP), a_ledger(other))


def test_a_dial_that_says_otherwise_than_its_ledger_is_seen() -> None:
    assert "without the ledger" in found([], a_ledger(UP), dial=DialSettings())


def test_a_dial_without_a_ledger_may_stay_as_it_was() -> None:
    entries = a_ledger(UP)
    changes = dial_changes(
        baseline_dial=a_dial(*entries),
        candidate_dial=a_dial(*entries),
        baseline_ledger=[],
        candidate_ledger=[],
        actions=ACTIONS,
        policy=POLICY,
        rules=RULES,
        today=TODAY,
    )
    assert list(changes) == []


class TestAnchor:
    """A ledger goes on from every content that was ever committed or signed."""

    def test_one_that_went_on_forgets_nothing(self) -> None:
        earlier = [b"".join(lines(a_ledger(UP))), b""]
        down = moved("note", Mode.ON_THE_LOOP, Mode.IN_THE_LOOP, evidence=None)
        assert forgotten_head(a_ledger(UP, down), earlier) is None

    def test_one_that_was_rolled_back_forgets_its_head(self) -> None:
        committed = a_ledger(UP)
        assert forgotten_head([], [b"".join(lines(committed))]) == committed[-1].hash

    def test_contents_are_read_from_every_commit(self, tmp_path: Path) -> None:
        ledger = tmp_path / "ledger.jsonl"
        git(tmp_path, "init", "-q", "-b", "main")
        for text in ("one\n", "two\n"):
            ledger.write_text(text)
            git(tmp_path, "add", "-A")
            git(tmp_path, "commit", "-q", "-m", text)
        ledger.unlink()
        git(tmp_path, "commit", "-qam", "gone")
        assert set(committed_contents(ledger)) == {b"one\n", b"two\n"}

    def test_outside_git_nothing_is_known(self, tmp_path: Path) -> None:
        assert committed_contents(tmp_path / "ledger.jsonl") == []


RELEASE = {"version": "2", "fingerprint": "sha256:" + "2" * 64, "components": {"model": "x"}}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, ""),
        ({"evidence": None}, "confirms note in on_the_loop: it names no evidence"),
        ({"reason": "we know"}, "it goes against the recommendation"),
    ],
    ids=["supported", "without evidence", "against it"],
)
def test_a_mode_is_confirmed_on_a_release_by_evidence_alone(
    more: dict[str, Any], said: str
) -> None:
    """Else a change could write into the ledger that its own release earned the mode."""
    before = a_ledger(moved("note", Mode.IN_THE_LOOP, Mode.ON_THE_LOOP))
    kept = moved("note", Mode.ON_THE_LOOP, Mode.ON_THE_LOOP, release=RELEASE, **more)
    now = [*before, next_entry(before, kept)]
    assert said in found(before, now, a_dial(now[-1]))
    if not said:
        assert found(before, now, a_dial(now[-1])) == ""
