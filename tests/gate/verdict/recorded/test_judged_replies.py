"""Votes decide in trials that aren't run again only as far as labels correct them."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.actions.outcomes import Outcome, TrialScore, TrialStatus
from dialgate_evals.actions.rubrics.criterion import Criterion
from dialgate_evals.actions.rubrics.votes import Answer, Question, Ruling
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.licensing.drawing import ticket_of
from dialgate_gate.licensing.known_judge import KnownJudge
from dialgate_gate.settings.gate_policy import ClassPolicy, FailOn, GatePolicy
from dialgate_gate.verdict.confirmed import Confirmed
from dialgate_gate.verdict.release_verdict import decide_verdict
from dialgate_gate.verdict.sequential import start_gate
from dialgate_gate.verdict.sequential.screening import screen_cases
from tests.gate.evidence import a_run, a_score, cases
from tests.gate.verdict.blocks.test_votes import known
from tests.house.test_house import PROJECT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import ModuleType

    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.verdict.verdict import ReleaseVerdict

POLITE = Criterion(name="polite", text="is polite")
GROUP = ("polite",)
CASES = 150
GOOD = KnownJudge(errors={GROUP: known(0.99, 0.99)})
BLIND = KnownJudge(errors={GROUP: known(0.99, 0.01)})
BY_CASE = GatePolicy(margin=0.1, default=ClassPolicy(margin=0.1, fail_on=FailOn.CASE))


def question(place: int, side: str) -> Question:
    return Question(criterion=POLITE, of="reply", text=f"{side} of c{place}")


def a_side(
    side: str, *, refused: int = 0, wrong: Collection[int] = (), trials: int = 1
) -> RunEvidence:
    """A release on whose first so many replies the judge says no; others it acted wrongly in."""
    return a_run(
        _trial(place, trial, side, no=place < refused, wrong=place in wrong)
        for place in range(CASES)
        for trial in range(trials)
    )


def _trial(place: int, trial: int, side: str, *, no: bool, wrong: bool) -> TrialScore:
    ruling = Ruling(
        criterion="polite",
        of="reply",
        answer=Answer.NO if no else Answer.YES,
        decides=True,
        question=question(place, side),
    )
    status = TrialStatus.FAILED if no or wrong else TrialStatus.PASSED
    outcome = Outcome.MISSED if wrong else Outcome.CORRECT
    return a_score(f"c{place}", outcome, trial, status=status, rulings=(ruling,))


def compared(
    before: RunEvidence,
    now: RunEvidence,
    *,
    critical: tuple[str, ...] = (),
    deterministic: bool = False,
) -> RunComparison:
    return compare_runs(
        baseline=before,
        candidate=now,
        case_set=cases(CASES, critical=critical),
        class_names=["refund"],
        deterministic=deterministic,
    )


def verdict(
    comparison: RunComparison, judge: KnownJudge | None = GOOD, policy: GatePolicy = BY_CASE
) -> ReleaseVerdict:
    return decide_verdict(comparison, policy, known_judge=judge)


def labelled(truths: Mapping[str, bool], judge: KnownJudge = GOOD) -> KnownJudge:
    return replace(judge, truths=truths)


def all_truths(*, wrong_now: int = 0, share: float = 1.0) -> dict[str, bool]:
    """Labels on the replies that are drawn at this share; the candidate's first ones are wrong."""
    found = {}
    for side in ("before", "now"):
        for place in range(CASES):
            digest = question(place, side).digest
            if ticket_of(digest) < share:
                found[digest] = not (side == "now" and place < wrong_now)
    return found


