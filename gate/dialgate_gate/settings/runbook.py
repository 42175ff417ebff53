"""runbook.toml: who answers, how the agent is stopped, what it falls back to.

Parses the checked file; leaves verifying that all of it is real to `ladder.readiness`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class KillSwitch:
    """What pauses the agent, and the day it was last tried."""

    run: str
    tested_at: dt.date | None = None
    # declared by a person; a drill that is signed shows it
    drill: str | None = None
    # the switch of a drill; None: a drill can't be run without touching production


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensation:
    """The transaction that takes an action back; it counts only while its case passes."""

    tool: str
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """All of runbook.toml; what is not there is not ready."""

    owners: Mapping[str, str] = field(default_factory=dict)
    kill_switch: KillSwitch | None = None
    rollback: str | None = None
    # a git ref that must exist
    compensation: Mapping[str, Compensation] = field(default_factory=dict)
    rota: str | None = None
    # the file that says who is on call, relative to the suite's folder


def parse_runbook(document: Mapping[str, Any]) -> Runbook:
    """What a checked runbook.toml says. Raises ValueError for a date that is no day."""
    switch = document.get("kill_switch")
    return Runbook(
        owners=dict(document.get("owners", {})),
        kill_switch=_kill_switch(switch) if switch else None,
        rollback=document.get("rollback", {}).get("release"),
        compensation={
            name: Compensation(**item) for name, item in document.get("compensation", {}).items()
        },
        rota=document.get("rota", {}).get("file"),
    )


def _kill_switch(switch: Mapping[str, Any]) -> KillSwitch:
    said = switch.get("tested_at")
    return KillSwitch(
        run=switch["run"],
        tested_at=None if said is None else dt.date.fromisoformat(said),
        drill=switch.get("drill"),
    )
