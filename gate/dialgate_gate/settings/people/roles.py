"""The five roles, who holds each, and who is responsible, accountable, consulted and informed.

A role names a person of owners.toml, or says any text, which is then shown as unverified. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from dialgate_gate.settings.people.owners import Owners, Person

ROLES = (
    "product_owner",
    "reliability_engineer",
    "evaluation_engineer",
    "tool_registry_maintainer",
    "escalation_reviewer",
)
ACCOUNTABLE = "product_owner"
CONSULTED = ("reliability_engineer", "evaluation_engineer")
INFORMED = ("escalation_reviewer", "tool_registry_maintainer")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHolder:
    """What runbook.toml says of one role, and whom it means."""

    role: str
    text: str
    # as it is written; empty: nobody is named
    person: Person | None
    # None: nobody of owners.toml, so the text is unverified
    has_left: bool = False

    @property
    def is_verified(self) -> bool:
        """Whether it names somebody whom owners.toml knows and who is still here."""
        return self.person is not None and not self.has_left

    @property
    def shown(self) -> str:
        """The name for a report, with what is not known of it."""
        if self.person is None:
            return f"{self.text} (unverified)" if self.text else "nobody"
        return f"{self.person.shown} (left on {self.person.left})" if self.has_left else (
            self.person.shown
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """The role with whoever holds it; null where owners.toml doesn't know the person."""
        person = self.person
        return {
            "role": self.role,
            "name": self.text if person is None else person.shown,
            "person": None if person is None else person.id,
            "mail": None if person is None else person.mail,
            "handle": None if person is None else person.handle,
            "verified": self.is_verified,
        }


def role_holders(said: Mapping[str, str], owners: Owners, today: dt.date) -> tuple[RoleHolder, ...]:
    """Each of the five roles, in their order."""
    return tuple(_holder(role, said.get(role, "").strip(), owners, today) for role in ROLES)


def _holder(role: str, text: str, owners: Owners, today: dt.date) -> RoleHolder:
    person = owners.find(text) if text else None
    left = person is not None and not person.is_here(today)
    return RoleHolder(role=role, text=text, person=person, has_left=left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raci:
    """Who has which part in one class."""

    action_class: str
    responsible: str
    # the agent: it acts
    accountable: RoleHolder
    # exactly one named person
    consulted: tuple[RoleHolder, ...]
    informed: tuple[RoleHolder, ...]

    def as_json(self) -> dict[str, Any]:
        """The class's four parts, each with its people as `RoleHolder.as_json` writes them."""
        return {
            "action_class": self.action_class,
            "responsible": self.responsible,
            "accountable": self.accountable.as_json(),
            "consulted": [item.as_json() for item in self.consulted],
            "informed": [item.as_json() for item in self.informed],
        }


def raci_of(
    action_class: str, *, agent: str, said: Mapping[str, str], owners: Owners, today: dt.date
) -> Raci:
    """The class's people: as owners.toml says of the class, else by the roles."""
    named = owners.classes.get(action_class)
    holders = {item.role: item for item in role_holders(said, owners, today)}

    def people(texts: Sequence[str] | None, roles: Sequence[str]) -> tuple[RoleHolder, ...]:
        if texts is None:
            return tuple(holders[role] for role in roles)
        return tuple(_holder("", text, owners, today) for text in texts)

    own = None if named is None else named.accountable
    return Raci(
        action_class=action_class,
        responsible=agent,
        accountable=holders[ACCOUNTABLE] if own is None else _holder("", own, owners, today),
        consulted=people(None if named is None else named.consulted, CONSULTED),
        informed=people(None if named is None else named.informed, INFORMED),
    )