class TestCorrectedVotes:
    """All trials at hand are one block, corrected for the judge's errors."""

    @pytest.mark.parametrize("deterministic", [False, True])
    def test_an_unchanged_release_passes_with_a_good_judge(self, deterministic: bool) -> None:
        found = verdict(compared(a_side("before"), a_side("now"), deterministic=deterministic))
        assert found.verdict is Verdict.PASS, found.reasons
        assert found.suite.interval is not None
        assert found.suite.interval[0] > -0.1

    def test_a_record_of_three_trials_is_compared_with_one(self) -> None:
        found = verdict(compared(a_side("before", trials=3), a_side("now")))
        assert found.verdict is Verdict.PASS, found.reasons

    def test_worse_replies_fail(self) -> None:
        found = verdict(compared(a_side("before"), a_side("now", refused=60)))
        assert found.verdict is Verdict.FAIL
        assert "corrected for the judge's errors" in found.reasons[0]
        assert found.suite.difference == pytest.approx(-0.4, abs=0.02)

    def test_a_loss_is_as_much_larger_as_the_judge_overlooks(self) -> None:
        """Votes fell by .3; of a judge that is right in .8 either way they show .6 of a loss."""
        judge = KnownJudge(errors={GROUP: known(0.8, 0.8)})
        found = verdict(compared(a_side("before"), a_side("now", refused=45)), judge)
        assert found.suite.difference == pytest.approx(-0.3 / 0.6, abs=0.01)
        assert found.suite.interval is not None
        low, high = found.suite.interval
        assert low < -0.5 < high

    def test_better_acting_outweighs_no_more_than_it_is_worth(self) -> None:
        """Half of the cases were acted in wrongly; now half have bad replies, by votes in .8."""
        judge = KnownJudge(errors={GROUP: known(0.8, 0.8)})
        before = a_side("before", refused=15, wrong=range(75, 150))
        now = a_side("now", refused=75)
        found = verdict(compared(before, now), judge)
        assert found.suite.difference == pytest.approx(0.0, abs=0.01)
        assert found.suite.interval is not None
        low, high = found.suite.interval
        assert low == pytest.approx(-high, abs=0.05), "it leans to neither side"

    def test_a_few_worse_replies_neither_fail_nor_pass(self) -> None:
        found = verdict(compared(a_side("before"), a_side("now", refused=9)))
        assert found.verdict is Verdict.INCONCLUSIVE
        assert "no reply of the two releases has a label" in found.reasons[0]

    def test_a_blind_judge_passes_nothing(self) -> None:
        found = verdict(compared(a_side("before"), a_side("now")), BLIND)
        assert found.verdict is Verdict.INCONCLUSIVE
        assert found.suite.interval == (-1.0, 1.0)

    def test_what_is_not_known_of_a_judge_is_not_corrected_and_passes_nothing(self) -> None:
        found = verdict(compared(a_side("before"), a_side("now")), None)
        assert found.verdict is Verdict.INCONCLUSIVE
        assert "nothing here says how often it errs" in " ".join(found.reasons)

    def test_acting_worse_fails_whatever_the_judge(self) -> None:
        worse = a_side("now", wrong=range(20))
        found = verdict(compared(a_side("before"), worse), BLIND)
        assert found.verdict is Verdict.FAIL
        assert any("success without a judge's votes fell" in text for text in found.reasons)

    def test_a_critical_case_that_only_votes_fail_is_for_a_person(self) -> None:
        comparison = compared(a_side("before"), a_side("now", refused=1), critical=("c0",))
        found = verdict(comparison)
        assert found.verdict is Verdict.INCONCLUSIVE
        assert any("failed by a judge's votes alone: c0" in text for text in found.reasons)

    def test_a_case_that_could_not_be_run_counts_at_its_worst(self) -> None:
        missing = replace(a_side("now"), scores=a_side("now").scores[30:])
        assert verdict(compared(a_side("before"), missing)).verdict is not Verdict.PASS


class TestLabelsOnTheseReplies:
    """Drawn by their digests, all of them labelled: then no judge can hide what people saw."""

    @pytest.mark.parametrize("share", [1.0, 0.5])
    def test_a_bought_judge_is_found_out(self, share: float) -> None:
        truths = all_truths(wrong_now=90, share=share)
        found = verdict(compared(a_side("before"), a_side("now")), labelled(truths))
        assert found.verdict is Verdict.FAIL
        assert "labels of these very replies" in found.reasons[0]
        assert found.replies is not None
        assert found.replies.powered.threshold == share

    def test_they_let_pass_what_a_blind_judge_cannot(self) -> None:
        comparison = compared(a_side("before"), a_side("now"))
        found = verdict(comparison, labelled(all_truths(), BLIND))
        assert found.verdict is Verdict.PASS, found.reasons

    def test_a_live_release_that_passes_by_votes_is_kept_from_it(self) -> None:
        comparison = compared(a_side("before"), a_side("now"))
        gate = start_gate(screen_cases(comparison), BY_CASE, judges={"": GOOD.errors})
        while requests := gate.next_requests():
            for request in requests:
                for _ in range(request.count):
                    gate.observe(request.case_id, request.side, frozenset())
        rules = {unit.name: unit.rules for unit in gate.rounds.units}
        fresh = Confirmed(decision=gate.decide(), rules=rules)
        plain, kept = (
            decide_verdict(comparison, BY_CASE, confirmed=fresh, known_judge=judge)
            for judge in (GOOD, labelled(all_truths(wrong_now=90)))
        )
        assert plain.verdict is Verdict.PASS, plain.reasons
        assert kept.verdict is Verdict.INCONCLUSIVE
        assert "People's labels on these very replies" in kept.reasons[0]

    def test_one_drawn_reply_without_a_label_and_they_are_not_used(self) -> None:
        truths = all_truths(share=0.5)
        truths.pop(min(truths, key=ticket_of))
        found = verdict(compared(a_side("before"), a_side("now")), labelled(truths, BLIND))
        assert found.verdict is Verdict.INCONCLUSIVE
        assert "1 without a label" in found.reasons[0]
        assert "labels on others are no random sample" in found.reasons[0]

    def test_labels_beside_the_drawn_ones_count_for_nothing(self) -> None:
        """As those that settle disagreements: they may be chosen by votes."""
        truths = all_truths(share=0.5)
        others = {
            digest: False
            for place in range(CASES)
            if 0.5 <= ticket_of(digest := question(place, "now").digest) < 0.74
        }
        comparison = compared(a_side("before"), a_side("now"))
        plain, more = (
            verdict(comparison, labelled(known_truths)).replies
            for known_truths in (truths, {**truths, **others})
        )
        assert plain is not None
        assert more is not None
        assert plain.powered == more.powered

    def test_a_text_of_several_cases_is_not_drawn_apart(self) -> None:
        same = replace(
            a_side("now"),
            scores=tuple(_with_text(score) for score in a_side("now").scores),
        )
        truths = {**all_truths(share=0.5), question(0, "now").digest: True}
        found = verdict(compared(a_side("before"), same), labelled(truths, BLIND))
        assert "stands in several cases" in found.reasons[0]


