"""Whether what the runbook declares holds: owners, kill switch, rollback, overdue reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.changes.owner_facts import all_reviews
from dialgate.dial.dial_files import written_time
from dialgate_gate.ladder.readiness import verify_readiness
from dialgate_gate.settings.people.roles import role_holders

if TYPE_CHECKING:
    from dialgate.dial.recommending.gathered import Gathered
    from dialgate_gate.settings.people.cadence import Review
    from dialgate_gate.settings.people.roles import RoleHolder


def readiness_of(found: Gathered) -> dict[str, Any]:
    """What runbook.toml declares and whether it holds, whatever a mode requires."""
    runbook, facts = found.settings.runbook, found.facts
    switch = runbook.kill_switch
    common = verify_readiness(("owner", "kill_switch", "rollback"), "", facts)
    return {
        "owners": {item.role: item.shown for item in holders_of(found) if item.text},
        "kill_switch": None
        if switch is None
        else {
            "run": switch.run,
            "tested_at": None if switch.tested_at is None else switch.tested_at.isoformat(),
            "drilled_at": _drilled(found),
        },
        "rollback": runbook.rollback,
        "overdue": _overdue(found),
        "people_note": found.people_note,
        "items": [item.as_json() for item in common],
        "compensation": [
            {
                "action_class": name,
                "tool": item.tool,
                "case": item.case,
                **verify_readiness(("compensation",), name, facts)[0].as_json(),
            }
            for name, item in sorted(runbook.compensation.items())
        ],
    }


def _overdue(found: Gathered) -> list[str]:
    return [f"Overdue: {item}" for item in overdue_reviews(found)]


def overdue_reviews(found: Gathered) -> tuple[Review, ...]:
    """What nobody has looked at for too long; a switch that there is not can't be drilled."""
    drill = found.facts.drills.get("kill-switch")
    drilled = None if drill is None or drill.at is None else drill.at.date()
    reviews = all_reviews(found.workspace, found.settings, found.now.date(), drilled)
    has_switch = found.settings.runbook.kill_switch is not None
    return tuple(
        item
        for item in reviews
        if item.is_overdue and (has_switch if item.thing == "drill" else item.last is not None)
    )


def _drilled(found: Gathered) -> str | None:
    """When the youngest drill that counts was run."""
    drill = found.facts.drills.get("kill-switch")
    return None if drill is None or drill.at is None else written_time(drill.at)


def holders_of(found: Gathered) -> tuple[RoleHolder, ...]:
    """Who holds each role of the runbook today."""
    settings = found.settings
    return role_holders(settings.runbook.owners, settings.owners, found.now.date())
