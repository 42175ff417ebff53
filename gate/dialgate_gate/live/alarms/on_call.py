"""Whom a page about a class goes to: who is on call, else the reliability engineer.

Pure over settings that were read; leaves sending to others.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_gate.settings.people.roles import Raci, raci_of, role_holders

if TYPE_CHECKING:
    from dialgate_gate.settings.people.roles import RoleHolder
    from dialgate_gate.settings.people.rota import OnCall
    from dialgate_gate.settings.settings import GateSettings

FALLBACK = "reliability_engineer"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerOnCall:
    """Whom to page about one class at one time."""

    on_call: OnCall | None
    # None: runbook.toml names no rota
    fallback: RoleHolder
    # the reliability engineer, who is paged where nobody is on call
    raci: Raci

    @property
    def shown(self) -> str:
        """The names, with what is not as it should be."""
        if self.on_call is not None and self.on_call.people:
            return ", ".join(person.shown for person in self.on_call.people)
        why = "no rota" if self.on_call is None else self.on_call.why_nobody
        return f"{self.fallback.shown} ({why}: the reliability engineer)"

    @property
    def addresses(self) -> tuple[str, ...]:
        """Mail addresses or handles of those who are paged; empty: nobody can be reached."""
        people = () if self.on_call is None else self.on_call.people
        paged = people or (() if self.fallback.person is None else (self.fallback.person,))
        return tuple(item.mail or item.handle or item.id for item in paged)

    def as_json(self) -> dict[str, Any]:
        """Who is on call and how to reach them, as pages to people carry it."""
        return {
            "shown": self.shown,
            "addresses": list(self.addresses),
            "on_call": None if self.on_call is None else self.on_call.as_json(),
            "accountable": self.raci.accountable.as_json(),
        }


def owner_on_call(
    settings: GateSettings, action_class: str, at: dt.datetime, *, agent: str = "the agent"
) -> OwnerOnCall:
    """Whom to page about the class at the moment, which has a time zone.

    Raises ValueError for a rota that can't be expanded.
    """
    today = at.astimezone(dt.UTC).date()
    said, owners = settings.runbook.owners, settings.owners
    holders = {item.role: item for item in role_holders(said, owners, today)}
    return OwnerOnCall(
        on_call=None if settings.rota is None else settings.rota.at(at, owners),
        fallback=holders[FALLBACK],
        raci=raci_of(action_class, agent=agent, said=said, owners=owners, today=today),
    )
