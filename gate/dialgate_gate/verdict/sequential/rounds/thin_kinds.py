"""Failures that are rare in each case and spread over all: rates over all trials, tested once.

An agent that breaks off in one trial of twenty breaks no case. A hint, the record included, asks
for blocks of fresh pairs; only those decide. Leaves the sentence to `sequential.deciding`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.sequential.screened_case import ANY_THIN, THIN, Kind, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_gate.verdict.blocks.running_products import LossProduct
    from dialgate_gate.verdict.sequential.block import Block
    from dialgate_gate.verdict.sequential.screened_case import Endpoint

_HINT = 1.5
# nats in favour of two rates instead of one
_FEWEST = 2
# trials of the candidate


@dataclass(slots=True, kw_only=True)
class ThinKinds:
    """How often each kind came on each side, and the evidence of fresh pairs."""

    error: float
    loss: LossProduct
    trials: Counter[Side] = field(default_factory=Counter)
    counts: dict[Side, Counter[Kind]] = field(default_factory=lambda: {s: Counter() for s in Side})

    def note(self, side: Side, trials: int, failed: Mapping[Endpoint, int]) -> None:
        """Counts trials of the record or of screening."""
        self.trials[side] += trials
        for endpoint, number in failed.items():
            if endpoint in THIN:
                self.counts[side][endpoint.kind] += number

    def count(self, block: Block) -> None:
        """Counts a block's trials."""
        for side in Side:
            self.trials[side] += int(block.finished(side).sum())
            for endpoint, numbers in block.failed[side].items():
                if endpoint in THIN:
                    self.counts[side][endpoint.kind] += int(numbers.sum())

    def add_pairs(self, block: Block) -> None:
        """Takes in a fresh pair of every case."""
        self.loss.add(block.differences(ANY_THIN, np.arange(self.loss.cases), against=False))

    @property
    def is_shown(self) -> bool:
        """Whether these failures rose."""
        return self.loss.shows(0.0, self.error)

    @property
    def wants_pairs(self) -> bool:
        """Whether they look risen, so that a fresh pair of every case is due."""
        return not self.is_shown and bool(self.risen)

    @property
    def risen(self) -> tuple[Kind, ...]:
        """The kinds that came clearly more often than before, the most frequent first."""
        now = self.counts[Side.CANDIDATE]
        found = [kind for kind in now if self._hint(kind) > _HINT]
        return tuple(sorted(found, key=lambda kind: (-now[kind], kind)))

    def _hint(self, kind: Kind) -> float:
        now, trials = self.counts[Side.CANDIDATE][kind], self.trials[Side.CANDIDATE]
        before, earlier = self.counts[Side.BASELINE][kind], self.trials[Side.BASELINE]
        if now < _FEWEST or now * max(earlier, 1) <= before * trials:
            return 0.0
        common = _log_likelihood(now + before, trials + earlier)
        return _log_likelihood(now, trials) + _log_likelihood(before, earlier) - common


def _log_likelihood(number: int, trials: int) -> float:
    """At the rate that fits best."""
    if number in {0, trials}:
        return 0.0
    return number * log(number / trials) + (trials - number) * log(1 - number / trials)
