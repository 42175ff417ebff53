"""Screen, confirm, decide: asks for trials, takes in what came back, stops once it is decided.

Knows the order of things and the budget; leaves the evidence to `sequential.confirmation` and
`sequential.rounds.block_rounds`, and sentences to `sequential.deciding`.

The order: suspects that the baseline never failed get a few pairs, because a break shows there
before any block is paid for; the first block is the candidate's screening with what is missing of
it; the second is chosen; the suspects that are left get their pairs, of which the first two are
their part of the second block; the rest of it is run; then block after block.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from dialgate_gate.verdict.sequential.confirmation import SHARED_PAIRS, Confirmation
from dialgate_gate.verdict.sequential.deciding.gate_decision import decide_gate
from dialgate_gate.verdict.sequential.screened_case import (
    Endpoint,
    Kind,
    ScreenedCase,
    Side,
    TrialRequest,
    failed_by_acting,
)

if TYPE_CHECKING:
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.class_rules import ClassRules
    from dialgate_gate.verdict.sequential.block import Block
    from dialgate_gate.verdict.sequential.critical_cases import CriticalCases
    from dialgate_gate.verdict.sequential.decision import GateDecision
    from dialgate_gate.verdict.sequential.rounds.block_rounds import BlockRounds
    from dialgate_gate.verdict.sequential.rounds.choosing import NextBlock

_BUDGET_HOPE = 0.7
# of the nats still missing, at the price expected: more than is left of the budget is not begun


class _Phase(StrEnum):
    EARLY_PAIRS = "early pairs"
    FIRST_BLOCK = "first block"
    PAIRS = "pairs"
    BLOCKS = "blocks"


_PAIRING = {_Phase.EARLY_PAIRS, _Phase.PAIRS}


@dataclass(slots=True, kw_only=True)
class SequentialGate:
    """`next_requests` and `observe` take turns until nothing is asked for; `decide` at any time.

    Screening trials choose suspects and are part of the first block; only fresh trials that were
    asked for show a regression, so looking after every one of them errs no more often.
    """

    policy: GatePolicy
    cases: dict[str, ScreenedCase]
    confirmation: Confirmation
    rounds: BlockRounds
    current: NextBlock | None
    # the block under way or next
    batch: int
    # suspects tried side by side; smaller saves calls, larger saves time
    widest: int
    # as many as they may become: each round of pairs that decided nothing doubles them
    agent_calls: int
    screening_calls: int
    # of them, those made before the first fresh trial
    critical: CriticalCases
    phase: _Phase = _Phase.EARLY_PAIRS
    asked: Counter[tuple[str, Side]] = field(default_factory=Counter)
    running: bool = False
    # whether what is asked for is the current block's
    budget_spent: bool = False
    carried: int = 0
    # fresh trials of an earlier check that this one goes on from: paid for then
    _places: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._places = dict(zip(self.cases, range(len(self.cases)), strict=True))

    def next_requests(self, affordable: int | None = None) -> tuple[TrialRequest, ...]:
        """Trials to run now; empty once it is decided or the budget is spent.

        affordable: agent calls that another budget than max_agent_calls still pays for.
        Raises ValueError while something asked for is neither observed nor given up.
        """
        if self.asked:
            waiting = ", ".join(sorted({case_id for case_id, _ in self.asked}))
            raise ValueError(f"found no observation of {waiting}")
        left = self.policy.max_agent_calls - self.agent_calls + self.carried
        left = left if affordable is None else min(left, affordable)
        requests = self._next(left)
        # Nothing was left over, and nothing is asked for twice.
        self.asked.update({(asked.case_id, asked.side): asked.count for asked in requests})
        self.agent_calls += sum(asked.count for asked in requests)
        return requests

    def _next(self, left: int) -> tuple[TrialRequest, ...]:
        if self.running:
            self._finish_block()
        while not self.is_failed:
            if self.phase in _PAIRING:
                requests = self._pairs(left)
                if requests or self.budget_spent:
                    return requests
                is_early = self.phase is _Phase.EARLY_PAIRS
                self.phase = _Phase.FIRST_BLOCK if is_early else _Phase.BLOCKS
            requests = self._rest_of_block(left)
            if requests or self.budget_spent or not self.running:
                return requests
            self._finish_block()
        return ()

    @property
    def is_failed(self) -> bool:
        """Whether a regression is shown or a critical case broke: no further trial can help."""
        return bool(
            self.critical.broken
            or any(self.fails_by(endpoint) for endpoint in self.confirmation.tests.shown())
            or any(unit.is_loss_shown for unit in self.rounds.units)
            or self.rounds.thin.is_shown
        )

    def fails_by(self, endpoint: Endpoint) -> bool:
        """Whether what is shown on the endpoint is more than its class tolerates."""
        rules = self._rules(endpoint)
        most = {Kind.SILENCE: rules.max_new_silent, Kind.INVALID: rules.max_new_invalid}
        tolerated = most.get(endpoint.kind, 0)
        return not tolerated or len(self.confirmation.confirmed_cases(endpoint)) > tolerated

    def _rules(self, endpoint: Endpoint) -> ClassRules:
        units = self.rounds.units
        return next((u for u in units if u.name == endpoint.action_class), units[0]).rules

    def observe(self, case_id: str, side: Side, failed: frozenset[Endpoint]) -> None:
        """Take in one fresh trial: the endpoints it failed.

        Raises ValueError for a trial that was not asked for: evidence chosen by hand is none.
        """
        self._answer(case_id, side)
        if self.cases[case_id].critical:
            self.critical.note(case_id, side, failed)
        if self.phase not in _PAIRING:
            self._block.add(side, self._places[case_id], failed)
            return
        self._share_pair(case_id, side, failed)
        acting = failed_by_acting(failed)
        if side is Side.CANDIDATE:
            self.confirmation.observe_candidate(case_id, acting)
        else:
            self.confirmation.observe_baseline(case_id, acting)

    @property
    def is_running_block(self) -> bool:
        """Whether what is asked for is a block's rest: there a trial that passes counts nowhere."""
        return self.phase not in _PAIRING

    def observe_passes(self) -> None:
        """All that is still asked for of the block passed. Raises ValueError outside of one."""
        if not self.is_running_block:
            raise ValueError("found passes taken in together where each is a pair's half")
        self.asked.clear()

    def give_up(self, case_id: str, side: Side) -> None:
        """A trial that could not be run: it says nothing, and what needed it stays open.

        In a block it counts at its worst. Raises ValueError for a trial that was not asked for.
        """
        self._answer(case_id, side)
        if self.phase not in _PAIRING:
            self._block.lose(side, self._places[case_id])
            return
        item = self.confirmation.cases[case_id]
        if item.shares and self.current is not None:
            place = self._places[case_id]
            for name in Side:
                for _ in range(int(self._block.open[name][place])):
                    self._block.lose(name, place)
                self._block.open[name][place] = 0
        self.confirmation.give_up(case_id)

    def decide(self, *, with_bounds: bool = True) -> GateDecision:
        """The decision as things stand; before `next_requests` is empty much is inconclusive.

        with_bounds: whether intervals are worked out, which costs more than all the rest.
        """
        return decide_gate(
            policy=self.policy,
            confirmation=self.confirmation,
            rounds=self.rounds,
            fails_by=self.fails_by,
            critical=(self.critical.broken, self.critical.refused),
            calls=(self.agent_calls, self.screening_calls),
            budget_spent=self.budget_spent,
            with_bounds=with_bounds,
        )

    @property
    def _block(self) -> Block:
        assert self.current is not None
        return self.current.block

    def _share_pair(self, case_id: str, side: Side, failed: frozenset[Endpoint]) -> None:
        """A pair that is part of the block counts there too."""
        item = self.confirmation.cases[case_id]
        if not item.shares or self.current is None:
            return
        place = self._places[case_id]
        if self._block.open[side][place] > 0:
            self._block.open[side][place] -= 1
            self._block.add(side, place, failed)

    def _pairs(self, left: int) -> tuple[TrialRequest, ...]:
        """The baseline's half of pairs whose candidate failed, else the next pairs."""
        waiting = self.confirmation.awaiting_baseline()
        if waiting:
            return tuple(TrialRequest(case_id=i, side=Side.BASELINE) for i in waiting)
        confirmation = self.confirmation
        is_early = self.phase is _Phase.EARLY_PAIRS
        worth_it = confirmation.early_to_try() if is_early else confirmation.still_to_try()
        most = max(0, min(self.batch, left // 2))
        found = list(islice(worth_it, max(1, most)))
        self.batch = max(self.batch, min(self.widest, 2 * self.batch))
        self.budget_spent |= bool(found) and not most
        requests = []
        for item in found[:most]:
            requests.append(TrialRequest(case_id=item.case.id, side=Side.CANDIDATE))
            if item.owes_pairs:
                requests.append(TrialRequest(case_id=item.case.id, side=Side.BASELINE))
        return tuple(requests)

    def _rest_of_block(self, left: int) -> tuple[TrialRequest, ...]:
        """What is still to be run of the current block; chooses the next where there is none."""
        if self.current is None:
            self.current = self.rounds.choose_next()
            if self.current is None or self._is_too_dear(self.current, left):
                self.running = False
                return ()
        if self.current.block.missing_trials > left:
            self.budget_spent = True
            self.running = False
            return ()
        self.running = True
        return self.current.block.requests(tuple(self.cases), self.rounds.chooser.rng)

    def _is_too_dear(self, item: NextBlock, left: int) -> bool:
        """Whether what is missing costs more than is left, by the price expected."""
        units = self.rounds.open_units
        if item.full or not units or item.price <= 0:
            return False
        need = max(unit.need for unit in units)
        self.budget_spent |= _BUDGET_HOPE * need / item.price > left
        return self.budget_spent

    def _finish_block(self) -> None:
        """Takes the block in and chooses what comes after the first one."""
        assert self.current is not None
        self.rounds.take_in(self.current)
        self.current, self.running = None, False
        if self.phase is _Phase.FIRST_BLOCK:
            self.phase = _Phase.PAIRS
            self._choose_second()

    def _choose_second(self) -> None:
        """Suspects' next pairs are their part of the second block, where there is one."""
        suspects = {i: item for i, item in self.confirmation.cases.items() if not item.is_answered}
        may_share = self.policy.confirm_trials >= SHARED_PAIRS
        places = [self._places[case_id] for case_id in suspects] if may_share else []
        self.current = self.rounds.choose_next(suspects=places)
        if self.current is None:
            return
        for case_id, item in suspects.items():
            place = self._places[case_id]
            item.shares = may_share and self.current.block.options[place] >= 0
            item.early = item.pairs
        self.confirmation.rank_again()

    def _answer(self, case_id: str, side: Side) -> None:
        if not self.asked[case_id, side]:
            del self.asked[case_id, side]
            raise ValueError(f"found a {side} trial of {case_id}, which was not asked for")
        self.asked[case_id, side] -= 1
        if not self.asked[case_id, side]:
            del self.asked[case_id, side]
