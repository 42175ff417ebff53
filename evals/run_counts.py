"""What run.json counts of a run's trials; leaves the trials themselves to `evals.run_record`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evals.outcomes import TrialStatus

if TYPE_CHECKING:
    from evals.outcomes import TrialScore


@dataclass(slots=True)
class RunCounts:
    """Grows with every trial of a run; what run.json says of them in the end."""

    passed: int = 0
    failed: int = 0
    errored: int = 0
    cached: int = 0
    tool_calls: int = 0
    invalid_calls: int = 0
    failed_calls: int = 0
    unmatched_reads: int = 0
    cost_usd: float | None = None
    cases: set[str] = field(default_factory=set)
    cached_trials: dict[str, list[int]] = field(default_factory=dict)
    # by case: trials of an earlier run, which are no new evidence

    def add(self, score: TrialScore, *, is_cached: bool) -> None:
        """Takes in a trial; `is_cached`: it comes from an earlier run."""
        self.passed += score.status is TrialStatus.PASSED
        self.failed += score.status is TrialStatus.FAILED
        self.errored += score.status is TrialStatus.ERRORED
        if is_cached:
            self.cached += 1
            self.cached_trials.setdefault(score.case_id, []).append(score.trial)
        self.tool_calls += score.tool_calls
        self.invalid_calls += score.invalid_calls
        self.failed_calls += score.failed_calls
        self.unmatched_reads += score.unmatched_reads
        if score.cost_usd is not None:
            self.cost_usd = (self.cost_usd or 0.0) + score.cost_usd
        self.cases.add(score.case_id)

    def as_json(self) -> dict[str, Any]:
        """`counts` as run.json holds them; `agent_calls` are trials that were run for this."""
        trials = self.passed + self.failed + self.errored
        return {
            "cases": len(self.cases),
            "trials": trials,
            "passed": self.passed,
            "failed": self.failed,
            "errored": self.errored,
            "cached": self.cached,
            "agent_calls": trials - self.cached,
            "tool_calls": self.tool_calls,
            "invalid_calls": self.invalid_calls,
            "failed_calls": self.failed_calls,
            "unmatched_reads": self.unmatched_reads,
            "cost_usd": None if self.cost_usd is None else round(self.cost_usd, 9),
        }
