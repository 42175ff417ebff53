"""How long a class has been where it is, beside the rest that the policy asks for."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from dialgate_gate.conditions.condition import Condition, ConditionKind
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    import datetime as dt

    from dialgate_gate.settings.settings import GateSettings


def cool_down_conditions(
    action_class: str, settings: GateSettings, now: dt.datetime
) -> list[Condition]:
    """One condition for a class that the dial has an entry of; none without [demote]."""
    entry, demote = settings.dial.entries.get(action_class), settings.policy.demote
    if entry is None or demote is None:
        return []
    days, asked = (now - entry.since).total_seconds() / 86_400, demote.cool_down_days
    met, left = days >= asked, ceil(asked - days)
    missing = (
        f"In this mode since {entry.since:%Y-%m-%d}: the policy asks for "
        f"{count_of(asked, 'day')} before the next promotion, {count_of(left, 'day')} more."
    )
    return [
        Condition(
            kind=ConditionKind.COOL_DOWN,
            met=met,
            sentence=f"In this mode for {count_of(int(days), 'day')}; {asked} are asked.",
            missing=() if met else (missing,),
            shown=int(days),
            limit=asked,
            needed={} if met else {"days": left},
        )
    ]
