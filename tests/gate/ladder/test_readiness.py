"""Readiness is shown, not declared."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from dialgate_gate.ladder.readiness import ReadinessFacts, SignedVerdict, verify_readiness
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
        pytest.param("kill_switch", switch_of(90), (), True, id="tested 90 days ago"),
        pytest.param("kill_switch", switch_of(91), (), False, id="tested 91 days ago"),
        pytest.param("kill_switch", switch_of(-1), (), False, id="tested tomorrow"),
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
