"""The draws of a variant: whole numbers one after the other, by which it can be made again.

Leaves where the numbers come from to the caller: hypothesis, or a variant's own seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")

MOST = 64
"""Numbers of one variant; a relation that draws more gets 0 for every further one."""


class Choices:
    """Draws from a source; `made` is what was drawn so far."""

    def __init__(self, source: Callable[[int], int]) -> None:
        """`source` gives a whole number from 0 up to, but not with, the one that it is given."""
        self._source = source
        self.made: list[int] = []

    def below(self, count: int) -> int:
        """A whole number from 0 up to, but not with, `count`, which is 1 or more."""
        number = self._source(count) if len(self.made) < MOST else 0
        self.made.append(number)
        return number

    def pick(self, items: Sequence[T]) -> T:
        """One of the items; the first is the simplest."""
        return items[self.below(len(items))]

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both with; `low` is the simplest."""
        return low + self.below(high - low + 1)


def replayed(numbers: Iterable[int]) -> Choices:
    """The draws that these numbers say; what is out of range is cut, what is missing is 0.

    >>> draws = replayed([1, 9])
    >>> draws.pick("ab"), draws.pick("ab"), draws.pick("ab")
    ('b', 'b', 'a')
    """
    left = iter(list(numbers))
    return Choices(lambda count: min(max(next(left, 0), 0), count - 1))