def _with_text(score: TrialScore) -> TrialScore:
    from msgspec.structs import replace as replaced

    ruling = replaced(score.rulings[0], question=question(0, "now"))
    return replaced(score, rulings=(ruling,))


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    sys.path.insert(0, str(PROJECT / "benchmarks/gate"))
    try:
        importlib.import_module("judged_gates")
        return importlib.import_module("judged_recorded")
    finally:
        sys.path.remove(str(PROJECT / "benchmarks/gate"))


GATES = 40
MOST = 0.05 + 3 * (0.05 * 0.95 / GATES) ** 0.5
"""Of so many gates .05 and three standard errors."""


@pytest.mark.parametrize(
    ("on_record", "share", "labels", "way"),
    [
        (1, 0.7, 50, "spread"),
        (1, 0.9, 200, "broken"),
        (1, 0.99, 1_000, "better acting"),
        (3, 0.9, 1_000, "spread"),
        (3, 0.99, 50, "better acting"),
        (3, 0.99, 200, "broken"),
    ],
)
def test_a_loss_of_the_margin_passes_rarely_and_no_change_fails_rarely(
    benchmark: ModuleType, on_record: int, share: float, labels: int, way: str
) -> None:
    row = benchmark.Row(cases=100, on_record=on_record)
    judge = benchmark.Judge(sensitivity=share, specificity=share, labels=labels)
    lost = [benchmark.recorded_once(row, judge, 0.1, way, seed) for seed in range(GATES)]
    same = [benchmark.recorded_once(row, judge, 0.0, "spread", seed) for seed in range(GATES)]
    assert lost.count("pass") / GATES <= MOST
    assert same.count("fail") / GATES <= MOST


@pytest.mark.parametrize(
    ("drawn", "now", "trials"), [(1.0, 0.3, 1), (0.5, 0.95, 1), (0.5, 0.3, 1), (0.5, 0.3, 3)]
)
def test_by_labels_a_loss_of_the_margin_passes_rarely_whatever_the_judge(
    benchmark: ModuleType, drawn: float, now: float, trials: int
) -> None:
    row = benchmark.Row(cases=100, trials=trials)
    judge = benchmark.Judge(sensitivity=0.95, specificity=0.95, specificity_now=now, labels=0)
    lost = [benchmark.powered_once(row, judge, 0.1, "spread", s, drawn) for s in range(GATES)]
    same = [benchmark.powered_once(row, judge, 0.0, "spread", s, drawn) for s in range(GATES)]
    assert lost.count("pass") / GATES <= MOST
    assert same.count("fail") / GATES <= MOST


def test_a_good_judge_well_known_lets_an_unchanged_release_pass(benchmark: ModuleType) -> None:
    row = benchmark.Row(cases=200, on_record=1)
    judge = benchmark.Judge(sensitivity=0.99, specificity=0.99, labels=1_000)
    same = [benchmark.recorded_once(row, judge, 0.0, "spread", seed) for seed in range(GATES)]
    assert same.count("pass") / GATES > 0.8


@pytest.mark.parametrize("way", ["spread", "better acting"])
def test_what_a_poor_judge_overlooks_is_paid_for(benchmark: ModuleType, way: str) -> None:
    """It overlooks half of a loss; taken for the truth half a margin would pass for none."""
    row = benchmark.Row(cases=400, on_record=1)
    judge = benchmark.Judge(sensitivity=0.99, specificity=0.5, labels=1_000)
    lost = [benchmark.recorded_once(row, judge, 0.1, way, seed) for seed in range(GATES)]
    assert lost.count("pass") / GATES <= MOST
