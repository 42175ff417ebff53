"""The trials of a run while it goes on: the last ones in memory, earlier ones on disk.

A run of a million trials takes no more memory than one of some ten thousand. Knows the record's
order, whatever order the trials come in; leaves the journal and the tables to their modules.
"""

from __future__ import annotations

import heapq
from array import array
from collections import deque
from typing import TYPE_CHECKING

from dialgate_evals.records.writing.journal import Place
from dialgate_evals.records.writing.trials_on_disk import ScoredTrials, TrialFile, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.records.writing.trials_on_disk import Entry

MOST_HELD = 16_384
"""Scored trials in memory; with so many more they go to disk together."""


class RecordedTrials:
    """What is on record so far."""

    def __init__(self, cases: Iterable[str], folder: Path) -> None:
        """`cases` in the record's order; `folder`: on the disk that may hold what memory won't."""
        self._cases = tuple(cases)
        self._ranks = {case_id: rank for rank, case_id in enumerate(self._cases)}
        self._folder = folder
        self._scores: list[TrialScore] = []
        self._starts, self._lengths = array("q"), array("q")
        # where each stands in the journal; some may have no score yet
        self._cached: set[int] = set()
        # positions of those that come from an earlier run
        self._spilled: TrialFile | None = None
        self._lots: list[tuple[int, int]] = []
        # each in the record's order
        self._whole: ScoredTrials | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def are_scored(self) -> bool:
        """Whether every trial in the journal has its score."""
        return len(self._starts) == len(self._scores)

    def expect(self, place: Place) -> None:
        """A trial is in the journal; `add` must follow, in the same order."""
        self._starts.append(place.start)
        self._lengths.append(place.length)

    def add(self, score: TrialScore, *, is_cached: bool) -> None:
        """Takes in the score of the next trial that was expected."""
        assert self._whole is None, "nothing is added to what was read"
        if is_cached:
            self._cached.add(len(self._scores))
        self._scores.append(score)
        self._count += 1
        if len(self._scores) >= MOST_HELD:
            self._spill()

    def scores(self) -> Sequence[TrialScore]:
        """All scores: as they came where they are in memory, else in the record's order."""
        whole = self._on_disk()
        return tuple(self._scores) if whole is None else whole

    def replace(self, scores: Sequence[TrialScore]) -> None:
        """Takes other scores of the same trials, in any order."""
        assert len(scores) == len(self)
        other: dict[tuple[str, int], deque[TrialScore]] = {}
        for score in scores:
            other.setdefault((score.case_id, score.trial), deque()).append(score)
        whole = self._on_disk()
        if whole is None:
            self._scores = [other[old.case_id, old.trial].popleft() for old in self._scores]
            return
        entries = (
            pack(
                other[old.score.case_id, old.trial].popleft(),
                rank=old.rank,
                place=old.place,
                is_cached=old.is_cached,
            )
            for old in whole.entries()
        )
        self._whole = ScoredTrials(entries, cases=self._cases, folder=self._folder)

    def in_order(self) -> Iterator[TrialScore]:
        """All scores in the record's order."""
        whole = self._on_disk()
        return map(self._scores.__getitem__, self._order()) if whole is None else iter(whole)

    def places(self) -> Iterator[Place]:
        """Where each trial stands in the journal, in the record's order."""
        whole = self._on_disk()
        if whole is None:
            return (Place(self._starts[at], self._lengths[at]) for at in self._order())
        return (entry.place for entry in whole.entries())

    def cached(self) -> dict[str, list[int]]:
        """By case: its trials that come from an earlier run, which are no new evidence."""
        whole = self._on_disk()
        if whole is None:
            scores: Iterable[TrialScore] = (self._scores[at] for at in self._cached)
        else:
            scores = (entry.score for entry in whole.entries() if entry.is_cached)
        found: dict[str, list[int]] = {}
        for score in scores:
            found.setdefault(score.case_id, []).append(score.trial)
        return {case_id: sorted(found[case_id]) for case_id in sorted(found)}

    def _order(self) -> list[int]:
        """Positions of those in memory, in the record's order."""
        scores, ranks, behind = self._scores, self._ranks, len(self._ranks)
        return sorted(
            range(len(scores)),
            key=lambda at: (
                ranks.get(scores[at].case_id, behind),
                scores[at].case_id,
                scores[at].trial,
            ),
        )

    def _spill(self) -> None:
        """Writes what has its score to disk."""
        if self._spilled is None:
            self._spilled = TrialFile(self._folder)
        begin, count = self._spilled.end, len(self._scores)
        for _ in self._spilled.append(self._held()):
            pass
        self._lots.append((begin, self._spilled.end))
        self._scores = []
        self._cached.clear()
        del self._starts[:count], self._lengths[:count]

    def _held(self) -> Iterator[Entry]:
        for at in self._order():
            yield pack(
                self._scores[at],
                rank=self._ranks.get(self._scores[at].case_id, len(self._ranks)),
                place=Place(self._starts[at], self._lengths[at]),
                is_cached=at in self._cached,
            )

    def _on_disk(self) -> ScoredTrials | None:
        """All of them in one file; None where they are all in memory."""
        if self._whole is None and self._spilled is not None:
            lots = [self._spilled.read(*lot) for lot in self._lots]
            entries = heapq.merge(*lots, self._held(), key=self._key)
            self._whole = ScoredTrials(entries, cases=self._cases, folder=self._folder)
            self._spilled, self._scores = None, []
            self._cached.clear()
            del self._starts[:], self._lengths[:]
        return self._whole

    def _key(self, entry: Entry) -> tuple[int, str, int]:
        stranger = entry.score.case_id if entry.rank == len(self._ranks) else ""
        return entry.rank, stranger, entry.trial
