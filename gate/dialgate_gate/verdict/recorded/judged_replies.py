"""The suite as a whole where a judge's votes decide in trials that aren't run again.

All trials of both sides are one block: a difference for every case, corrected for the judge's
errors, and a product with equal stakes against "the loss is at least the margin", as in the live
gate (`verdict.blocks.running_products`). Labels on the very replies, where there are enough, are a
second way that assumes nothing of the judge. Leaves classes, of which votes decide nothing, to
`recorded.class_verdict`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import FailOn
from dialgate_gate.statistics.judged.corrected_difference import CALIBRATION_ERROR
from dialgate_gate.statistics.paired_counts import PairedCounts
from dialgate_gate.verdict.blocks.options import log_threshold
from dialgate_gate.verdict.blocks.running_products import (
    SHARED_STAKES,
    SHARED_WEIGHTS,
    LossProduct,
    MarginProduct,
)
from dialgate_gate.verdict.blocks.votes import make_votes
from dialgate_gate.verdict.recorded.powered_replies import Powered, power_replies
from dialgate_gate.verdict.sequential.screened_case import SUITE, Side, voted_on
from dialgate_gate.verdict.sequential.screening import is_failed_by_votes, screen_cases
from dialgate_gate.verdict.sequential.unit import PASS_ERROR
from dialgate_gate.wording import name_cases, show_loss, show_points, show_rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.licensing.known_judge import KnownJudge
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.blocks.votes import Votes
    from dialgate_gate.verdict.sequential.deciding.findings import Finding
    from dialgate_gate.verdict.sequential.screened_case import ScreenedCase

POWERED_ERROR = 0.02
"""The chance that labels on these very replies let a loss of the margin pass."""
CORRECTED_ERROR = PASS_ERROR - CALIBRATION_ERROR - POWERED_ERROR
"""The chance that corrected votes do; the bounds of the judge's errors pay for the rest."""
ACTING_SHARE, VOTED_SHARE = 0.25, 0.125
"""Of alpha: what may fail the suite by acting alone, and by each of both ways of replying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedSuite:
    """What votes come to over all trials at hand, corrected for the judge's errors."""

    difference: float | None
    # None: labels leave the judge's errors open
    interval: tuple[float, float]
    is_excluded: bool
    # whether a loss of the margin is
    is_loss_shown: bool
    # over what is tolerated


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedReplies:
    """What votes that decide come to over the suite, and what labels on these replies say."""

    criteria: tuple[str, ...]
    cases: int
    margin: float
    fail_on: FailOn
    corrected: CorrectedSuite
    overlooked: float
    # the share of a loss in replies that the judge may overlook
    powered: Powered

    @property
    def shown(self) -> tuple[float | None, tuple[float, float]]:
        """Estimate and interval as they are shown: by labels on these replies, if there are."""
        found = self.powered.found
        return (
            (self.corrected.difference, self.corrected.interval)
            if found is None
            else (found.estimate, (found.low, found.high))
        )

    @property
    def is_excluded(self) -> bool:
        """Whether a loss of the margin is, in either way."""
        powered = self.powered.found
        return self.corrected.is_excluded or (powered is not None and powered.low >= -self.margin)

    @property
    def powered_shows_loss(self) -> bool:
        """Whether labels on these replies show a loss over what is tolerated."""
        tolerated = 0.0 if self.fail_on is FailOn.CASE else self.margin
        return self.powered.found is not None and self.powered.found.high < -tolerated


def judge_replies(
    comparison: RunComparison, policy: GatePolicy, known: KnownJudge | None
) -> JudgedReplies | None:
    """What votes that decide say of the suite; None where none does, or its errors aren't known."""
    if known is None:
        return None
    cases = screen_cases(comparison)
    groups = {place: case.judged.get("", ()) for place, case in enumerate(cases)}
    if any(group and group not in known.errors for group in groups.values()):
        return None
    votes = make_votes(groups, len(cases), known.errors)
    if votes is None:
        return None
    criteria = tuple(sorted({name for group in groups.values() for name in group}))
    fail_on = policy.suite_fails_on(item.action_class for item in comparison.classes)
    tolerated = 0.0 if fail_on is FailOn.CASE else policy.margin
    corrected = weigh_trials(
        cases,
        votes,
        margin=policy.margin,
        tolerated=tolerated,
        loss_error=VOTED_SHARE * policy.alpha,
    )
    return JudgedReplies(
        criteria=criteria,
        cases=len(cases),
        margin=policy.margin,
        fail_on=fail_on,
        corrected=corrected,
        overlooked=1 - max(votes.errors.youden[0], 0.0),
        powered=powered_of(comparison, criteria, known, alpha=policy.alpha),
    )


def powered_of(
    comparison: RunComparison, criteria: Sequence[str], known: KnownJudge, *, alpha: float
) -> Powered:
    """The difference by labels on these very replies, where one criterion decides."""
    if len(criteria) != 1:
        return Powered(criterion="", why_not="several criteria decide together")
    return power_replies(
        comparison,
        criteria[0],
        known.truths,
        low_error=POWERED_ERROR,
        high_error=VOTED_SHARE * alpha,
    )


