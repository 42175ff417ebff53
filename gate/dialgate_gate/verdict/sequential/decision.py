"""What the sequential gate decided on one class, with the figures behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialgate_gate.four_verdicts import Verdict
    from dialgate_gate.statistics.paired_difference import DifferenceEstimate
    from dialgate_gate.verdict.sequential.screened_case import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFigures:
    """One endpoint of a class, or the suite's."""

    endpoint: Endpoint
    suspects: int
    p_adjusted: float
    # adjusted so that alpha / 2 shows a regression, at any time
    shown: bool
    confirmed: tuple[str, ...]
    # cases whose own fresh trials show it
    open_cases: tuple[str, ...]
    # suspects that are neither shown worse nor answered
    answered: tuple[str, ...] = ()
    # suspects whose suspicion fresh trials took away


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassDecision:
    """Fail, pass or inconclusive, and why."""

    action_class: str
    verdict: Verdict
    success: EndpointFigures
    silence: EndpointFigures
    cases: int
    rounds: int
    # further rounds on the class, after screening
    most_rounds: int
    success_difference: DifferenceEstimate
    silence_difference: DifferenceEstimate
    margin: float
    broken_critical: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecision:
    """The suite and all classes."""

    verdict: Verdict
    suite: EndpointFigures
    classes: tuple[ClassDecision, ...]
    broken_critical: tuple[str, ...]
    agent_calls: int
    # screening and fresh trials of both sides
    fresh_calls: int
    # of them, those after screening
    budget_spent: bool
    # more trials were wanted than the budget allowed
    findings: tuple[tuple[Verdict, str], ...] = ()
    # what is said of the suite as a whole

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentences on the suite as a whole."""
        return tuple(text for _, text in self.findings)
