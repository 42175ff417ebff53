"""Promote only on everything that is asked; demote before everything else; say what is missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dialgate_evals.actions.action_classes import ActionClass, BlastRadius
from dialgate_evals.events.review_events import Mode
from dialgate_gate.comparing.comparison import CaseMoves, ClassComparison, SideSummary
from dialgate_gate.ladder.dial_evidence import DialEvidence, RestsOn
from dialgate_gate.ladder.readiness import ReadinessFacts
from dialgate_gate.ladder.recommendation import Recommendation, recommend_moves
from dialgate_gate.live.live_reviews import LiveStanding, StaleReviews
from dialgate_gate.settings.dial import DialEntry, DialSettings
from dialgate_gate.settings.ladder_policy import DemotePolicy, LadderStep
from dialgate_gate.settings.policy import Policy
from dialgate_gate.settings.runbook import Runbook
from dialgate_gate.settings.settings import GateSettings
from dialgate_gate.statistics import PairedCounts
from tests.gate.dial_builders import DAY, NOW, a_class, fall, reviews

STEP = LadderStep(eval_success=0.9, silent_rate=0.1, live_reviews=200, intervention_rate=0.02)
LADDER = {Mode.IN_THE_LOOP: STEP, Mode.ON_THE_LOOP: STEP, Mode.OUT_OF_THE_LOOP: STEP}
GOOD = LiveStanding(
    reviews=400, interventions=0, first_day=dt.date(2026, 10, 1), last_day=dt.date(2026, 10, 20)
)


def evals(cases: int = 60, passed: int = 60) -> ClassComparison:
    good = np.array([1] * passed + [0] * (cases - passed), dtype=np.int64)
    ones, none = np.ones(cases, dtype=np.int64), np.zeros(cases, dtype=np.int64)
    counts = PairedCounts(
        baseline_passed=none, baseline_trials=none, candidate_passed=good, candidate_trials=ones
    )
    moves = CaseMoves(broken=(), fixed=(), flaky=())
    return ClassComparison(
        action_class="mail",
        case_ids=tuple(f"c{i}" for i in range(cases)),
        success=counts,
        silence=counts,
        baseline=None,
        candidate=SideSummary(
            cases=cases, trials=cases, decisions=cases, correct=passed, successes=passed, silent=0,
            outcomes={},
        ),
        moves=moves,
        silent_moves=moves,
    )  # fmt: skip


def recommend(
    action_class: ActionClass | None = None,
    *,
    mode: Mode = Mode.IN_THE_LOOP,
    since: dt.datetime = NOW - 100 * DAY,
    ladder: dict[Mode, LadderStep] | None = None,
    **evidence: Any,
) -> Recommendation:
    action_class = action_class or a_class()
    settings = GateSettings(
        policy=Policy(ladder=LADDER if ladder is None else ladder, demote=DemotePolicy()),
        dial=DialSettings(entries={action_class.name: DialEntry(mode=mode, since=since, by="Ada")}),
        runbook=Runbook(),
    )
    facts = ReadinessFacts(
        runbook=Runbook(), today=NOW.date(), ref_exists=lambda _: False, trials=lambda _: ()
    )
    given = {"evals": {"mail": evals()}, "live": {"mail": GOOD}, **evidence}
    (found,) = recommend_moves((action_class,), settings, DialEvidence(**given), facts, NOW)
    return found


def test_a_class_that_shows_everything_is_promoted_one_step() -> None:
    found = recommend()
    assert (found.move, found.recommended, found.missing) == ("promote", Mode.ON_THE_LOOP, ())


def test_a_class_in_shadow_goes_into_the_loop_first() -> None:
    assert recommend(mode=Mode.SHADOW).recommended is Mode.IN_THE_LOOP


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param({"evals": {}}, "unknown", id="no cases of the class"),
        pytest.param({"evals": {"mail": evals(60, 50)}}, "Eval success", id="evals too weak"),
        pytest.param({"eval_gaps": ("No record.",)}, "No record.", id="a gap in the run"),
        pytest.param({"live": {}}, "0 live reviews", id="no live evidence"),
        pytest.param(
            {"live": {"mail": replace(GOOD, reviews=199)}}, "1 more review ", id="one review short"
        ),
        pytest.param(
            {"live": {"mail": replace(GOOD, interventions=6)}}, "more reviews", id="rate not shown"
        ),
        pytest.param(
            {"live": {"mail": replace(GOOD, interventions=8)}},
            "Not reachable at the present rate of 2 %",
            id="a rate at the limit",
        ),
        pytest.param({"queue_warnings": ("Waved through.",)}, "Waved through.", id="queue"),
        pytest.param({"since": NOW - 13 * DAY}, "1 day more", id="cool-down"),
        pytest.param({"ladder": {}}, "no [ladder.on_the_loop]", id="no step"),
        pytest.param(
            {"ladder": {Mode.ON_THE_LOOP: replace(STEP, requires=("owner",))}},
            "runbook.toml names no",
            id="not ready",
        ),
        pytest.param(
            {"ladder": {Mode.ON_THE_LOOP: replace(STEP, max_blast_radius=BlastRadius.LOW)},
             "action_class": a_class(blast_radius=BlastRadius.HIGH)},
            "blast radius is high",
            id="blast radius",
        ),
    ],
)  # fmt: skip
def test_one_thing_missing_holds_the_class_and_is_said(changed: dict[str, Any], says: str) -> None:
    found = recommend(**changed)
    assert (found.move, found.recommended) == ("hold", Mode.IN_THE_LOOP)
    assert any(says in text for text in found.missing), found.missing


@pytest.mark.parametrize(
    "action_class", [a_class(reversible=False), a_class(blast_radius=BlastRadius.HIGH)]
)
def test_irreversible_or_high_blast_radius_never_goes_out_of_the_loop(
    action_class: ActionClass,
) -> None:
    found = recommend(action_class, mode=Mode.ON_THE_LOOP)
    assert found.move == "hold"
    assert "never goes out of the loop" in found.missing[0]
    signed = recommend(action_class, mode=Mode.OUT_OF_THE_LOOP)
    assert (signed.move, signed.recommended) == ("demote", Mode.ON_THE_LOOP)


def test_a_class_whose_interventions_climb_is_demoted_whatever_else_it_shows() -> None:
    demotion = fall(reviews(100, range(0, 100, 3)))
    found = recommend(demotions={"mail": demotion}, since=NOW - DAY)
    assert (found.move, found.recommended) == ("demote", Mode.SHADOW)
    assert "had an intervention" in found.reasons[0]


def test_what_is_missing_is_said_in_reviews_interventions_and_days() -> None:
    found = recommend(live={"mail": replace(GOOD, reviews=100)})
    assert found.missing[0].endswith(
        "100 more reviews with at most 0 interventions; about 20 days at the present volume."
    )


def test_stale_reviews_are_named_with_what_changed() -> None:
    stale = (
        StaleReviews(release="1", reviews=412, changed=("model", "tools")),
        StaleReviews(release="0", reviews=7, changed=None),
    )
    missing = recommend(live={"mail": LiveStanding(stale=stale)}).missing
    assert "412 reviews under release 1, whose model and tools differ" in " ".join(missing)
    assert "7 reviews under release 0, which no record or release file here knows" in " ".join(
        missing
    )


def test_a_step_that_asks_for_no_live_evidence_ignores_the_queue() -> None:
    step = LadderStep(eval_success=0.9)
    found = recommend(ladder={Mode.ON_THE_LOOP: step}, live={}, queue_warnings=("Waved through.",))
    assert found.move == "promote"


def test_the_topmost_mode_holds_with_nothing_missing() -> None:
    found = recommend(mode=Mode.OUT_OF_THE_LOOP)
    assert (found.move, found.missing) == ("hold", ())


class TestConfirming:
    """A mode that was earned on another release is kept by what would bring the class there."""

    STALE = RestsOn(version="1", changed=("model",))

    def confirm(self, rests: RestsOn = STALE, **more: Any) -> dict[str, Any] | None:
        given = {"mode": Mode.ON_THE_LOOP, "rests_on": {"mail": rests}, **more}
        found: dict[str, Any] | None = recommend(**given).as_json().get("confirm")
        return found

    def test_everything_shown_on_this_release_confirms_it(self) -> None:
        assert self.confirm() == {"met": True, "missing": []}

    def test_a_mode_that_was_earned_on_this_release_needs_none(self) -> None:
        assert self.confirm(RestsOn(version="2")) is None

    def test_a_ledger_that_does_not_say_on_which_release_is_confirmed_alike(self) -> None:
        assert self.confirm(RestsOn(version=None)) is not None

    def test_a_mode_in_which_people_decide_needs_none(self) -> None:
        assert self.confirm(mode=Mode.IN_THE_LOOP) is None

    @pytest.mark.parametrize(
        "less",
        [
            {"evals": {"mail": evals(60, 40)}},
            {"live": {"mail": replace(GOOD, reviews=100)}},
            {"live": {"mail": replace(GOOD, interventions=40)}},
            {"eval_gaps": ("The run lacks trials.",)},
            {"queue_warnings": ("Ines approved all.",)},
        ],
        ids=["worse evals", "few reviews", "interventions", "no run", "waved through"],
    )
    def test_less_does_not_and_what_is_missing_is_said(self, less: dict[str, Any]) -> None:
        found = self.confirm(**less)
        assert found is not None
        assert found["met"] is False
        assert found["missing"]

    def test_rest_since_the_last_move_is_not_asked(self) -> None:
        assert self.confirm(since=NOW) == {"met": True, "missing": []}

    def test_a_class_that_is_to_fall_confirms_nothing(self) -> None:
        found = recommend(
            mode=Mode.ON_THE_LOOP,
            rests_on={"mail": self.STALE},
            demotions={"mail": fall(reviews(200, interventions=range(100, 200)))},
        )
        assert found.move == "demote"
        assert "confirm" not in found.as_json()
