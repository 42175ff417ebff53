"""Which block is next: what each case runs, and the stakes at which each unit uses it.

Knows units and known trials; leaves when a block is due, and what it showed, to
`rounds.block_rounds`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.blocks.options import OPTIONS, PAIR, Option
from dialgate_gate.verdict.blocks.steering import best_stake, choose_block, group_cases
from dialgate_gate.verdict.sequential.block import Block, draw_block
from dialgate_gate.verdict.sequential.screened_case import SUITE, Endpoint, Side

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from dialgate_gate.verdict.blocks.steering import BlockChoice, CaseGroups
    from dialgate_gate.verdict.sequential.rounds.known_trials import KnownTrials
    from dialgate_gate.verdict.sequential.unit import Unit

Stakes = dict[str, dict["Endpoint", float | None]]
"""By unit and endpoint; None: the mixture of stakes that stands before anything is seen."""
_PAIRED = np.array(
    [o.is_certain and o.baseline_chance == 1 and o.baseline_trials > 0 for o in OPTIONS]
)
TWO_PAIRS = OPTIONS.index(Option(2, 2))
_FULL_STAKE = 0.8
_USUAL_PRICE = 0.006


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
class BlockChooser:
    """Chooses blocks for units, the suite first among them; throws the gate's coins."""

    units: tuple[Unit, ...]
    known: KnownTrials
    rng: np.random.Generator
    _suspects: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _groups: dict[tuple[str, Endpoint], CaseGroups] = field(default_factory=dict)

    @property
    def suite(self) -> Unit:
        """The unit of all cases."""
        return self.units[0]

    def begin(self, suspects: Sequence[int]) -> None:
        """Forgets how cases were grouped; suspects' two pairs are their part of the next block."""
        self._groups.clear()
        self._suspects = np.array(suspects, dtype=np.int64)

    def first_of_record(self, *, half: bool) -> NextBlock:
        """The first block where the baseline's trials at hand are evidence.

        half: so many of them only, the rest is kept for later blocks; and since they are older
        than the candidate's, they show no loss.
        """
        block = draw_block(np.full(len(self.known.seen), PAIR), self.rng)
        left = self.known.left
        wanted = np.maximum(-(-left // 2) if half else left, 1)
        block.trials[Side.BASELINE] = wanted
        block.open[Side.BASELINE] = wanted.copy()
        self.known.use_record(block, self.rng)
        stakes: Stakes = {
            unit.name: dict.fromkeys(unit.endpoints)
            for unit in self.units
            if unit.name and not unit.is_barred
        }
        full = frozenset(unit.name for unit in self.units if not half)
        return NextBlock(block=block, stakes=stakes, full=full, is_shared=True, price=_USUAL_PRICE)

    def suite_block(
        self, full: Collection[str], waiting: Sequence[int], *, first: bool
    ) -> NextBlock | None:
        """Every case, as the suite needs it; the classes look on.

        full: names of units that are due a pair of every case. waiting: places of cases of which
        the suite has a difference that waits for the others'.
        """
        if self.suite.name in full:
            options, price = np.full(len(self.known.seen), PAIR), _USUAL_PRICE
            groups, margin = self.group(self.suite, SUITE), self.suite.shown_margin
            stake = best_stake(groups, options, margin=margin, highest=_FULL_STAKE)
        else:
            chosen = self._choose_for(self.suite, only_certain=first or bool(waiting))
            if chosen is None:
                return self._nothing(first=first)
            options, stake, price = chosen.options.copy(), chosen.stake, chosen.price
            options[list(waiting)] = -1
        stakes: Stakes = {} if waiting else {"": {SUITE: stake}}
        return self._next(options, stakes, is_shared=bool(waiting), price=price)

    def class_block(
        self, leaders: Sequence[Unit], full: Sequence[Unit], *, first: bool
    ) -> NextBlock | None:
        """The cases of the classes that lead, each as its class needs it."""
        options = np.full(len(self.known.seen), -1)
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

    def group(self, unit: Unit, endpoint: Endpoint) -> CaseGroups:
        """The unit's cases, grouped by what is known of them."""
        key = unit.name, endpoint
        if key not in self._groups:
            passes, trials = self.known.passes_and_trials(endpoint, unit.members)
            self._groups[key] = group_cases(passes, trials, self.known.left[unit.members])
        return self._groups[key]

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
        options = np.full(len(self.known.seen), OPTIONS.index(Option(1, 0)))
        return self._next(options, {"": {SUITE: 0.08}}, is_shared=False, price=_USUAL_PRICE)

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
        recorded = self.known.use_record(block, self.rng)
        for unit in self.units:
            if unit.name or not is_shared:
                self._set_stakes(unit, options, stakes)
        full = frozenset(
            unit.name
            for unit in self.units
            if _is_paired(options[unit.members]) and not recorded[unit.members].any()
        )
        return NextBlock(block=block, stakes=stakes, full=full, is_shared=is_shared, price=price)

    def _set_stakes(self, unit: Unit, options: NDArray[np.int64], stakes: Stakes) -> None:
        """A stake for every endpoint of a unit all of whose cases are in the block."""
        mine = options[unit.members]
        if unit.is_passed or unit.is_barred or (mine < 0).any():
            stakes.pop(unit.name, None)
            return
        known = stakes.setdefault(unit.name, {})
        if self.suite.success in stakes.get("", {}) and len(mine) == len(self.known.seen):
            known.setdefault(unit.success, stakes[""][SUITE])
        for endpoint in unit.endpoints:
            if endpoint not in known:
                groups = self.group(unit, endpoint)
                known[endpoint] = best_stake(groups, mine, margin=unit.margin_of(endpoint))

    def _choose_for(self, unit: Unit, *, only_certain: bool) -> BlockChoice | None:
        return choose_block(
            self.group(unit, unit.binding),
            margin=unit.margin_of(unit.binding),
            need=max(unit.need, 0.05),
            only_certain=only_certain,
        )


def _is_paired(options: NDArray[np.int64]) -> bool:
    """Whether every case runs on both sides for sure."""
    return bool((options >= 0).all() and _PAIRED[options].all())


def _larger(before: NDArray[np.int64], now: NDArray[np.int64]) -> NDArray[np.int64]:
    """For a case of several classes: the option with more trials."""
    size = np.array([o.candidate_trials + o.baseline_trials * o.baseline_chance for o in OPTIONS])
    found: NDArray[np.int64] = np.where((before < 0) | (size[now] > size[before]), now, before)
    return found
