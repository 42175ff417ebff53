"""One block of trials: what each case runs, and the difference that it shows.

Knows counts; leaves choosing options to `verdict.blocks.steering` and evidence to
`verdict.blocks.running_products`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.blocks.options import OPTIONS
from dialgate_gate.verdict.sequential.screened_case import Side, TrialRequest, voted_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from dialgate_gate.verdict.blocks.votes import Votes
    from dialgate_gate.verdict.sequential.screened_case import Endpoint

_N = np.array([option.candidate_trials for option in OPTIONS])
_H = np.array([option.baseline_trials for option in OPTIONS])
_PC = np.array([option.candidate_chance for option in OPTIONS])
_PB = np.array([option.baseline_chance for option in OPTIONS])

Counts = dict["Endpoint", "NDArray[np.int64]"]


@dataclass(slots=True, kw_only=True)
class Block:
    """Trials of a block by place of the case; a case that isn't in it has no trials."""

    options: NDArray[np.int64]
    # a place in OPTIONS; -1: not in the block
    ran: dict[Side, NDArray[np.bool_]]
    # what the coins said
    trials: dict[Side, NDArray[np.int64]]
    # that count, recorded ones too; 0 where the coin said no
    open: dict[Side, NDArray[np.int64]]
    # of them, still to be run
    failed: dict[Side, Counts] = field(default_factory=lambda: {side: {} for side in Side})
    missing: dict[Side, NDArray[np.int64]] = field(default_factory=dict)
    # trials that could not be run: counted at their worst

    def add(self, side: Side, place: int, failed: Iterable[Endpoint], count: int = 1) -> None:
        """Counts trials that failed these endpoints."""
        counts = self.failed[side]
        for endpoint in failed:
            if endpoint not in counts:
                counts[endpoint] = np.zeros(len(self.options), dtype=np.int64)
            counts[endpoint][place] += count

    def lose(self, side: Side, place: int) -> None:
        """A trial could not be run."""
        if side not in self.missing:
            self.missing[side] = np.zeros(len(self.options), dtype=np.int64)
        self.missing[side][place] += 1

    @property
    def missing_trials(self) -> int:
        """How many are still to be run, of both sides."""
        return sum(int(counts.sum()) for counts in self.open.values())

    def requests(self, ids: Sequence[str], rng: np.random.Generator) -> tuple[TrialRequest, ...]:
        """What is still to be run, in random order, so that both sides meet the same times."""
        sides = tuple(Side)
        counts = np.stack([self.open[side] for side in sides], axis=1)
        places, columns = counts.nonzero()
        order = rng.permutation(len(places))
        places, columns = places[order], columns[order]
        return tuple(
            map(
                TrialRequest,
                [ids[place] for place in places.tolist()],
                [sides[column] for column in columns.tolist()],
                counts[places, columns].tolist(),
            )
        )

    def differences(
        self,
        endpoint: Endpoint,
        members: NDArray[np.int64],
        *,
        against: bool = True,
        votes: Votes | None = None,
    ) -> NDArray[np.float64]:
        """The candidate's share of passes less the baseline's, by case; unbiased, or lower.

        against: a trial that could not be run counts against the candidate, else for it. votes:
        how failures count where a judge found some of them; a missing trial counts most of all.
        """
        if votes is None:
            return self._less(endpoint, members, against=against)
        judged = voted_on(endpoint)
        voted = self._less(judged, members, against=against)
        acting = self._less(endpoint, members, against=against) - voted
        return votes.difference(members, acting, voted, against=against)

    def _less(
        self, endpoint: Endpoint, members: NDArray[np.int64], *, against: bool
    ) -> NDArray[np.float64]:
        """The baseline's failures less the candidate's, each over the chance of its being run."""
        chosen = self.options[members]
        worse = self._share(Side.CANDIDATE, endpoint, members, counts_missing=against)
        better = self._share(Side.BASELINE, endpoint, members, counts_missing=not against)
        found: NDArray[np.float64] = better / _PB[chosen] - worse / _PC[chosen]
        return found

    def _share(
        self, side: Side, endpoint: Endpoint, members: NDArray[np.int64], *, counts_missing: bool
    ) -> NDArray[np.float64]:
        """The share of the side's trials that failed."""
        bad = np.zeros(len(members), dtype=np.int64)
        counted = self.failed[side].get(endpoint)
        if counted is not None:
            bad = bad + counted[members]
        if counts_missing and side in self.missing:
            bad = bad + self.missing[side][members]
        return bad / np.maximum(self.trials[side][members], 1)

    def finished(self, side: Side) -> NDArray[np.int64]:
        """Trials of the side by case, but for those that could not be run."""
        lost = self.missing.get(side)
        return self.trials[side] if lost is None else self.trials[side] - lost


def draw_block(options: NDArray[np.int64], rng: np.random.Generator) -> Block:
    """A block of these options: the gate's coins say which sides of which cases are run."""
    inside = options >= 0
    coins = rng.random((2, len(options)))
    ran = {
        Side.CANDIDATE: inside & (coins[0] < _PC[options]),
        Side.BASELINE: inside & (coins[1] < _PB[options]) & (_H[options] > 0),
    }
    trials = {
        Side.CANDIDATE: np.where(ran[Side.CANDIDATE], _N[options], 0),
        Side.BASELINE: np.where(ran[Side.BASELINE], _H[options], 0),
    }
    return Block(
        options=options,
        ran=ran,
        trials=trials,
        open={side: counts.copy() for side, counts in trials.items()},
    )
