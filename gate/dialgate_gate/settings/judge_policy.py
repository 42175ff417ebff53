"""What a judge must show before its votes decide: each threshold declared once.

Leaves what labels show of it to `statistics.judged` and applying it to `dialgate_gate.licensing`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialgate_gate.settings.threshold import Looser, Number, Unit, threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgePolicy:
    """When votes on a criterion decide in an action class: `[judge]`."""

    min_sensitivity: float = threshold(
        0.8,
        Number(Unit.RATE, over=0, most=1),
        "Share of right replies that a judge must be shown to let pass: a lower bound.",
        looser=Looser.LOWER,
    )
    min_specificity: float = threshold(
        0.8,
        Number(Unit.RATE, over=0, most=1),
        "Share of wrong replies that a judge must be shown to refuse: a lower bound.",
        looser=Looser.LOWER,
    )
    confidence: float = threshold(
        0.95,
        Number(Unit.CHANCE, least=0.5, under=1),
        "Confidence of each of both bounds, at any number of looks at the labels.",
        looser=Looser.LOWER,
    )
    max_shift: float = threshold(
        0.0,
        Number(Unit.RATE, least=0, under=0.5),
        "How far sensitivity and specificity may differ between two releases. What is compared is "
        "taken to differ by so much against the candidate where it passes, for it where it fails.",
        looser=Looser.LOWER,
    )
