"""What is known of a judge for one verdict: how it errs, and which replies people labelled.

Pure; leaves which criteria decide to the comparison and what follows to `dialgate_gate.verdict`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_gate.licensing.judge_shift import find_shifts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from dialgate_gate.licensing.judge_licence import CalibratedLicence
    from dialgate_gate.licensing.judge_shift import JudgeShift
    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownJudge:
    """The judge of one verdict."""

    errors: Mapping[tuple[str, ...], JudgeErrors] = field(default_factory=dict)
    # by criteria that decide together
    truths: Mapping[str, bool] = field(default_factory=dict)
    # by question: whether the text is as asked, by people who saw no vote and agree
    shifts: tuple[JudgeShift, ...] = ()
    # criteria on which it errs otherwise on the candidate: their votes were withheld


def know_judge(licence: CalibratedLicence, groups: Iterable[tuple[str, ...]]) -> KnownJudge:
    """What labels show of the judge, for criteria that decide together in these groups."""
    groups = sorted(set(groups))
    truths = {
        item.settled.label.question.digest: item.settled.truth
        for item in licence.listed
        if item.settled.measures and item.settled.truth is not None
    }
    return KnownJudge(errors=licence.errors_of(groups) if groups else {}, truths=truths)


def shifts_of(
    licence: CalibratedLicence,
    criteria: Collection[str],
    *,
    baseline: Collection[str],
    candidate: Collection[str],
) -> tuple[JudgeShift, ...]:
    """Criteria on which labels show that the judge errs otherwise on the candidate's own texts.

    baseline, candidate: digests of the questions that each side's texts raise. A text of both sides
    tells them not apart.
    """
    own = set(candidate) - set(baseline)
    return find_shifts(licence.listed, criteria, own=own, most=licence.policy.max_shift)
