"""Does the judge err otherwise on the candidate's texts than on all others? Then no vote decides.

An agent can learn to please a judge; no label of the baseline tells. Knows labels with votes;
leaves taking votes away to whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.licensing.standing import tally
from dialgate_gate.statistics.judged.judge_errors import bound_share
from dialgate_gate.wording import count_of, show_points, show_rate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from dialgate_gate.licensing.measured import Measured
    from dialgate_gate.statistics.judged.judge_errors import ErrorBound

SHIFT_ERROR = 0.05
"""The chance that a judge which errs alike on both is said not to, over all criteria and looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeShift:
    """A share of one criterion that differs between the candidate's texts and all others."""

    criterion: str
    is_right: bool
    # of right texts let pass (sensitivity), else of wrong ones refused (specificity)
    own: ErrorBound
    # on the candidate's
    others: ErrorBound
    most: float
    # max_shift

    @property
    def difference(self) -> tuple[float, float]:
        """The candidate's share less the others', at least and at most."""
        return self.own.low - self.others.high, self.own.high - self.others.low

    @property
    def is_shown(self) -> bool:
        """Whether it is more than the policy allows, by bounds that hold at every look."""
        low, high = self.difference
        return low > self.most or high < -self.most

    @property
    def sentence(self) -> str:
        """What is shown, and what it rests on."""
        what = "right texts it lets pass" if self.is_right else "wrong texts it refuses"
        low, high = self.difference
        return (
            f'The judge errs otherwise on the candidate\'s texts, so votes on "{self.criterion}" '
            f"were withheld: of {what}, the share differs by {show_points(low)} to "
            f"{show_points(high)} from that on all others, and max_shift allows "
            f"{show_rate(self.most)} ({count_of(self.own.labels.cases, 'case')} with a label of "
            f"the candidate's texts, {self.others.labels.cases:,} of others). People have to say "
            "whether its replies are right, or the criterion has to be said better."
        )


def find_shifts(
    listed: Sequence[Measured], criteria: Iterable[str], *, own: Collection[str], most: float
) -> tuple[JudgeShift, ...]:
    """The shares that are shown to differ by more than `most`, by criterion.

    own: digests of the candidate's questions. All bounds hold together but for SHIFT_ERROR, at any
    number of looks (`judge_errors.lower_bound`).
    """
    names = sorted(set(criteria))
    error = SHIFT_ERROR / (8 * max(len(names), 1))
    found = []
    for name in names:
        mine = [item for item in listed if item.criterion == name]
        parts = [[], []]  # type: list[list[Measured]]
        for item in mine:
            parts[item.settled.label.question.digest in own].append(item)
        for is_right in (True, False):
            others, ours = (
                bound_share(tally(part, right=is_right), low_error=error, high_error=error)
                for part in parts
            )
            found.append(
                JudgeShift(criterion=name, is_right=is_right, own=ours, others=others, most=most)
            )
    return tuple(item for item in found if item.is_shown)
