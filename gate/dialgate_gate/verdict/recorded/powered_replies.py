"""Labels on the very replies of both releases: which of them were drawn, and with what chance.

A reply is drawn where the digest of what is asked about it falls under a threshold: neither votes
nor people have a say in that. Every reply that was drawn needs a label; labels beside those are
left out. Where one is missing, nothing is worked out and the reason is said. Leaves the estimate to
`statistics.judged.prediction_powered`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.licensing.drawing import ticket_of
from dialgate_gate.statistics.judged.prediction_powered import LabelledSide, powered_difference
from dialgate_gate.verdict.sequential.screening import has_acted_rightly
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.rubrics.votes import Ruling
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.statistics.judged.prediction_powered import PoweredDifference

THRESHOLDS = (1.0, 0.75, 0.5)
"""Shares of all replies that may be drawn, the largest first; each pays for a third of the error,
so that labelling on from one to the next is paid for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Powered:
    """The difference by labels on these very replies, or why there is none."""

    criterion: str
    found: PoweredDifference | None = None
    why_not: str = ""
    # a clause; empty: there is one
    threshold: float | None = None
    # the share of replies that were drawn


def power_replies(
    comparison: RunComparison,
    criterion: str,
    truths: Mapping[str, bool],
    *,
    low_error: float,
    high_error: float,
) -> Powered:
    """The difference in trials that act rightly and whose reply is as the criterion asks.

    truths: by question what people say who saw no vote. Each error is spent over all THRESHOLDS.
    """
    sides = [_replies(comparison, side, criterion) for side in ("baseline", "candidate")]
    if any(not case for side in sides for case in side):
        return Powered(criterion=criterion, why_not="a case has no finished trial on one side")
    known = [reply for side in sides for case in side for reply in case if reply.digest in truths]
    if not known:
        return Powered(criterion=criterion, why_not="no reply of the two releases has a label")
    threshold = next((t for t in THRESHOLDS if _is_complete(sides, truths, t)), None)
    if threshold is None:
        return Powered(criterion=criterion, why_not=_what_is_missing(sides, truths))
    if threshold < 1 and (shared := _shared(sides)):
        stands = "stands" if shared == 1 else "stand"
        why = f"{count_of(shared, 'text')} {stands} in several cases, which aren't drawn apart"
        return Powered(criterion=criterion, why_not=why)
    baseline, candidate = (labelled_side(side, truths, threshold) for side in sides)
    share = len(THRESHOLDS)
    found = powered_difference(
        baseline=baseline,
        candidate=candidate,
        low_error=low_error / share,
        high_error=high_error / share,
    )
    return Powered(criterion=criterion, found=found, threshold=threshold)


@dataclass(frozen=True, slots=True)
class Reply:
    """A trial as far as the criterion matters."""

    digest: str
    # of the question; empty: the trial acted wrongly, so that nobody need say
    says_yes: bool

    @property
    def ticket(self) -> float:
        """0 to 1, evenly; a trial that acted wrongly is never drawn."""
        return ticket_of(self.digest) if self.digest else 1.0


def _replies(comparison: RunComparison, side: str, criterion: str) -> list[list[Reply]]:
    run = comparison.baseline if side == "baseline" else comparison.candidate
    if run is None:
        return []
    return [
        [_reply(score, criterion) for score in run.finished(case.id)]
        for case in comparison.case_set.deciding
    ]


def _reply(score: TrialScore, criterion: str) -> Reply:
    asked: list[Ruling] = [
        item for item in score.rulings if item.criterion == criterion and item.decides
    ]
    if not has_acted_rightly(score) or not asked:
        return Reply("", bool(score.passed))
    return Reply(asked[0].question.digest, not asked[0].fails)


def _drawn(case: Sequence[Reply], threshold: float) -> Reply | None:
    """The case's reply with the lowest ticket, where that is under the threshold."""
    first = min((reply for reply in case if reply.digest), key=lambda r: r.ticket, default=None)
    return first if first is not None and first.ticket < threshold else None


def _is_complete(
    sides: Sequence[Sequence[Sequence[Reply]]], truths: Mapping[str, bool], threshold: float
) -> bool:
    """Whether every reply that was drawn has a label."""
    drawn = [_drawn(case, threshold) for side in sides for case in side]
    return all(reply is None or reply.digest in truths for reply in drawn)


def _what_is_missing(sides: Sequence[Sequence[Sequence[Reply]]], truths: Mapping[str, bool]) -> str:
    least = THRESHOLDS[-1]
    drawn = {r.digest for side in sides for case in side if (r := _drawn(case, least))}
    left = len(drawn - set(truths))
    return (
        f"of the {count_of(len(drawn), 'text')} that are to be drawn at least, {left:,} without a "
        "label that was given without a look at votes, and labels on others are no random sample"
    )


def _shared(sides: Sequence[Sequence[Sequence[Reply]]]) -> int:
    """Texts that stand in several cases: one ticket would draw them all."""
    places: Counter[str] = Counter()
    for number in range(len(sides[0])):
        places.update({reply.digest for side in sides for reply in side[number] if reply.digest})
    return sum(count > 1 for count in places.values())


def labelled_side(
    cases: Sequence[Sequence[Reply]], truths: Mapping[str, bool], threshold: float
) -> LabelledSide:
    """A side's cases, each with the reply that was drawn of it; all drawn ones have a label."""
    votes = np.array([sum(reply.says_yes for reply in case) / len(case) for case in cases])
    mistakes, chances = np.zeros(len(cases)), np.ones(len(cases))
    reach = np.array([_reach(len(case), threshold) for case in cases])
    labelled = 0
    for place, case in enumerate(cases):
        counts = Counter(reply.digest for reply in case if reply.digest)
        chances[place] = 1 - (1 - threshold) ** max(len(counts), 1)
        reply = _drawn(case, threshold)
        if reply is None:
            continue
        labelled += 1
        weight = len(counts) * counts[reply.digest] / len(case)
        mistakes[place] = weight * (float(truths[reply.digest]) - float(reply.says_yes))
    return LabelledSide(
        votes=votes, mistakes=mistakes, chances=chances, reach=reach, labelled=labelled
    )


def _reach(trials: int, threshold: float) -> float:
    """How far the value of a case of so many trials may lie outside 0 to 1.

    One of d texts is drawn, that of k trials: it takes up to (d * k / trials) / chance from votes
    of which its own are k / trials.
    """
    return max(
        (trials - texts + 1) / trials * (texts / (1 - (1 - threshold) ** texts) - 1)
        for texts in range(1, trials + 1)
    )
