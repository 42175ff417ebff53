"""The four verdicts, and what is said about a class and about a release.

Types only; leaves finding a verdict to `recorded.class_verdict` and `verdict.release_verdict`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_gate.four_verdicts import EXIT_CODES, Verdict
from dialgate_gate.verdict.class_figures import ClassVerdict, Estimates

if TYPE_CHECKING:
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.comparing.gap import EvidenceGap
    from dialgate_gate.verdict.budget import BudgetFinding
    from dialgate_gate.verdict.confirmed import Confirmed
    from dialgate_gate.verdict.recorded.judged_replies import JudgedReplies


@dataclass(frozen=True, kw_only=True)
class ReleaseVerdict:
    """The verdict on a release: the worst of what is said of gaps, suite and classes."""

    verdict: Verdict
    comparison: RunComparison
    classes: tuple[ClassVerdict, ...] = ()
    # the ones to look at first come first
    suite: Estimates = field(default_factory=Estimates)
    gaps: tuple[EvidenceGap, ...] = ()
    budget: tuple[BudgetFinding, ...] = ()
    # cost, latency, tool calls and retry loops, as far as the policy limits them
    confirmed: Confirmed | None = None
    # None: suspects could not be run again
    replies: JudgedReplies | None = None
    # what votes that decide come to in the trials at hand; None: none decides
    reasons: tuple[str, ...] = field(default=())
    # the weightiest first
    missing: tuple[int, ...] = ()
    # places in them, from 0, of those that say what is missing for a decision
    weakened: tuple[str, ...] = ()
    # those of them that say how the change weakens its own judge
    allows_inconclusive: bool = False

    @property
    def exit_code(self) -> int:
        """The contract's exit code."""
        if self.verdict is Verdict.INCONCLUSIVE and self.allows_inconclusive:
            return 0
        return EXIT_CODES[self.verdict]
