"""Who is paged, and who is accountable: by the roles of runbook.toml.

The one place that knows it; leaves what a page says to `alarms.page`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt

    from dialgate_gate.settings.runbook import Runbook

_PAGED, _ACCOUNTABLE = "reliability_engineer", "product_owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Who answers a page."""

    role: str
    name: str | None
    # None: the runbook names nobody
    accountable: str | None

    def as_json(self) -> dict[str, Any]:
        """As a page writes it."""
        return {"role": self.role, "name": self.name, "accountable": self.accountable}


def on_call(runbook: Runbook, at: dt.datetime) -> OnCall:  # noqa: ARG001 - a rota will ask for it
    """Who answers for the agent at that moment."""
    return OnCall(
        role=_PAGED,
        name=runbook.owners.get(_PAGED),
        accountable=runbook.owners.get(_ACCOUNTABLE),
    )
