"""What labels show of the judges whose votes decide in a check, and where votes are withheld.

The wiring between both sides' scores and `dialgate_gate.licensing`; leaves the verdict to `gate`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec.structs import replace as replace_struct

from dialgate_evals.scoring.rulings import with_rulings
from dialgate_gate.licensing.judge_licence import CalibratedLicence
from dialgate_gate.licensing.known_judge import KnownJudge, know_judge, shifts_of
from dialgate_gate.verdict.sequential.screening import screen_cases

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dialgate.check.checking.sides import Sides
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.rubrics.votes import Ruling
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.licensing.judge_shift import JudgeShift


def with_shifted_withheld(sides: Sides) -> tuple[Sides, tuple[JudgeShift, ...]]:
    """The sides without votes of a judge that is shown to err otherwise on the candidate's texts.

    Its licence on those criteria ends for the whole check, so that no fresh trial is decided by it.
    """
    licence = None if sides.panel is None else sides.panel.licence
    if sides.panel is None or sides.baseline is None or not isinstance(licence, CalibratedLicence):
        return sides, ()
    before, now = (list(_deciding(side)) for side in (sides.baseline, sides.candidate))
    shifts = shifts_of(
        licence,
        {item.criterion for item in (*before, *now)},
        baseline={item.question.digest for item in before},
        candidate={item.question.digest for item in now},
    )
    if not shifts:
        return sides, ()
    names = {item.criterion for item in shifts}
    sides.panel.licence = licence.without(names)
    return (
        replace(
            sides,
            baseline=_withhold(sides.baseline, names),
            candidate=_withhold(sides.candidate, names),
        ),
        shifts,
    )


def _deciding(side: RunEvidence) -> Iterator[Ruling]:
    for score in side.scores:
        yield from (item for item in score.rulings if item.decides)


def _withhold(side: RunEvidence, names: Collection[str]) -> RunEvidence:
    return replace(side, scores=tuple(_without(score, names) for score in side.scores))


def _without(score: TrialScore, names: Collection[str]) -> TrialScore:
    """The score as if rulings on these criteria were only shown."""
    if not any(item.decides and item.criterion in names for item in score.rulings):
        return score
    rulings = [
        replace_struct(item, decides=item.decides and item.criterion not in names)
        for item in score.rulings
    ]
    return with_rulings(score, tuple(rulings))


def known_judge_of(
    sides: Sides, comparison: RunComparison, shifts: tuple[JudgeShift, ...]
) -> KnownJudge | None:
    """What is known of the judges that decide; None where no labels license any."""
    licence = None if sides.panel is None else sides.panel.licence
    if not isinstance(licence, CalibratedLicence):
        return None
    groups = {group for case in screen_cases(comparison) for group in case.judged.values()}
    return replace(know_judge(licence, groups), shifts=shifts)
