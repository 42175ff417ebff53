"""How many trials go to a worker together: one where they take seconds, many where they take none.

Pure. A task costs a scheduler about a millisecond and a way there and back; trials that are handed
out and haven't begun are lost time where a worker turns out to be slow.
"""

from __future__ import annotations

from dataclasses import dataclass

LOT_S = 0.1
"""What a lot takes a worker, about: long beside the way there and back, short beside a run."""

MOST_TRIALS = 64
MOST_BYTES = 4 * 2**20
"""Of trajectories that come back together."""

_WEIGHT = 0.2
"""Of the newest trial in the mean of those before."""


@dataclass(slots=True)
class LotSizes:
    """What trials have taken so far, and the lot that follows from it."""

    latency_s: float | None = None
    # moving mean; None: no trial has ended yet
    size_bytes: float = 0.0
    # moving mean of a trajectory's

    def learn(self, latency_ms: float | None, size_bytes: int) -> None:
        """Takes in a trial that ended."""
        seconds = (latency_ms or 0.0) / 1000
        if self.latency_s is None:
            self.latency_s, self.size_bytes = seconds, float(size_bytes)
            return
        self.latency_s += _WEIGHT * (seconds - self.latency_s)
        self.size_bytes += _WEIGHT * (size_bytes - self.size_bytes)

    def lot(self, *, lanes: int, left: int, workers: int) -> int:
        """How many trials a worker with so many lanes gets at once; `left` are to be handed out.

        >>> LotSizes().lot(lanes=8, left=100, workers=2)  # nothing is known yet
        1
        >>> LotSizes(latency_s=5.0).lot(lanes=8, left=100, workers=2)
        1
        >>> LotSizes(latency_s=0.05).lot(lanes=8, left=1_000, workers=2)
        16
        >>> LotSizes(latency_s=0.001).lot(lanes=8, left=40, workers=4)  # the end is shared evenly
        5
        """
        if self.latency_s is None:
            return 1
        by_time = LOT_S * lanes / max(self.latency_s, 1e-4)
        by_size = MOST_BYTES / max(self.size_bytes, 1.0)
        evenly = -(-left // (2 * max(workers, 1)))
        return max(1, int(min(by_time, by_size, evenly, MOST_TRIALS)))

    def most_in_flight(self, *, lanes: int, lot: int) -> int:
        """Trials that a worker may hold: its lanes full, and the next at hand."""
        return lanes + max(1, 2 * lot - 1)
