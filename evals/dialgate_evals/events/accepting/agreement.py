"""How far two reviewers agree on what both decided: Cohen's kappa, with the counts it is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two reviewers' decisions on the items that both decided, as right or not right."""

    first: str
    second: str
    both_right: int
    both_not: int
    only_first: int
    # right by the first alone
    only_second: int
    differ_in_what: int = 0
    # of both_not: they ask for different things to happen

    @property
    def items(self) -> int:
        """Items that both decided."""
        return self.both_right + self.both_not + self.only_first + self.only_second

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa on right and not right; None where chance alone explains agreement.

        Agreement beyond what the two shares of "right" give by chance: 1 is perfect, 0 is chance.
        It has no value where both reviewers only ever used the same one word.
        Source: J. Cohen (1960), A coefficient of agreement for nominal scales, equation 1.

        >>> Agreement(first="a", second="b", both_right=20, both_not=15, only_first=5,
        ...           only_second=10).kappa
        0.4
        """
        n = self.items
        if n == 0:
            return None
        observed = (self.both_right + self.both_not) * n
        first, second = self.both_right + self.only_first, self.both_right + self.only_second
        by_chance = first * second + (n - first) * (n - second)
        if by_chance == n * n:
            return None
        return (observed - by_chance) / (n * n - by_chance)


def compare_reviewers(
    first: str, ones: Mapping[str, str], second: str, others: Mapping[str, str], right: str
) -> Agreement:
    """The agreement of two reviewers; each mapping is item to what the reviewer asks for.

    `right` is how "right" is written there; any other text is what should happen instead.
    """
    both = [(ones[item], others[item]) for item in ones if item in others]
    return Agreement(
        first=first,
        second=second,
        both_right=sum(one == other == right for one, other in both),
        both_not=sum(right not in (one, other) for one, other in both),
        only_first=sum(one == right != other for one, other in both),
        only_second=sum(other == right != one for one, other in both),
        differ_in_what=sum(right not in (one, other) and one != other for one, other in both),
    )
