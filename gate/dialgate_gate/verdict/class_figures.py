"""What is said about a class, or the suite as one: estimates, verdict, cases and reasons.

Types only; leaves finding them to `recorded.class_verdict` and `verdict.confirmed_class`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_gate.verdict.class_rules import ClassRules

if TYPE_CHECKING:
    from dialgate_gate.comparing.comparison import ClassComparison
    from dialgate_gate.four_verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """The figures of one comparison of rates, as the verdict used them."""

    difference: float | None = None
    # candidate minus baseline, mean over cases; None where nothing can be compared
    interval: tuple[float, float] | None = None
    confidence_level: float = 0.95
    p_regression: float | None = None
    # one-sided exact test that the candidate is no worse
    p_adjusted: float | None = None
    # after Holm over classes and endpoints; compared with `level`
    level: float = 0.025
    detectable_drop: float | None = None
    # the loss that this evidence would show with power 0.8; None: none it could show


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassVerdict:
    """The verdict on one action class with its figures and reasons."""

    action_class: str
    verdict: Verdict
    comparison: ClassComparison
    success: Estimates = Estimates()
    silence: Estimates = Estimates()
    rules: ClassRules = field(default_factory=ClassRules)
    open_suspects: tuple[str, ...] = ()
    # cases that look broken and could not be confirmed either way
    new_invalid: tuple[str, ...] = ()
    # cases with confirmed new invalid calls
    missing_one_sided: tuple[str, ...] = ()
    # cases without a finished trial on one side: counted at their worst
    reasons: tuple[str, ...] = ()

    @property
    def margin(self) -> float:
        """The loss that is tolerated."""
        return self.rules.margin
