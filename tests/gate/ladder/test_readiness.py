"""Readiness is shown, not declared."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from dialgate_gate.ladder.readiness import (
    DrillFact,
    ReadinessFacts,
    SignedVerdict,
    verify_readiness,
)
from dialgate_gate.settings.people.owners import Owners, Person
from dialgate_gate.settings.people.roles import ROLES
from dialgate_gate.settings.runbook import Compensation, KillSwitch, Runbook

TODAY = dt.date(2026, 11, 1)
OWNERS = dict.fromkeys(ROLES, "Ada")


def trial(status: TrialStatus) -> TrialScore:
    return TrialScore(case_id="back-1", trial=0, status=status)


PASSED, FAILED, ERRORED = (
    trial(s) for s in (TrialStatus.PASSED, TrialStatus.FAILED, TrialStatus.ERRORED)
)


def switch_of(days_ago: int) -> Runbook:
    switch = KillSwitch(run="stop", tested_at=TODAY - dt.timedelta(days=days_ago))
    return Runbook(kill_switch=switch)


COMPENSATED = Runbook(compensation={"mail": Compensation(tool="undo", case="back-1")})


@pytest.mark.parametrize(
    ("requirement", "runbook", "trials", "met"),
    [
        pytest.param("owner", Runbook(owners=OWNERS), (), True, id="five owners"),
        pytest.param("owner", Runbook(owners={**OWNERS, ROLES[0]: " "}), (), False, id="a blank"),
        pytest.param("owner", Runbook(), (), False, id="no owners"),
        pytest.param("kill_switch", switch_of(1), (), False, id="declared, and not drilled"),
        pytest.param("kill_switch", Runbook(), (), False, id="no kill switch"),
        pytest.param("rollback", Runbook(rollback="v1"), (), True, id="a ref that exists"),
        pytest.param("rollback", Runbook(rollback="v0"), (), False, id="a ref that does not"),
        pytest.param("rollback", Runbook(), (), False, id="no ref"),
        pytest.param("compensation", COMPENSATED, (PASSED, PASSED), True, id="all trials pass"),
        pytest.param("compensation", COMPENSATED, (PASSED, FAILED), False, id="one fails"),
        pytest.param("compensation", COMPENSATED, (PASSED, ERRORED), False, id="one is errored"),
        pytest.param("compensation", COMPENSATED, (), False, id="not run"),
        pytest.param("compensation", Runbook(), (PASSED,), False, id="no compensation"),
        pytest.param("attestation", Runbook(), (), False, id="no signed verdict"),
        pytest.param("a new word", Runbook(), (), False, id="unknown requirement"),
    ],
)
def test_a_requirement_is_met_only_where_it_is_shown(
    requirement: str, runbook: Runbook, trials: tuple[Any, ...], met: bool
) -> None:
    facts = ReadinessFacts(
        runbook=runbook, today=TODAY, ref_exists={"v1"}.__contains__, trials=lambda _: trials
    )
    (item,) = verify_readiness((requirement,), "mail", facts)
    assert item.met is met
    assert item.sentence.endswith(".")


def drilled(days_ago: int | None, *problems: str) -> dict[str, DrillFact]:
    at = None
    if days_ago is not None:
        day = TODAY - dt.timedelta(days=days_ago)
        at = dt.datetime.combine(day, dt.time(12), dt.UTC)
    return {"kill-switch": DrillFact(at=at, keyid="ab" * 32, problems=problems)}


@pytest.mark.parametrize(
    ("runbook", "drills", "in_force", "met", "words"),
    [
        (switch_of(400), drilled(90), False, True, "held on 2026-08-03, signed by key abab"),
        (switch_of(1), drilled(91), False, False, "90 days are allowed"),
        (switch_of(1), drilled(-1), False, False, "dialgate drill kill-switch"),
        (switch_of(1), drilled(None, "it did not hold"), False, False, "it did not hold"),
        (switch_of(1), {}, False, False, "is declared, and no drill shows it"),
        (switch_of(120), {}, True, True, "has until 2026-11-01"),
        (switch_of(121), {}, True, False, "ended on 2026-10-31"),
        (switch_of(-1), {}, True, False, "is declared"),
        (Runbook(kill_switch=KillSwitch(run="stop")), drilled(120), True, True, "has until"),
        (Runbook(kill_switch=KillSwitch(run="stop")), {}, True, False, "No drill shows"),
        (Runbook(), drilled(1), True, False, "no [kill_switch]"),
    ],
)
def test_a_drill_opens_a_mode_and_a_mode_in_force_has_its_grace(
    runbook: Runbook, drills: dict[str, DrillFact], in_force: bool, met: bool, words: str
) -> None:
    facts = ReadinessFacts(
        runbook=runbook,
        today=TODAY,
        ref_exists=lambda _: True,
        trials=lambda _: (),
        drills=drills,
        in_force=in_force,
    )
    (item,) = verify_readiness(("kill_switch",), "mail", facts)
    assert item.met is met
    assert words in item.sentence


def test_where_there_are_people_owners_are_people() -> None:
    people = Owners(people={"ada": Person(id="ada", name="Ada", mail="ada@desk.io")})

    def owner(said: dict[str, str], owners: Owners) -> tuple[bool, str]:
        facts = ReadinessFacts(
            runbook=Runbook(owners=said),
            today=TODAY,
            ref_exists=lambda _: True,
            trials=lambda _: (),
            owners=owners,
        )
        (item,) = verify_readiness(("owner",), "mail", facts)
        return item.met, item.sentence

    assert owner(OWNERS, people) == (True, "All five owners are people of owners.toml.")
    assert owner({**OWNERS, ROLES[0]: "Bob"}, people)[0] is False
    assert owner(OWNERS, Owners())[1].endswith("no owners.toml verifies them.")
    assert owner({**OWNERS, ROLES[0]: "TODO"}, Owners())[0] is False


@pytest.mark.parametrize(
    ("verdict", "problems", "met", "words"),
    [
        ("pass", (), True, "signed by key 0123456789abcdef at 2026-10-31"),
        ("inconclusive", (), False, "is inconclusive"),
        ("fail", (), False, "is fail"),
        ("pass", ("a.json: it was changed.",), False, "doesn't hold: a.json: it was changed."),
    ],
)
def test_a_signed_verdict_counts_only_where_it_holds_and_passes(
    verdict: str, problems: tuple[str, ...], met: bool, words: str
) -> None:
    signed = SignedVerdict(
        keyid="0123456789abcdef" * 4, verdict=verdict, at="2026-10-31T00:00:00Z", problems=problems
    )
    facts = ReadinessFacts(
        runbook=Runbook(),
        today=TODAY,
        ref_exists={"v1"}.__contains__,
        trials=lambda _: (),
        attestation=signed,
    )
    (item,) = verify_readiness(("attestation",), "mail", facts)
    assert item.met is met
    assert words in item.sentence
