"""Screen, confirm, decide: asks for trials, takes in what came back, stops once it is decided.

Knows the order of things and the budget; leaves the evidence to `sequential.confirmation`,
the margin to `sequential.margin_looks` and sentences to `sequential.deciding`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_gate.verdict.sequential.confirmation import Confirmation, start_confirmation
from dialgate_gate.verdict.sequential.deciding import decide_gate
from dialgate_gate.verdict.sequential.margin_rounds import MarginRounds
from dialgate_gate.verdict.sequential.screened_case import (
    SUITE,
    Endpoint,
    ScreenedCase,
    Side,
    TrialRequest,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.settings.policy import GatePolicy
    from dialgate_gate.verdict.sequential.decision import GateDecision


@dataclass(slots=True, kw_only=True)
class SequentialGate:
    """`next_requests` and `observe` take turns until nothing is asked for; `decide` at any time.

    Screening trials choose suspects and enter the interval; only fresh trials that were asked for
    enter a test, so looking after every one of them errs no more often.
    """

    policy: GatePolicy
    cases: dict[str, ScreenedCase]
    confirmation: Confirmation
    rounds: MarginRounds
    batch: int
    # cases tried side by side; smaller saves calls, larger saves time
    agent_calls: int
    screening_calls: int
    # of them, those made before the first fresh trial
    asked: Counter[tuple[str, Side]] = field(default_factory=Counter)
    broken_critical: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    # critical cases that no baseline trial failed so far
    budget_spent: bool = False

    def next_requests(self, affordable: int | None = None) -> tuple[TrialRequest, ...]:
        """Trials to run now; empty once it is decided or the budget is spent.

        affordable: agent calls that another budget than max_agent_calls still pays for.
        Raises ValueError while something asked for is neither observed nor given up.
        """
        if self.asked:
            waiting = ", ".join(sorted({case_id for case_id, _ in self.asked}))
            raise ValueError(f"found no observation of {waiting}")
        if self.is_failed:
            return ()
        left = self.policy.max_agent_calls - self.agent_calls
        left = left if affordable is None else min(left, affordable)
        requests = self._open_pairs() or self._next_pairs(left) or self._next_round(left)
        self.asked.update({(r.case_id, r.side): r.count for r in requests})
        self.agent_calls += sum(request.count for request in requests)
        return requests

    @property
    def is_failed(self) -> bool:
        """Whether a regression is shown or a critical case broke: no further trial can help."""
        return bool(self.broken_critical & self.held or self.confirmation.tests.shown())

    def observe(self, case_id: str, side: Side, failed: frozenset[Endpoint]) -> None:
        """Take in one fresh trial: the endpoints it failed.

        Raises ValueError for a trial that was not asked for: evidence chosen by hand is none.
        """
        self._answer(case_id, side)
        self._watch_critical(case_id, side, failed)
        if self.rounds.is_running:
            self.rounds.observe(case_id, side, failed)
        elif side is Side.CANDIDATE:
            self.confirmation.observe_candidate(case_id, failed)
        else:
            self.confirmation.observe_baseline(case_id, failed)

    def give_up(self, case_id: str, side: Side) -> None:
        """A trial that could not be run: it says nothing, and what needed it stays open.

        Raises ValueError for a trial that was not asked for.
        """
        self._answer(case_id, side)
        if self.rounds.is_running:
            self.rounds.give_up(case_id)
        else:
            self.confirmation.give_up(case_id)

    def decide(self) -> GateDecision:
        """The decision as things stand; before `next_requests` is empty much is inconclusive."""
        return decide_gate(
            policy=self.policy,
            cases=tuple(self.cases.values()),
            confirmation=self.confirmation,
            rounds=self.rounds,
            broken_critical=tuple(sorted(self.broken_critical & self.held)),
            agent_calls=self.agent_calls,
            fresh_calls=self.agent_calls - self.screening_calls,
            budget_spent=self.budget_spent,
        )

    def _open_pairs(self) -> tuple[TrialRequest, ...]:
        """The baseline's half of pairs whose candidate failed; paid for when the pair began."""
        return tuple(
            TrialRequest(case_id=case_id, side=Side.BASELINE)
            for case_id in self.confirmation.awaiting_baseline()
        )

    def _next_pairs(self, left: int) -> tuple[TrialRequest, ...]:
        worth_it = self.confirmation.still_to_try()
        chosen = worth_it[: max(0, min(self.batch, left // 2))]
        self.budget_spent |= bool(worth_it) and not chosen
        return tuple(TrialRequest(case_id=c.case.id, side=Side.CANDIDATE) for c in chosen)

    def _next_round(self, left: int) -> tuple[TrialRequest, ...]:
        if self.confirmation.still_to_try():
            return ()
        case_ids = self.rounds.begin(self.confirmation)
        if 2 * len(case_ids) > left:
            self.budget_spent = True
            self.rounds.call_off()
            return ()
        return tuple(TrialRequest(case_id=i, side=side) for i in case_ids for side in Side)

    def _answer(self, case_id: str, side: Side) -> None:
        if not self.asked[case_id, side]:
            del self.asked[case_id, side]
            raise ValueError(f"found a {side} trial of {case_id}, which was not asked for")
        self.asked[case_id, side] -= 1
        if not self.asked[case_id, side]:
            del self.asked[case_id, side]

    def _watch_critical(self, case_id: str, side: Side, failed: frozenset[Endpoint]) -> None:
        if SUITE in failed and self.cases[case_id].critical:
            if side is Side.CANDIDATE:
                self.broken_critical.add(case_id)
            else:
                self.held.discard(case_id)


def start_gate(
    cases: Sequence[ScreenedCase],
    policy: GatePolicy,
    *,
    batch: int = 8,
    most_rounds: int = 3,
    calls_so_far: int | None = None,
) -> SequentialGate:
    """A gate over screened cases.

    most_rounds: at most so many further rounds on a class whose margin is not decided; fixed in
    advance, because the error of the intervals is shared among them. calls_so_far: agent calls of
    screening; None: the candidate's screening trials, the baseline's being on record.
    Raises ValueError for no case, or one id twice.
    """
    by_id = {case.id: case for case in cases}
    if not cases or len(by_id) < len(cases):
        raise ValueError("found no case to judge" if not cases else "found a case id twice")
    screened = sum(case.candidate_trials for case in cases)
    spent = screened if calls_so_far is None else calls_so_far
    critical = [case for case in cases if case.critical]
    return SequentialGate(
        policy=policy,
        cases=by_id,
        confirmation=start_confirmation(
            cases, alpha=policy.alpha, confirm_trials=policy.confirm_trials
        ),
        rounds=MarginRounds(cases=tuple(cases), policy=policy, most_rounds=most_rounds),
        batch=batch,
        agent_calls=spent,
        screening_calls=spent,
        broken_critical={case.id for case in critical if case.candidate_failed.get(SUITE)},
        held={case.id for case in critical if not case.baseline_failed.get(SUITE)},
    )
