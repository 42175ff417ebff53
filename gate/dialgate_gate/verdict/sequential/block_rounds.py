"""Blocks on the suite and its classes: which is next, at what stakes, and what it showed.

The suite comes first, because its blocks hold every case and count for every class at the class's
own stake; what is still open of classes then has blocks of its own. Knows blocks; leaves suspects
to `sequential.confirmation` and the order of things to `sequential.procedure`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.blocks.options import OPTIONS, PAIR, Option
from dialgate_gate.verdict.blocks.running_products import SHARED_STAKES, SHARED_WEIGHTS
from dialgate_gate.verdict.blocks.steering import best_stake, choose_block, group_cases
from dialgate_gate.verdict.sequential.block import Block, Counts, draw_block
from dialgate_gate.verdict.sequential.screened_case import ANY_THIN, SUITE, THIN, Endpoint, Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dialgate_gate.verdict.blocks.steering import BlockChoice, CaseGroups
    from dialgate_gate.verdict.sequential.outage import OutageCount
    from dialgate_gate.verdict.sequential.screened_case import ScreenedCase
    from dialgate_gate.verdict.sequential.thin_kinds import ThinKinds
    from dialgate_gate.verdict.sequential.unit import Unit

Stakes = dict[str, dict["Endpoint", float | None]]
"""By unit and endpoint; None: the mixture of stakes that stands before anything is seen."""
_PAIRED = np.array(
    [o.is_certain and o.baseline_chance == 1 and o.baseline_trials > 0 for o in OPTIONS]
)
TWO_PAIRS = OPTIONS.index(Option(2, 2))
_FULL_STAKE = 0.8


@dataclass(slots=True, kw_only=True)
class NextBlock:
    """A block that is chosen, and who uses it at which stakes."""

    block: Block
    stakes: Stakes
    # by unit and endpoint; the suite is not in it where it takes its blocks from the queue
    full: frozenset[str]
    # units whose every case runs on both sides for sure
    is_shared: bool
    # the suite counts it once every case has been in such a block
    price: float
    # nats a call expected of what leads it


@dataclass(slots=True, kw_only=True)
class BlockRounds:
    """The state of all units; blocks are chosen, run elsewhere and taken in."""

    cases: Sequence[ScreenedCase]
    units: tuple[Unit, ...]
    # the suite first
    rng: np.random.Generator
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
    outage: OutageCount
    thin: ThinKinds
    counted: dict[Side, NDArray[np.int64]] = field(default_factory=dict)
    counted_failed: dict[Side, Counts] = field(default_factory=dict)
    # every trial that chose no case, by side, the record included: for the estimate
    queue: list[deque[float]] = field(default_factory=list)
    # the suite's differences of each case in shared blocks that wait for the other cases
    done: int = 0
    # blocks taken in
    _suspects: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _groups: dict[tuple[str, Endpoint], CaseGroups] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.queue = [deque() for _ in self.cases]
        none = np.zeros(len(self.cases), dtype=np.int64)
        self.counted = {Side.BASELINE: self.recorded.copy(), Side.CANDIDATE: none}
        self.counted_failed = {Side.BASELINE: dict(self.recorded_failed), Side.CANDIDATE: {}}

    @property
    def suite(self) -> Unit:
        """The unit of all cases."""
        return self.units[0]

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
        self._groups.clear()
        self._suspects = np.array(suspects, dtype=np.int64)
        if self.is_done and not first:
            return None
        full = self._full_units()
        leaders = [unit for unit in self.open_units if self._leads(unit)]
        if self.suite in full or (not leaders and not full):
            return self._suite_block(full, first=first)
        return self._class_block(leaders, full, first=first)

    def first_of_record(self, *, half: bool) -> NextBlock:
        """The first block where the baseline's trials at hand are evidence.

        half: so many of them only, the rest is kept for later blocks; and since they are older
        than the candidate's, they show no loss.
        """
        options = np.full(len(self.cases), PAIR)
        block = draw_block(options, self.rng)
        wanted = -(-self.left // 2) if half else self.left
        wanted = np.maximum(wanted, 1)
        block.trials[Side.BASELINE] = wanted
        block.open[Side.BASELINE] = wanted.copy()
        self._use_record(block)
        stakes: Stakes = {
            unit.name: dict.fromkeys(unit.endpoints)
            for unit in self.units
            if unit.name and not unit.is_barred
        }
        full = frozenset(unit.name for unit in self.units if not half)
        return NextBlock(block=block, stakes=stakes, full=full, is_shared=True, price=0.006)

    def _leads(self, unit: Unit) -> bool:
        """Classes lead once the suite is through: by then its blocks have decided most of them."""
        return bool(unit.name) and not self.suite.is_open

    def _full_units(self) -> list[Unit]:
        if self.thin.wants_pairs and self.done:
            return [self.suite]
        return [unit for unit in self.units if unit.wants_pairs and self.done]

    def _suite_block(self, full: Sequence[Unit], *, first: bool) -> NextBlock | None:
        """Every case, as the suite needs it; the classes look on."""
        waiting = any(self.queue)
        options = np.full(len(self.cases), PAIR)
        groups, margin = self._group(self.suite, SUITE), self.suite.shown_margin
        stake, price = best_stake(groups, options, margin=margin, highest=_FULL_STAKE), 0.006
        if self.suite not in full:
            chosen = self._choose_for(self.suite, only_certain=first or waiting)
            if chosen is None:
                return self._nothing(first=first)
            options, stake, price = chosen.options.copy(), chosen.stake, chosen.price
        if waiting and self.suite not in full:
            options[[place for place, items in enumerate(self.queue) if items]] = -1
        stakes: Stakes = {} if waiting else {"": {SUITE: stake}}
        return self._next(options, stakes, is_shared=waiting, price=price)

    def _class_block(
        self, leaders: Sequence[Unit], full: Sequence[Unit], *, first: bool
    ) -> NextBlock | None:
        """The cases of the classes that lead, each as its class needs it."""
        options = np.full(len(self.cases), -1)
        stakes: Stakes = {}
        price = 0.0
        for unit in leaders:
            chosen = self._choose_for(unit, only_certain=True)
            if chosen is None:
                unit.is_hopeless = not first
                continue
            price = max(price, chosen.price)
            options[unit.members] = _larger(options[unit.members], chosen.options)
            stakes[unit.name] = {unit.binding: chosen.stake}
        for unit in full:
            options[unit.members] = PAIR
            stakes.pop(unit.name, None)
        if first:
            options = self._fill(options)
        if (options < 0).all():
            return None
        return self._next(options, stakes, is_shared=True, price=price)

    def _fill(self, options: NDArray[np.int64]) -> NDArray[np.int64]:
        """Options of cases that no leading class has, as the suite needs them."""
        chosen = self._choose_for(self.suite, only_certain=True)
        rest = OPTIONS.index(Option(1, 0)) if chosen is None else chosen.options
        return np.where(options < 0, rest, options)

    def _nothing(self, *, first: bool) -> NextBlock | None:
        """No block helps the suite; the first trials are taken in all the same."""
        if not first:
            self.suite.is_hopeless = not self.suite.is_passed
            return None
        options = np.full(len(self.cases), OPTIONS.index(Option(1, 0)))
        return self._next(options, {"": {SUITE: 0.08}}, is_shared=False, price=0.006)

    def _next(
        self,
        options: NDArray[np.int64],
        stakes: Stakes,
        *,
        is_shared: bool,
        price: float,
    ) -> NextBlock:
        mine = self._suspects
        options[mine] = np.where(options[mine] < 0, -1, TWO_PAIRS)
        block = draw_block(options, self.rng)
        recorded = self._use_record(block)
        for unit in self.units:
            if unit.name or not is_shared:
                self._set_stakes(unit, options, stakes)
        full = frozenset(
            unit.name
            for unit in self.units
            if _is_paired(options[unit.members]) and not recorded[unit.members].any()
        )
        return NextBlock(block=block, stakes=stakes, full=full, is_shared=is_shared, price=price)

    def _use_record(self, block: Block) -> NDArray[np.int64]:
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
                    drawn = self.rng.permutation(int(self.left[place]))[: int(used[place])]
                taken = int((drawn < bad).sum())
                failed[place] -= taken
                if taken:
                    block.add(Side.BASELINE, int(place), (endpoint,), taken)
        block.open[Side.BASELINE] = block.open[Side.BASELINE] - used
        self.left = self.left - used
        return used

    def _set_stakes(self, unit: Unit, options: NDArray[np.int64], stakes: Stakes) -> None:
        """A stake for every endpoint of a unit all of whose cases are in the block."""
        mine = options[unit.members]
        if unit.is_passed or unit.is_barred or (mine < 0).any():
            stakes.pop(unit.name, None)
            return
        known = stakes.setdefault(unit.name, {})
        if self.suite.success in stakes.get("", {}) and len(unit.members) == len(self.cases):
            known.setdefault(unit.success, stakes[""][SUITE])
        for endpoint in unit.endpoints:
            if endpoint not in known:
                groups = self._group(unit, endpoint)
                known[endpoint] = best_stake(groups, mine, margin=unit.margin_of(endpoint))

    def _choose_for(self, unit: Unit, *, only_certain: bool) -> BlockChoice | None:
        return choose_block(
            self._group(unit, unit.binding),
            margin=unit.margin_of(unit.binding),
            need=max(unit.need, 0.05),
            only_certain=only_certain,
        )

    def _group(self, unit: Unit, endpoint: Endpoint) -> CaseGroups:
        key = unit.name, endpoint
        if key not in self._groups:
            members = unit.members
            bad = self.failed.get(endpoint)
            trials = self.seen[members]
            passes = trials if bad is None else trials - bad[members]
            self._groups[key] = group_cases(passes, trials, self.left[members])
        return self._groups[key]

    def take_in(self, item: NextBlock) -> None:
        """Counts a finished block for every unit that uses it."""
        block = item.block
        is_capped = self.outage.take_in(block, self._group(self.suite, SUITE))
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
        ran, now = block.trials[Side.BASELINE], block.trials[Side.CANDIDATE]
        none = np.zeros_like(ran)
        for unit in self.units:
            bad = self.recorded_failed.get(unit.success, none)
            fresh = block.failed[Side.BASELINE].get(unit.success, none)
            before = (bad + fresh) / np.maximum(self.recorded + ran, 1)
            worse = block.failed[Side.CANDIDATE].get(unit.success, none) / np.maximum(now, 1)
            unit.take_hint((before - worse)[unit.members])

    def _enqueue(self, block: Block, *, is_capped: bool) -> None:
        """The suite takes a block once every case has one; none is ever left out."""
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
        self.thin.count(block)


def _add_counts(known: Counts, more: Counts) -> None:
    for endpoint, counts in more.items():
        known[endpoint] = known[endpoint] + counts if endpoint in known else counts.copy()


def _is_paired(options: NDArray[np.int64]) -> bool:
    """Whether every case runs on both sides for sure."""
    return bool((options >= 0).all() and _PAIRED[options].all())


def _larger(before: NDArray[np.int64], now: NDArray[np.int64]) -> NDArray[np.int64]:
    """For a case of several classes: the option with more trials."""
    size = np.array([o.candidate_trials + o.baseline_trials * o.baseline_chance for o in OPTIONS])
    found: NDArray[np.int64] = np.where((before < 0) | (size[now] > size[before]), now, before)
    return found
