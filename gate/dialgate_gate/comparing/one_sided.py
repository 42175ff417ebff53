"""Figures that one side tells and the other keeps to itself, where a limit needs them.

A release that stops saying what it costs would pass every limit of cost, so silence on one side is
a gap. Leaves which limit rests on which figure to `measures`, the limits to `verdict.budget`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.comparing.gap import EvidenceGap, Gap
from dialgate_gate.comparing.measures import MEASURES
from dialgate_gate.wording import count_of, name_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.settings.gate_policy import ClassPolicy


def one_sided_gaps(comparison: RunComparison, policy: ClassPolicy) -> Iterator[EvidenceGap]:
    """A gap for each limit whose figure one side lacks in cases where the other has it."""
    baseline = comparison.baseline
    if baseline is None:
        return
    sides = (("baseline", baseline), ("candidate", comparison.candidate))
    for rule, measure in MEASURES.items():
        if getattr(policy, rule) is None:
            continue
        shares = {name: _shares(comparison, side, measure.figure) for name, side in sides}
        for name, other in (("candidate", "baseline"), ("baseline", "candidate")):
            lacking = [
                case_id
                for case_id, share in shares[name].items()
                if share < shares[other].get(case_id, 0.0)
            ]
            if lacking:
                yield EvidenceGap(
                    gap=Gap.ONE_SIDED,
                    found=(
                        f"The {name} doesn't say {measure.words} of "
                        f"{count_of(len(lacking), 'case')} of which the {other} does: "
                        f"{name_cases(lacking)}."
                    ),
                    advice=f"{rule} limits it, so it must be told on both sides.",
                )


def _shares(
    comparison: RunComparison,
    side: RunEvidence,
    figure: Callable[[TrialScore], float | None],
) -> dict[str, float]:
    """By case the share of its trials that have the figure; a trial that broke off has none."""
    found = {}
    for case in comparison.case_set.deciding:
        told = [figure(s) is not None for s in side.finished(case.id) if s.broke_off is None]
        if told:
            found[case.id] = sum(told) / len(told)
    return found
