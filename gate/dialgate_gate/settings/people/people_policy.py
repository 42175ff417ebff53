"""Who signs moves, and how often people look again: each threshold declared once.

Leaves applying them to `dialgate_gate.audit.moves` and `cadence`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialgate_evals.actions.action_classes import BlastRadius
from dialgate_gate.settings.people.roles import ACCOUNTABLE, ROLES
from dialgate_gate.settings.threshold import Looser, Names, Number, Unit, Words, threshold

_DAYS = Number(Unit.DAYS, whole=True, least=1, most=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignPolicy:
    """Whose signature a promotion needs, where owners.toml holds keys: `[sign]`."""

    roles: tuple[str, ...] = threshold(
        (ACCOUNTABLE,),
        Names(items={"enum": list(ROLES)}, least=1, in_order=True, noun="role"),
        "Roles of runbook.toml of which one signs a promotion.",
        looser=Looser.LONGER,
    )
    second_for: BlastRadius = threshold(
        BlastRadius.HIGH,
        Words((BlastRadius.LOW, BlastRadius.MEDIUM, BlastRadius.HIGH)),
        "From this blast radius on a second person with a role signs too.",
        looser=Looser.LATER,
    )
    days: int = threshold(
        7,
        Number(Unit.DAYS, whole=True, least=1, most=90),
        "Days for which a move that was written to be signed can be made.",
        looser=Looser.HIGHER,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvery:
    """After how many days something is to be looked at again: `[review_every]`."""

    policy: int = threshold(180, _DAYS, "The policy; overdue ones are named.", looser=Looser.HIGHER)
    cases: int = threshold(
        90, _DAYS, "The golden cases; overdue ones are named.", looser=Looser.HIGHER
    )
    drill: int = threshold(90, _DAYS, "A drill; an older one opens no mode.", looser=Looser.HIGHER)
    drill_grace: int = threshold(
        30,
        Number(Unit.DAYS, whole=True, least=0, most=3650),
        "Days that a mode in force keeps beside a drill that is missing or too old.",
        looser=Looser.HIGHER,
    )
