"""Tests the claim `deterministic = true` before a verdict relies on it.

Runs cases whose outcome changed, and a sample of the others, again on both sides; a case that then
comes out otherwise ends in the gap `not_deterministic`. Recorded trials can't be run again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialgate.check.checking.missing_again import of_both
from dialgate.runs.gathering import gather_evidence, is_recorded
from dialgate.runs.recorded_run import RecordedRun
from dialgate_gate.comparing.evidence_gaps import determinism_gaps, outcome_of
from dialgate_gate.comparing.gap import EvidenceGap, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dialgate.check.checking.fresh_trials import RunnableSide
    from dialgate.runs.recorded_run import RunOptions
    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.case import Case
    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.settings.gate_policy import GatePolicy

Gather = Callable[..., RecordedRun]
"""As `gather_evidence`."""

_ROUNDS = 3
"""How often a changed outcome is run again: a case that passes every second time, and so looks
changed by chance, comes out the same three times on both sides in 1 of 64 tests."""

_SAMPLE = 10
"""How many cases without a change are run again, once."""

_NO_CALL_LEFT = EvidenceGap(
    gap=Gap.NOT_DETERMINISTIC,
    found="suite.toml says deterministic = true, but no agent call is left of the budget to test "
    "it: a verdict that relies on the claim needs cases that were run again.",
    advice="Raise max_agent_calls or max_cost_usd in policy.toml, or take the claim out.",
)


@dataclass(frozen=True, kw_only=True)
class ClaimedSide:
    """One side's evidence, and how it is run again; None where it can't be."""

    evidence: RunEvidence
    runnable: RunnableSide | None


def run_claimed_again(
    *,
    baseline: ClaimedSide | None,
    candidate: ClaimedSide,
    policy: GatePolicy,
    actions: ActionRegistry,
    options: RunOptions,
    gather: Gather = gather_evidence,
) -> tuple[RunEvidence | None, RunEvidence]:
    """Both sides' evidence, with the trials that were run again beside it.

    Raises EvidenceError where an agent can't be started, InterruptedRunError on Ctrl-C.
    """
    given = [side for side in (baseline, candidate) if side is not None]
    sides = [side for side in given if side.runnable and not is_recorded(side.runnable.workspace)]
    test = _ClaimTest(sides=sides, actions=actions, options=options, gather=gather)
    changed = _changed(baseline, candidate)
    others = [case_id for case_id in _shared_cases(sides) if case_id not in changed]
    for number in range(_ROUNDS):
        wanted = [*changed, *([] if number else _sample(others))]
        if not sides or not wanted:
            break
        left = _affordable(given, test.repeats(), policy, options.most_calls) // len(sides)
        test.run(wanted[:left])
        if not left and not number:
            return _with_gap(baseline, candidate)
        if determinism_gaps(test.evidence):
            break
    found = {id(side): evidence for side, evidence in zip(sides, test.evidence, strict=True)}
    before = None if baseline is None else found.get(id(baseline), baseline.evidence)
    return before, found.get(id(candidate), candidate.evidence)


class _ClaimTest:
    """Runs cases again, side by side, and keeps what came of them."""

    def __init__(
        self,
        *,
        sides: Sequence[ClaimedSide],
        actions: ActionRegistry,
        options: RunOptions,
        gather: Gather,
    ) -> None:
        self._sides, self._actions, self._gather = sides, actions, gather
        self._options = replace(
            options, out=options.out / "claim", trials=1, use_cache=False, resume=False, shard=None
        )
        self.evidence = [side.evidence for side in sides]

    def repeats(self) -> int:
        """Trials that were run again so far."""
        return sum(len(evidence.repeats) for evidence in self.evidence)

    def run(self, case_ids: Sequence[str]) -> None:
        """One more trial of each case on each side that has it."""
        wanted = set(case_ids)
        for index, side in enumerate(self._sides):
            assert side.runnable is not None
            cases = [case for case in side.runnable.cases if case.id in wanted]
            if cases:
                self.evidence[index] = self._run_side(side.runnable, cases, self.evidence[index])

    def _run_side(
        self, side: RunnableSide, cases: Sequence[Case], evidence: RunEvidence
    ) -> RunEvidence:
        run = self._gather(
            side.workspace,
            side.release,
            cases=cases,
            actions=self._actions,
            options=replace(self._options, most_calls=None, other=side.other),
        )
        return replace(
            evidence,
            repeats=(*evidence.repeats, *run.evidence.scores),
            **of_both(evidence, run.evidence),
        )


def _changed(baseline: ClaimedSide | None, candidate: ClaimedSide) -> list[str]:
    """Cases that came out otherwise than in the baseline, in the suite's order."""
    if baseline is None:
        return []
    return [
        case_id
        for case_id in candidate.evidence.by_case
        if (before := baseline.evidence.finished(case_id))
        and (now := candidate.evidence.finished(case_id))
        and {outcome_of(score) for score in before} != {outcome_of(score) for score in now}
    ]


def _shared_cases(sides: Sequence[ClaimedSide]) -> list[str]:
    """Cases that every side that runs again has run."""
    if not sides:
        return []
    first, *more = [side.evidence.by_case for side in sides]
    return [case_id for case_id in first if all(case_id in known for known in more)]


def _sample(case_ids: Iterable[str]) -> list[str]:
    """A few of them, the same ones at every run."""

    def by_hash(case_id: str) -> bytes:
        return hashlib.sha256(f"claim {case_id}".encode("utf-8", "surrogatepass")).digest()

    return sorted(case_ids, key=by_hash)[:_SAMPLE]


def _affordable(
    sides: Iterable[ClaimedSide], repeats: int, policy: GatePolicy, most_calls: int | None
) -> int:
    """Agent calls that the policy's budgets leave, as far as the agents say what they cost.

    `most_calls`: a budget beside the policy's; None: there is none.
    """
    evidence = [side.evidence for side in sides]
    calls = sum(len(side.scores) - side.cached for side in evidence) + repeats
    most = policy.max_agent_calls
    left = max(0, (most if most_calls is None else min(most, most_calls)) - calls)
    costs = [s.cost_usd for side in evidence for s in side.scores if s.cost_usd is not None]
    if policy.max_cost_usd is None or not costs or not sum(costs):
        return left
    mean = sum(costs) / len(costs)
    spent = sum(side.spent_usd or 0.0 for side in evidence) + mean * repeats
    return min(left, max(0, int((policy.max_cost_usd - spent) / mean)))


def _with_gap(
    baseline: ClaimedSide | None, candidate: ClaimedSide
) -> tuple[RunEvidence | None, RunEvidence]:
    now = replace(candidate.evidence, gaps=(*candidate.evidence.gaps, _NO_CALL_LEFT))
    return (None if baseline is None else baseline.evidence), now
