"""What confirmation found of a class, for its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_gate.verdict.class_rules import ClassRules
    from dialgate_gate.verdict.sequential import ClassDecision, GateDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What fresh trials decided, and what they cost."""

    decision: GateDecision
    rules: Mapping[str, ClassRules]
    # of each class
    cost_usd: float | None = None
    # of the fresh trials; None where the agents don't say

    @property
    def by_class(self) -> dict[str, ClassDecision]:
        """The decision on each class."""
        return {item.action_class: item for item in self.decision.classes}
