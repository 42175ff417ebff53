"""Streams of tasks that are shared out between two releases, and what a rollout says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dialgate_gate.live.rollout.deciding import Decision, SideCounts, decide_class
from dialgate_gate.settings.rollout_policy import RolloutPolicy

POLICY = RolloutPolicy()
RATES = ((0.02, 0.02), (0.05, 0.05), (0.20, 0.20), (0.02, 0.07), (0.05, 0.10), (0.20, 0.25),
         (0.02, 0.04), (0.02, 0.12), (0.02, 0.30), (0.05, 0.01))  # fmt: skip
"""Unchanged; worse by the margin, never to be promoted; worse by less and by more; better."""


@dataclass(frozen=True, kw_only=True)
class Stream:
    baseline: float
    candidate: float
    share: float = 0.05
    tasks: int = 20_000
    every: int = 10
    # tasks of the candidate between two looks


@dataclass(frozen=True, kw_only=True)
class Found:
    promoted: float
    rolled_back: float
    median: int | None
    # candidate's tasks until the first decision; None: most streams have none


def simulate(stream: Stream, *, streams: int, seed: int) -> Found:
    rng = np.random.default_rng(seed)
    ever = {Decision.PROMOTE: 0, Decision.ROLL_BACK: 0}
    first = []
    for _ in range(streams):
        seen = _decisions(stream, rng)
        for decision in ever:
            ever[decision] += any(found is decision for _, found in seen)
        decided = [tasks for tasks, found in seen if found is not Decision.WAIT]
        first.append(decided[0] if decided else np.inf)
    median = float(np.median(first))
    return Found(
        promoted=ever[Decision.PROMOTE] / streams,
        rolled_back=ever[Decision.ROLL_BACK] / streams,
        median=None if np.isinf(median) else int(median),
    )


def _decisions(stream: Stream, rng: np.random.Generator) -> list[tuple[int, Decision]]:
    """Looks at growing counts; both kinds of decisions are looked for to the end."""
    is_new = rng.random(stream.tasks) < stream.share
    rate = np.where(is_new, stream.candidate, stream.baseline)
    intervened = rng.random(stream.tasks) < rate
    new, hits = np.cumsum(is_new), np.cumsum(intervened & is_new)
    old, olds = np.cumsum(~is_new), np.cumsum(intervened & ~is_new)
    seen: list[tuple[int, Decision]] = []
    wanted = {Decision.PROMOTE, Decision.ROLL_BACK}
    # Looks thin out as the stream grows, as looks at later days change little.
    place = 0
    while place < stream.tasks:
        place = min(stream.tasks, max(place + int(stream.every / stream.share), int(place * 1.04)))
        at = place - 1
        found = decide_class(
            "c", "on_the_loop", policy=POLICY, classes=1,
            baseline=SideCounts(reviewed=int(old[at]), intervened=int(olds[at])),
            candidate=SideCounts(reviewed=int(new[at]), intervened=int(hits[at])),
        ).decision  # fmt: skip
        seen.append((int(new[at]), found))
        wanted.discard(found)
        if not wanted:
            break
    return seen
