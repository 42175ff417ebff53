"""How often people look again: each threshold declared once.

Leaves applying them to `cadence`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialgate_gate.settings.threshold import Looser, Number, Unit, threshold

_DAYS = Number(Unit.DAYS, whole=True, least=1, most=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvery:
    """After how many days something is to be looked at again: `[review_every]`."""

    policy: int = threshold(180, _DAYS, "The policy; overdue ones are named.", looser=Looser.HIGHER)
    cases: int = threshold(
        90, _DAYS, "The golden cases; overdue ones are named.", looser=Looser.HIGHER
    )
    drill: int = threshold(90, _DAYS, "A drill; an older one opens no mode.", looser=Looser.HIGHER)