def weigh_trials(
    cases: Sequence[ScreenedCase],
    votes: Votes,
    *,
    margin: float,
    tolerated: float,
    loss_error: float,
) -> CorrectedSuite:
    """All trials as one block; a case without one on a side counts at its worst there."""
    members = np.arange(len(cases))
    voted = _fewer(cases, votes_alone=True)
    acting = [_fewer(cases, votes_alone=False, missing=bad) - voted for bad in (1.0, 0.0)]
    against, in_favour = (
        votes.difference(members, found, voted, against=is_against)
        for found, is_against in zip(acting, (True, False), strict=True)
    )
    shown = votes.shown_margin(margin)
    product, loss = (
        MarginProduct(cases=len(cases), margin=max(shown, 0.0)),
        LossProduct(cases=len(cases)),
    )
    product.add(against, stakes=SHARED_STAKES, weights=SHARED_WEIGHTS)
    loss.add(in_favour)
    found = votes.estimate(members, acting[0], voted)
    return CorrectedSuite(
        difference=None if found is None else float(found.mean()),
        interval=votes.correct((-product.bound(CORRECTED_ERROR), -loss.bound(loss_error))),
        is_excluded=shown > 0 and product.log_value >= log_threshold(CORRECTED_ERROR),
        is_loss_shown=loss.shows(votes.tolerated(tolerated), loss_error),
    )


def _fewer(
    cases: Sequence[ScreenedCase], *, votes_alone: bool, missing: float = 0.0
) -> NDArray[np.float64]:
    """The baseline's share of failures less the candidate's, by case.

    missing: the share that a candidate without a trial failed; a baseline without one the rest.
    """
    endpoint = voted_on(SUITE) if votes_alone else SUITE
    found = []
    for case in cases:
        shares = []
        for side, worst in ((Side.BASELINE, 1 - missing), (Side.CANDIDATE, missing)):
            is_before = side is Side.BASELINE
            trials = case.baseline_trials if is_before else case.candidate_trials
            failed = case.baseline_failed if is_before else case.candidate_failed
            own = failed.get(endpoint, 0) / trials if trials else (0.0 if votes_alone else worst)
            shares.append(own)
        found.append(shares[0] - shares[1])
    return np.array(found)


def acting_counts(comparison: RunComparison) -> PairedCounts:
    """The suite's counts with trials that votes alone failed as passed."""
    ids = [case.id for case in comparison.case_set.deciding]

    def voted(side: object) -> NDArray[np.int64]:
        run = comparison.baseline if side is Side.BASELINE else comparison.candidate
        if run is None:
            return np.zeros(len(ids), dtype=np.int64)
        return np.array([sum(map(is_failed_by_votes, run.finished(i))) for i in ids], int)

    suite = comparison.suite
    return PairedCounts(
        baseline_passed=suite.baseline_passed + voted(Side.BASELINE),
        baseline_trials=suite.baseline_trials,
        candidate_passed=suite.candidate_passed + voted(Side.CANDIDATE),
        candidate_trials=suite.candidate_trials,
    )


def replies_findings(found: JudgedReplies) -> list[Finding]:
    """Fail where a loss is shown, nothing where the margin is excluded, else inconclusive."""
    named = name_cases(found.criteria)
    estimate, interval = found.shown
    if found.corrected.is_loss_shown or found.powered_shows_loss:
        text = (
            "Over the suite as a whole success fell, as votes on replies show once they are "
            f"corrected for the judge's errors: {_loss_words(estimate, interval)}; the margin "
            f"tolerates {show_rate(found.margin)}. Criteria that decide: {named}. "
            f"{_rests_on(found)}"
        )
        return [(Verdict.FAIL, text)]
    if found.is_excluded:
        return []
    text = (
        f"Over the suite as a whole a loss over the margin of {show_rate(found.margin)} is not "
        f"excluded where votes on {named} decide: {_difference_words(estimate, interval)}. "
        f"{_rests_on(found)} More labels, cases or trials would decide it."
    )
    return [(Verdict.INCONCLUSIVE, text)]


def _loss_words(estimate: float | None, interval: tuple[float, float]) -> str:
    least = f"by {show_loss(interval[1])} at least"
    return least if estimate is None else f"by {show_loss(estimate)}, {least}"


def _difference_words(estimate: float | None, interval: tuple[float, float]) -> str:
    low = f"may be as low as {show_points(interval[0])}"
    if estimate is None:
        return f"the true difference {low}"
    return f"the difference is {show_points(estimate)} and {low}"


def _rests_on(found: JudgedReplies) -> str:
    """What the figures rest on."""
    powered = found.powered.found
    if powered is not None:
        before, now = powered.labelled
        return (
            f"That rests on labels of these very replies, {before:,} of the baseline's and "
            f"{now:,} of the candidate's, drawn without a look at votes."
        )
    return (
        "The correction takes the judge to err on both releases alike, and up to "
        f"{show_rate(found.overlooked)} of a loss in replies to be overlooked. Labels on these "
        f"very replies are not used: {found.powered.why_not}."
    )


def people_against_votes(found: JudgedReplies) -> str:
    """Where labels on these very replies show a loss: fresh trials, judged, don't undo it."""
    powered = found.powered.found
    assert powered is not None
    before, now = powered.labelled
    return (
        f"People's labels on these very replies ({before:,} of the baseline's, {now:,} of the "
        f"candidate's, drawn without a look at votes) show a loss of {show_loss(powered.high)} at "
        "least, whatever the judge's votes say, so nothing passes by votes."
    )
