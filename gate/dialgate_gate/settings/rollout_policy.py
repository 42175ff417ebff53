"""When a rollout is decided: each threshold declared once.

Leaves applying them to `dialgate_gate.live.rollout`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialgate_gate.settings.threshold import Looser, Number, Unit, threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPolicy:
    """How much worse a release may be in production, and how often that is told wrongly."""

    margin: float = threshold(
        0.05,
        Number(Unit.RATE, over=0, under=1),
        "Rise of the intervention rate that is tolerated; more of it is never promoted.",
        looser=Looser.HIGHER,
    )
    alpha: float = threshold(
        0.05,
        Number(Unit.CHANCE, over=0, under=0.5),
        "Bound on ever promoting a release whose rate rose by the margin, and on ever rolling one "
        "back whose rate did not rise.",
        looser=Looser.HIGHER,
    )
    share: float = threshold(
        0.05,
        Number(Unit.RATE, over=0, most=1),
        "Share of the tasks that a rollout begins with, where an undecided gate hands over to it.",
        looser=Looser.HIGHER,
    )
