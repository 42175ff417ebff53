"""Conditions are the figures that a recommendation decides by: met together, or it holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.action_classes import BlastRadius
from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.schema_validation import file_schema
from dialgate_evals.mutating.mutant import Mistake, Mutant
from dialgate_evals.mutating.suite_mutants import ClassMutants
from dialgate_gate.conditions.condition import (
    Condition,
    ConditionKind,
    missing_of,
    plain_condition,
)
from dialgate_gate.conditions.eval_conditions import bound_evals, eval_conditions
from dialgate_gate.conditions.mutant_conditions import mutant_conditions, unmet_in_force
from dialgate_gate.ladder import mode_conditions
from dialgate_gate.ladder.cool_down import cool_down_conditions
from dialgate_gate.ladder.dial_evidence import DialEvidence
from dialgate_gate.ladder.live_conditions import live_conditions
from dialgate_gate.ladder.readiness import ReadinessFacts
from dialgate_gate.ladder.recommendation import Recommendation, recommend_moves
from dialgate_gate.live.live_reviews import LiveStanding
from dialgate_gate.settings.dial import DialEntry, DialSettings
from dialgate_gate.settings.ladder_policy import DemotePolicy, LadderStep
from dialgate_gate.settings.policy import Policy
from dialgate_gate.settings.runbook import Runbook
from dialgate_gate.settings.settings import GateSettings
from dialgate_gate.statistics import clopper_pearson
from dialgate_reports.graduation.graduation_words import CONDITIONS, SOURCES
from tests.example_counts import up_to
from tests.gate.dial_builders import DAY, NOW, a_class
from tests.reports.graduations import comparison

if TYPE_CHECKING:
    from dialgate_gate.comparing.comparison import ClassComparison

STEP = LadderStep(eval_success=0.9, silent_rate=0.1, live_reviews=200, intervention_rate=0.02)
GOOD = LiveStanding(
    reviews=400, interventions=0, first_day=dt.date(2026, 10, 1), last_day=dt.date(2026, 10, 20)
)


def named(found: list[Condition], kind: ConditionKind) -> Condition:
    return next(item for item in found if item.kind is kind)


def evals(step: LadderStep, item: ClassComparison | None) -> list[Condition]:
    return eval_conditions(step, bound_evals(item, step.confidence))


def recommend(
    step: LadderStep,
    live: LiveStanding,
    *,
    passed: int,
    radius: BlastRadius,
    days: float,
    warnings: tuple[str, ...],
) -> Recommendation:
    item = a_class(blast_radius=radius)
    entry = DialEntry(mode=Mode.IN_THE_LOOP, since=NOW - days * DAY, by="Ada")
    settings = GateSettings(
        policy=Policy(ladder={Mode.ON_THE_LOOP: step}, demote=DemotePolicy()),
        dial=DialSettings(entries={item.name: entry}),
        runbook=Runbook(),
    )
    facts = ReadinessFacts(
        runbook=Runbook(), today=NOW.date(), ref_exists=lambda _: True, trials=lambda _: ()
    )
    evidence = DialEvidence(
        evals={item.name: comparison(item.name, 60, passed)},
        live={item.name: live},
        queue_warnings=warnings,
    )
    return recommend_moves((item,), settings, evidence, facts, NOW)[0]


@given(
    st.sampled_from([None, 0.5, 0.9, 0.95]),
    st.sampled_from([None, 0.0, 0.05, 0.2, 1.0]),
    st.sampled_from([None, 0, 100, 500]),
    st.sampled_from([None, 0.01, 0.05, 1.0]),
    st.integers(0, 600),
    st.integers(0, 12),
    st.sampled_from([40, 55, 59, 60]),
    st.sampled_from(list(BlastRadius)),
    st.sampled_from([1.0, 13.9, 14.0, 90.0]),
    st.booleans(),
    st.booleans(),
)
def test_a_class_is_promoted_exactly_where_every_condition_is_met(
    success: float | None,
    silence: float | None,
    least: int | None,
    rate: float | None,
    count: int,
    interventions: int,
    passed: int,
    radius: BlastRadius,
    days: float,
    waved: bool,
    owned: bool,
) -> None:
    step = LadderStep(
        eval_success=success,
        silent_rate=silence,
        live_reviews=least,
        intervention_rate=rate,
        max_blast_radius=BlastRadius.MEDIUM,
        requires=("owner",) if owned else (),
    )
    live = replace(GOOD, reviews=count, interventions=min(interventions, count))
    warnings = ("Waved through.",) if waved else ()
    found = recommend(step, live, passed=passed, radius=radius, days=days, warnings=warnings)
    all_met = all(item.met for item in found.conditions)
    assert (found.move == "promote") is all_met
    assert found.missing == missing_of(found.conditions)
    assert bool(found.missing) is not all_met
    written = found.as_json()
    shown = [item["met"] for item in (*written["conditions"], *written["readiness"])]
    assert all(shown) is all_met
    assert len(shown) == len(found.conditions)


@up_to(40)
@given(st.integers(0, 40), st.integers(0, 40), st.sampled_from([0.5, 0.8, 0.9, 0.99]))
def test_the_further_cases_asked_for_are_the_fewest_that_would_do(
    passed: int, failed: int, limit: float
) -> None:
    step = LadderStep(eval_success=limit)
    cases = passed + failed
    item = comparison("mail", cases, passed) if cases else None
    (found,) = evals(step, item)
    more = found.needed.get("cases") or 0
    assert found.met is (more == 0)
    if more:
        assert clopper_pearson(passed + more, cases + more, 0.95)[0] >= limit
        fewer = (passed + more - 1, cases + more - 1)
        assert fewer[1] == 0 or clopper_pearson(*fewer, 0.95)[0] < limit


def test_no_number_of_cases_reaches_certainty() -> None:
    (found,) = evals(LadderStep(silent_rate=0.0), comparison("mail"))
    assert (found.met, dict(found.needed)) == (False, {})


def test_a_class_without_cases_says_that_nothing_is_known() -> None:
    success, silent = evals(STEP, None)
    assert (success.shown, success.interval, success.met) == (None, None, False)
    assert "unknown, as no case of the class was run" in success.sentence
    assert "Over 0 cases" in silent.sentence


def test_what_live_evidence_needs_is_said_in_reviews_interventions_and_days() -> None:
    found = live_conditions(STEP, replace(GOOD, reviews=100), Mode.IN_THE_LOOP, ())
    expected = {"reviews": 100, "interventions": 0, "days": 20}
    assert named(found, ConditionKind.LIVE_REVIEWS).needed == expected
    rate = named(found, ConditionKind.INTERVENTION_RATE)
    assert (rate.met, rate.needed) == (False, expected)
    assert rate.interval is not None
    assert rate.interval[0] <= (rate.observed or 0.0) <= rate.interval[1]


def test_a_rate_over_the_limit_needs_fewer_interventions_not_more_reviews() -> None:
    found = live_conditions(STEP, replace(GOOD, interventions=40), Mode.IN_THE_LOOP, ())
    assert not named(found, ConditionKind.INTERVENTION_RATE).met
    assert not named(found, ConditionKind.INTERVENTION_RATE).needed


@pytest.mark.parametrize(("days", "needed"), [(3.5, {"days": 11}), (14.0, {})])
def test_a_rest_that_is_not_over_is_said_in_days(days: float, needed: dict[str, int]) -> None:
    entry = DialEntry(mode=Mode.IN_THE_LOOP, since=NOW - days * DAY, by="Ada")
    settings = GateSettings(
        policy=Policy(demote=DemotePolicy()),
        dial=DialSettings(entries={"mail": entry}),
        runbook=Runbook(),
    )
    (found,) = cool_down_conditions("mail", settings, NOW)
    assert (dict(found.needed), found.met) == (needed, not needed)


def test_a_further_condition_that_is_unmet_promotes_nothing_and_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def good() -> Recommendation:
        return recommend(
            LadderStep(live_reviews=100),
            GOOD,
            passed=60,
            radius=BlastRadius.LOW,
            days=90,
            warnings=(),
        )

    assert good().move == "promote"
    added = plain_condition(ConditionKind.EVAL_RUN, ["Something new is missing."], "")
    monkeypatch.setattr(mode_conditions, "cool_down_conditions", lambda *_: [added])
    assert good().move == "hold"
    assert good().missing == ("Something new is missing.",)
    assert good().as_json()["conditions"][-1]["sentence"] == "Something new is missing."


def noticing(killed: int, lived: int) -> ClassMutants:
    found = ClassMutants(action_class=a_class())
    found.killed[Mistake.DROPPED] = killed
    found.survivors += [
        Mutant(mistake=Mistake.DROPPED, action_class=a_class(), sentence="mail is not called")
    ] * lived
    return found


class TestWhatTheSuiteNotices:
    STEP = LadderStep(mutants_killed=0.9)

    @pytest.mark.parametrize(
        ("mutants", "met"), [(noticing(9, 1), True), (noticing(8, 1), False), (None, False)]
    )
    def test_a_mode_may_ask_that_mistakes_would_be_noticed(
        self, mutants: ClassMutants | None, met: bool
    ) -> None:
        (found,) = mutant_conditions(self.STEP, mutants)
        assert (found.met, found.limit) == (met, 0.9)

    def test_what_would_not_be_noticed_is_named(self) -> None:
        (found,) = mutant_conditions(self.STEP, noticing(8, 1))
        assert "1 mistake, such as: mail is not called" in found.missing[0]

    def test_a_mode_that_asks_for_nothing_has_no_such_condition(self) -> None:
        assert mutant_conditions(LadderStep(), None) == []

    @pytest.mark.parametrize(("share", "classes"), [(0.9, ["mail"]), (0.8, [])])
    def test_a_mode_in_force_is_held_to_it(self, share: float, classes: list[str]) -> None:
        item = a_class()
        entry = DialEntry(mode=Mode.ON_THE_LOOP, since=NOW, by="Ada")
        settings = GateSettings(
            policy=Policy(ladder={Mode.ON_THE_LOOP: LadderStep(mutants_killed=share)}),
            dial=DialSettings(entries={item.name: entry}),
            runbook=Runbook(),
        )
        unmet = unmet_in_force([item], {item.name: noticing(8, 1)}, settings)
        assert list(unmet) == classes


@pytest.mark.parametrize(("met", "missing"), [(False, ()), (True, ("More cases.",))])
def test_nothing_is_unmet_in_silence_or_missing_where_it_is_met(
    met: bool, missing: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="contradict"):
        Condition(kind=ConditionKind.EVAL_RUN, met=met, sentence="", missing=missing)


@pytest.mark.parametrize("kind", ConditionKind)
def test_every_kind_has_a_unit_a_source_and_plain_words(kind: ConditionKind) -> None:
    assert kind.unit
    assert kind.source
    assert kind.is_readiness or kind.value in CONDITIONS


def test_the_schema_of_recommendations_knows_every_word_of_a_condition() -> None:
    entry = file_schema("recommendation")["properties"]["graduation"]["items"]
    known = entry["properties"]["conditions"]["items"]["properties"]
    for kind in (kind for kind in ConditionKind if not kind.is_readiness):
        assert kind.unit in known["unit"]["enum"], f"recommendation.schema.json: unit of {kind}"
        assert kind.source in known["source"]["enum"], f"recommendation.schema.json: {kind}"
        assert kind.source in SOURCES, f"graduation_words.py: SOURCES: {kind}"
        said = None if kind.direction is None else kind.direction.value
        assert said in known["direction"]["enum"], f"recommendation.schema.json: {kind}"


def test_a_condition_is_written_with_plain_numbers() -> None:
    (found,) = evals(LadderStep(eval_success=0.9), comparison("mail", 60, 59))
    written = found.as_json()
    assert written["direction"] == "at_least"
    assert written["interval"] == [written["shown"], written["interval"][1]]
    assert all(type(value) is not np.float64 for value in written.values())
