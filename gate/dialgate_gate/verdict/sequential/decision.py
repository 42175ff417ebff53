"""What the sequential gate decided on one class, with the figures behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_gate.four_verdicts import Verdict
    from dialgate_gate.settings.gate_policy import FailOn
    from dialgate_gate.verdict.sequential.screened_case import Endpoint, Kind, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFigures:
    """One endpoint of a class, or the suite's."""

    endpoint: Endpoint
    suspects: int
    p_adjusted: float
    # adjusted so that the endpoint's share of alpha shows a regression, at any time
    shown: bool
    confirmed: tuple[str, ...]
    # cases whose own fresh trials show it
    open_cases: tuple[str, ...]
    # suspects that are neither shown worse nor answered
    answered: tuple[str, ...] = ()
    # suspects whose suspicion fresh trials took away


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFigures:
    """What blocks showed of the suite or a class."""

    margin: float
    margin_from: str
    fail_on: FailOn
    difference: float | None
    # by all trials that chose no case, the record included
    interval: tuple[float, float]
    # the difference is at least and at most so much, as far as it is shown; -1 and 1: not at all
    blocks: int
    is_passed: bool
    is_loss_shown: bool
    # a loss that fails
    looks_worse: bool
    # a loss of any size is shown
    p_loss: float
    # any-time p-value of "no worse"
    p_margin: float
    # any-time p-value of "the loss is the margin or more"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassDecision:
    """Fail, pass or inconclusive, and why."""

    action_class: str
    verdict: Verdict
    success: EndpointFigures
    silence: EndpointFigures
    cases: int
    figures: UnitFigures
    invalid: tuple[str, ...] = ()
    # cases of the class with confirmed new invalid calls
    broken_critical: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def open_cases(self) -> tuple[str, ...]:
        """Suspects of either endpoint that stay open."""
        return tuple(dict.fromkeys((*self.success.open_cases, *self.silence.open_cases)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineShift:
    """The baseline's fresh trials beside what its record says of them."""

    trials: int
    passed: int
    expected: float
    distance: float
    # standard deviations
    is_low: bool
    # so far below that nothing may pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinFigures:
    """Rates over all trials of failures that are thin and wide."""

    trials: Mapping[Side, int]
    counts: Mapping[Side, Mapping[Kind, int]]
    shown: bool
    p_value: float
    risen: tuple[Kind, ...]
    # the kinds that came clearly more often, the most frequent first


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecision:
    """The suite and all classes."""

    verdict: Verdict
    suite: EndpointFigures
    suite_figures: UnitFigures
    classes: tuple[ClassDecision, ...]
    broken_critical: tuple[str, ...]
    refused_critical: tuple[str, ...]
    # critical cases that votes alone failed
    agent_calls: int
    # screening and fresh trials of both sides
    fresh_calls: int
    # of them, those after screening
    budget_spent: bool
    # more trials were wanted than the budget allowed
    invalid: EndpointFigures
    shift: BaselineShift
    thin: ThinFigures
    findings: tuple[tuple[Verdict, str], ...] = ()
    # what is said of the suite as a whole

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentences on the suite as a whole."""
        return tuple(text for _, text in self.findings)
