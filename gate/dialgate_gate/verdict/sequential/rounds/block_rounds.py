"""Blocks on the suite and its classes: which is due, and what each showed.

The suite comes first, because its blocks hold every case and count for every class at the class's
own stake; what is still open of classes then has blocks of its own. Leaves what a block runs to
`rounds.choosing`, suspects to `sequential.confirmation` and the order of things to
`sequential.procedure`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.blocks.running_products import SHARED_STAKES, SHARED_WEIGHTS
from dialgate_gate.verdict.sequential.screened_case import SUITE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.verdict.sequential.block import Block
    from dialgate_gate.verdict.sequential.rounds.choosing import BlockChooser, NextBlock
    from dialgate_gate.verdict.sequential.rounds.known_trials import KnownTrials
    from dialgate_gate.verdict.sequential.rounds.outage import OutageCount
    from dialgate_gate.verdict.sequential.rounds.thin_kinds import ThinKinds
    from dialgate_gate.verdict.sequential.screened_case import ScreenedCase
    from dialgate_gate.verdict.sequential.unit import Unit


@dataclass(slots=True, kw_only=True)
class BlockRounds:
    """The state of all units; blocks are chosen, run elsewhere and taken in."""

    cases: Sequence[ScreenedCase]
    chooser: BlockChooser
    outage: OutageCount
    thin: ThinKinds
    queue: list[deque[float]] = field(default_factory=list)
    # the suite's differences of each case in shared blocks that wait for the other cases; empty
    # until there is such a block
    done: int = 0
    # blocks taken in

    @property
    def units(self) -> tuple[Unit, ...]:
        """The suite first, then the classes."""
        return self.chooser.units

    @property
    def suite(self) -> Unit:
        """The unit of all cases."""
        return self.chooser.suite

    @property
    def known(self) -> KnownTrials:
        """Trials by case."""
        return self.chooser.known

    @property
    def open_units(self) -> tuple[Unit, ...]:
        """Units that further blocks could let pass."""
        return tuple(unit for unit in self.units if unit.is_open)

    @property
    def is_done(self) -> bool:
        """Whether no further block is worth it."""
        if any(unit.wants_pairs for unit in self.units) or self.thin.wants_pairs:
            return False
        return not self.open_units or any(unit.is_hopeless for unit in self.units)

    def choose_next(self, *, first: bool = False, suspects: Sequence[int] = ()) -> NextBlock | None:
        """The next block, its coins thrown; None where none is worth it.

        first: the candidate's first trials are there, so every case is in it for sure.
        suspects: places of cases whose two pairs are their part of the block.
        """
        self.chooser.begin(suspects)
        if self.is_done and not first:
            return None
        full = self._full_units()
        leaders = [unit for unit in self.open_units if self._leads(unit)]
        if self.suite in full or (not leaders and not full):
            waiting = [place for place, items in enumerate(self.queue) if items]
            return self.chooser.suite_block({unit.name for unit in full}, waiting, first=first)
        return self.chooser.class_block(leaders, full, first=first)

    def _leads(self, unit: Unit) -> bool:
        """Classes lead once the suite is through: by then its blocks have decided most of them."""
        return bool(unit.name) and not self.suite.is_open

    def _full_units(self) -> list[Unit]:
        if self.thin.wants_pairs and self.done:
            return [self.suite]
        return [unit for unit in self.units if unit.wants_pairs and self.done]

    def take_in(self, item: NextBlock) -> None:
        """Counts a finished block for every unit that uses it."""
        block = item.block
        is_capped = self.outage.take_in(block, self.chooser.group(self.suite, SUITE))
        for name, endpoints in item.stakes.items():
            unit = next(unit for unit in self.units if unit.name == name)
            for endpoint, stake in endpoints.items():
                found = unit.differences(block, endpoint)
                if stake is None:
                    unit.add(endpoint, found, stakes=SHARED_STAKES, weights=SHARED_WEIGHTS)
                else:
                    unit.add(endpoint, found, stakes=(stake,), is_capped=is_capped)
        if item.is_shared:
            self._enqueue(block, is_capped=is_capped)
        if not self.done:
            self._look_for_hints(block)
        self._count_losses(item)
        self.remember(block)
        self.done += 1
        for unit in self.units:
            unit.judge_hope()

    def _count_losses(self, item: NextBlock) -> None:
        """Pairs of every case of a unit count on the side that fails."""
        for unit in self.units:
            if unit.name not in item.full:
                continue
            found = unit.differences(item.block, unit.success, against=False)
            unit.loss.add(found)
            if self.done:
                unit.take_hint(found)
        if "" in item.full:
            self.thin.add_pairs(item.block)

    def _look_for_hints(self, block: Block) -> None:
        """The first block with the record beside it: does any unit look worse?"""
        for unit in self.units:
            unit.take_hint(self.known.losses_of_record(block, unit.success)[unit.members])

    def _enqueue(self, block: Block, *, is_capped: bool) -> None:
        """The suite takes a block once every case has one; none is ever left out."""
        if not self.queue:
            self.queue = [deque() for _ in self.cases]
        inside = np.flatnonzero(block.options >= 0)
        differences = self.suite.differences(block, SUITE, inside)
        for place, found in zip(inside, differences, strict=True):
            self.queue[place].append(float(found))
        while all(self.queue):
            found = np.array([items.popleft() for items in self.queue])
            self.suite.add(
                SUITE,
                found,
                stakes=SHARED_STAKES,
                weights=SHARED_WEIGHTS,
                is_continued=True,
                is_capped=is_capped,
            )

    def remember(self, block: Block) -> None:
        """What the block showed steers what is run next."""
        self.known.remember(block)
        self.thin.count(block)
