"""The trials that a run has to make, as few numbers: a million take no memory of their own."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from dialgate_evals.running.engine import DueTrial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.suite.case import Case


class DueTrials(Sequence[DueTrial]):
    """Trials of these cases: every case once, then every case a second time, and so on.

    >>> from types import SimpleNamespace
    >>> due = DueTrials([SimpleNamespace(id="a"), SimpleNamespace(id="b")], trials=2)
    >>> [(item.case.id, item.trial) for item in due.only([0, 3])]
    [('a', 0), ('b', 1)]
    """

    def __init__(
        self, cases: Sequence[Case], trials: int, *, positions: Sequence[int] | None = None
    ) -> None:
        """`positions` of those that are due among all of them; None: all are."""
        self._cases, self._trials = cases, trials
        self._positions = range(len(cases) * trials) if positions is None else positions

    def only(self, chosen: Sequence[int]) -> DueTrials:
        """Those at these places in this sequence."""
        if len(chosen) == len(self):
            return self
        positions = array("Q", map(self._positions.__getitem__, chosen))
        return DueTrials(self._cases, self._trials, positions=positions)

    def __len__(self) -> int:
        return len(self._positions)

    def __iter__(self) -> Iterator[DueTrial]:
        return map(self._trial, self._positions)

    @overload
    def __getitem__(self, index: int) -> DueTrial: ...
    @overload
    def __getitem__(self, index: slice) -> DueTrials: ...
    def __getitem__(self, index: int | slice) -> DueTrial | DueTrials:
        if isinstance(index, slice):
            positions = self._positions[index]
            return DueTrials(self._cases, self._trials, positions=positions)
        return self._trial(self._positions[index])

    def _trial(self, position: int) -> DueTrial:
        trial, index = divmod(position, len(self._cases))
        return DueTrial(case=self._cases[index], trial=trial)
