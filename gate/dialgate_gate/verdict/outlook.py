"""What a check could see, and the one cheapest next step with its price and chance.

Figures for the verdict's `detection` and `next_step`; leaves finding them to
`dialgate_gate.planning` and their words to `reports`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What the check would have found, had it been there."""

    broken_case: float
    # chance that one case that broke fully is found
    loss: Mapping[float, float] = field(default_factory=dict)
    # chance that a loss spread over all cases is found, by its size
    passes_unchanged: float | None = None
    # chance that an unchanged release passes
    blind_to: tuple[str, ...] = ()
    # what no trial of this suite could show


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The cheapest thing to do next."""

    command: str
    agent_calls: int
    chance: float | None
    # that it decides; None: it only says what would


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Detection, and a next step where one is left."""

    detection: Detection | None = None
    next_step: NextStep | None = None

    def detection_document(self) -> dict[str, Any] | None:
        """The verdict's `detection`; None where nothing was simulated."""
        found = self.detection
        if found is None:
            return None
        return {
            "broken_case": round(found.broken_case, 3),
            "loss": {f"{loss:.2f}": round(chance, 3) for loss, chance in found.loss.items()},
            "passes_unchanged": (
                None if found.passes_unchanged is None else round(found.passes_unchanged, 3)
            ),
            "blind_to": list(found.blind_to),
        }

    def step_document(self) -> dict[str, Any] | None:
        """The verdict's `next_step`; None where none helps."""
        step = self.next_step
        if step is None:
            return None
        return {
            "command": step.command,
            "agent_calls": step.agent_calls,
            "chance": None if step.chance is None else round(step.chance, 3),
        }
