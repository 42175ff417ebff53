"""How long autonomy lasts by itself, what ends it, and how far a class may ever go.

Each threshold declared once. Leaves what has lapsed to `dialgate_gate.ladder.in_force`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dialgate_evals.events.review_events import Mode
from dialgate_gate.settings.ladder_policy import PUBLIC_KEYS
from dialgate_gate.settings.threshold import (
    Flag,
    Looser,
    Names,
    Number,
    Threshold,
    Unit,
    Words,
    threshold,
)


class Lapse(StrEnum):
    """What losing a requirement does to a class whose mode rests on it."""

    IN_THE_LOOP = "in_the_loop"
    DOWN_ONE = "down_one"
    WARN = "warn"


_WORDS = Words((Lapse.IN_THE_LOOP, None, Lapse.DOWN_ONE, Lapse.WARN))
_ABSENT = "in_the_loop where the class is of high blast radius or irreversible, else down_one"


@dataclass(frozen=True, slots=True, kw_only=True)
class LapsePolicy:
    """What a lost requirement does: `[lapse]`."""

    stale_release: Lapse | None = threshold(
        None,
        _WORDS,
        "The release differs from the one on whose evidence the class was promoted.",
        looser=Looser.LATER,
        absent=_ABSENT,
    )
    attestation: Lapse | None = threshold(
        None, _WORDS, "There is no signed verdict that holds.", looser=Looser.LATER, absent=_ABSENT
    )
    drill: Lapse | None = threshold(
        None,
        _WORDS,
        "No drill shows that the kill switch works, and the grace of a mode in force is over.",
        looser=Looser.LATER,
        absent=_ABSENT,
    )
    compensation: Lapse | None = threshold(
        None,
        _WORDS,
        "The case that takes the action back doesn't pass.",
        looser=Looser.LATER,
        absent=_ABSENT,
    )
    rollback: Lapse | None = threshold(
        None, _WORDS, "The release to fall back to is gone.", looser=Looser.LATER, absent=_ABSENT
    )
    alarm: Lapse | None = threshold(
        None,
        _WORDS,
        "The watch found the class over its limit.",
        looser=Looser.LATER,
        absent=_ABSENT,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasePolicy:
    """Whether a mode needs a lease, whose, and for how long: `[lease]`."""

    required: bool = threshold(
        False,
        Flag(),
        "A write without a lease that counts is at most in the loop; false by default.",
        looser=Looser.WITHDRAWN,
    )
    hours: int = threshold(
        24,
        Number(Unit.HOURS, whole=True, least=1, most=744),
        "A lease ends after so many hours, and no longer one is issued.",
        looser=Looser.HIGHER,
    )
    keys: tuple[str, ...] = threshold(
        (),
        PUBLIC_KEYS,
        "Public keys as PEM texts, Ed25519, whose leases count; several while one is turned over.",
        looser=Looser.LONGER,
    )
    revoked: frozenset[str] = threshold(
        frozenset(),
        Names(
            items={
                "type": "string",
                "description": "SHA-256 of a key in DER, in hex.",
                "pattern": "^[0-9a-f]{64}$",
                "examples": ["a" * 64, "b" * 64],
            },
            most=256,
            noun="key",
        ),
        "Ids of keys whose leases no longer count.",
        looser=Looser.SHORTER,
    )


CEILING = Threshold(
    values=Words(tuple(Mode)),
    says="The most autonomy that the class may ever have; no evidence and no override passes it.",
    looser=Looser.LATER,
    absent="no ceiling",
    table="Policy",
    key="ceiling",
)
"""`[ceiling]` holds a mode by the name of a class, so its keys are no fields."""
