"""What confirmation found of a class, for its verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_gate.comparing.apart_costs import ApartCosts
from dialgate_gate.verdict.outlook import Outlook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors
    from dialgate_gate.verdict.class_rules import ClassRules
    from dialgate_gate.verdict.sequential import ClassDecision, GateDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What fresh trials decided, and what they cost."""

    decision: GateDecision
    rules: Mapping[str, ClassRules]
    # of each class
    outlook: Outlook = field(default_factory=Outlook)
    # what the check could see, and what is left to do
    cost_usd: float | None = None
    # of the fresh trials; None where the agents don't say
    workers_died: Mapping[str, int] = field(default_factory=dict)
    # by side: processes of the agent that ended under a fresh trial
    apart: ApartCosts = field(default_factory=ApartCosts)
    # of the fresh trials' users and judges
    judged: Mapping[str, JudgeErrors] = field(default_factory=dict)
    # by criterion that decides, how the judge errs

    @property
    def by_class(self) -> dict[str, ClassDecision]:
        """The decision on each class."""
        return {item.action_class: item for item in self.decision.classes}
