"""Where a judge stands on one criterion in one action class: its bounds, and what is missing.

Pure; leaves which labels count to `licensing.measured`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.statistics.judged.judge_errors import (
    ErrorBound,
    Labelled,
    bound_share,
    labels_wanted,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_gate.licensing.measured import Measured, Measurements
    from dialgate_gate.settings.judge_policy import JudgePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Sensitivity or specificity, beside what the policy asks."""

    bound: ErrorBound
    least: float
    wanted: int | None
    # cases with a label that are missing, at the share so far; None: no number of them would do

    @property
    def is_met(self) -> bool:
        """Whether the lower bound is there."""
        return self.bound.low >= self.least


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One criterion in one action class."""

    criterion: str
    action_class: str
    sensitivity: Share
    specificity: Share

    @property
    def is_licensed(self) -> bool:
        """Whether votes may decide here."""
        return self.sensitivity.is_met and self.specificity.is_met


def tally(listed: Iterable[Measured], *, right: bool) -> Labelled:
    """Texts that people found right (or wrong), by case, with the judge's share of mistakes.

    A case is one observation: what its trials say is alike, and so is what a judge says of it.
    """
    cases: dict[str, list[bool]] = {}
    for item in listed:
        if item.is_counted and item.settled.truth is right:
            cases.setdefault(item.settled.label.case, []).append(item.is_mistake)
    return Labelled(len(cases), sum(sum(found) / len(found) for found in cases.values()))


def stand(
    measurements: Measurements, policy: JudgePolicy, places: Iterable[tuple[str, str]]
) -> tuple[Standing, ...]:
    """The standing of each (criterion, action class), in order; `places` are those of the suite.

    A place without a label is one of which nothing is known.
    """
    grouped: Mapping[tuple[str, str], list[Measured]] = {place: [] for place in sorted(set(places))}
    for item in measurements.listed:
        for name in item.classes:
            if (item.criterion, name) in grouped:
                grouped[item.criterion, name].append(item)
    return tuple(
        Standing(
            criterion=criterion,
            action_class=name,
            sensitivity=_share(tally(listed, right=True), policy.min_sensitivity, policy),
            specificity=_share(tally(listed, right=False), policy.min_specificity, policy),
        )
        for (criterion, name), listed in grouped.items()
    )


def _share(labels: Labelled, least: float, policy: JudgePolicy) -> Share:
    error = 1 - policy.confidence
    return Share(
        bound=bound_share(labels, low_error=error, high_error=error),
        least=least,
        wanted=labels_wanted(labels, least, policy.confidence),
    )
