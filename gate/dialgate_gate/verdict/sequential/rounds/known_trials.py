"""What trials of every case are known: those that steer, those that are evidence, those counted.

Knows counts by place of the case; leaves what is run next to `rounds.choosing` and what blocks
showed to `rounds.block_rounds`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.sequential.screened_case import ANY_THIN, THIN, Endpoint, Side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dialgate_gate.verdict.sequential.block import Block, Counts


@dataclass(slots=True, kw_only=True)
class KnownTrials:
    """Trials by place of the case; a block adds to them, and takes recorded ones as its own."""

    seen: NDArray[np.int64]
    # trials of each case on both sides that steer
    failed: dict[Endpoint, NDArray[np.int64]]
    left: NDArray[np.int64]
    # baseline trials on record that may still be evidence
    record_failed: dict[Endpoint, NDArray[np.int64]]
    # failures among them
    recorded: NDArray[np.int64]
    recorded_failed: dict[Endpoint, NDArray[np.int64]]
    # baseline trials of an earlier run: they give hints at a loss
    uses_record: bool
    # whether recorded trials are evidence
    counted: dict[Side, NDArray[np.int64]] = field(default_factory=dict)
    counted_failed: dict[Side, Counts] = field(default_factory=dict)
    # every trial that chose no case, by side, the record included: for the estimate

    def __post_init__(self) -> None:
        none = np.zeros(len(self.seen), dtype=np.int64)
        self.counted = {Side.BASELINE: self.recorded.copy(), Side.CANDIDATE: none}
        self.counted_failed = {Side.BASELINE: dict(self.recorded_failed), Side.CANDIDATE: {}}

    def use_record(self, block: Block, rng: np.random.Generator) -> NDArray[np.int64]:
        """Baseline trials on record that may be evidence come before fresh ones; how many, by case.

        The record counts failures by endpoint and not by trial. Failures of several endpoints are
        taken to be in the same trials, as they nearly always are: a class and the suite then see
        the same, and each endpoint alone is drawn as if it were the only one.
        """
        used = np.minimum(block.open[Side.BASELINE], self.left)
        for place in np.flatnonzero(used):
            drawn = None
            for endpoint, failed in self.record_failed.items():
                bad = int(failed[place])
                if not bad:
                    continue
                if drawn is None:
                    drawn = rng.permutation(int(self.left[place]))[: int(used[place])]
                taken = int((drawn < bad).sum())
                failed[place] -= taken
                if taken:
                    block.add(Side.BASELINE, int(place), (endpoint,), taken)
        block.open[Side.BASELINE] = block.open[Side.BASELINE] - used
        self.left = self.left - used
        return used

    def passes_and_trials(
        self, endpoint: Endpoint, members: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of the trials that steer, how many of each case passed the endpoint, and all of them."""
        trials = self.seen[members]
        bad = self.failed.get(endpoint)
        return (trials if bad is None else trials - bad[members]), trials

    def losses_of_record(self, block: Block, endpoint: Endpoint) -> NDArray[np.float64]:
        """The block's rate of passes less the baseline's, its record included, by case."""
        ran, now = block.trials[Side.BASELINE], block.trials[Side.CANDIDATE]
        none = np.zeros_like(ran)
        bad = self.recorded_failed.get(endpoint, none)
        fresh = block.failed[Side.BASELINE].get(endpoint, none)
        before = (bad + fresh) / np.maximum(self.recorded + ran, 1)
        found: NDArray[np.float64] = before - (
            block.failed[Side.CANDIDATE].get(endpoint, none) / np.maximum(now, 1)
        )
        return found

    def remember(self, block: Block) -> None:
        """What the block showed steers what is run next, and counts for the estimate."""
        for side in Side:
            finished = block.finished(side)
            self.seen = self.seen + finished
            if not (self.uses_record and side is Side.BASELINE):
                self.counted[side] = self.counted[side] + finished
                _add_counts(self.counted_failed[side], block.failed[side])
            for endpoint, counts in block.failed[side].items():
                if endpoint in THIN or endpoint == ANY_THIN:
                    continue
                known = self.failed.get(endpoint)
                self.failed[endpoint] = counts.copy() if known is None else known + counts


def _add_counts(known: Counts, more: Counts) -> None:
    for endpoint, counts in more.items():
        known[endpoint] = known[endpoint] + counts if endpoint in known else counts.copy()
