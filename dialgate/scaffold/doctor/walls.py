"""Which walls would stand around the agent, and what keeps the others from standing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.scaffold.doctor.finding import Finding, State
from dialgate_evals.running.containment.machine import machine_walls, walls_of
from dialgate_evals.running.containment.walls import Means, walls_around
from dialgate_evals.suite.suite import AgentKind, Network
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.scaffold.doctor.finding import Patient
    from dialgate_evals.running.containment.walls import Walls

_ADVICE = (
    "For walls, install bubblewrap, or let everybody have user namespaces "
    "(sysctl kernel.apparmor_restrict_unprivileged_userns=0 where AppArmor forbids them)."
)
_MEND = "sudo apt-get install bubblewrap"


def check_walls(patient: Patient) -> Iterator[Finding]:
    """The walls of the suite's agent; without a suite, those of any agent that is started."""
    workspace = patient.workspace
    if workspace is None:
        machine = machine_walls()
        walls = walls_around(AgentKind.PYTHON, machine=machine, network=Network.NONE)
    else:
        walls = walls_of(workspace.suite)
    missing = State.MEND if _must_be_sealed(patient) else State.NOTE
    yield Finding(
        check="walls",
        state=State.OK if walls.is_sealed else missing,
        text=_headline(walls),
    )
    for sentence in walls.unsealed:
        yield Finding(check="walls", state=missing, text=sentence)
    is_started = workspace is None or workspace.suite.agent.kind in {
        AgentKind.PYTHON,
        AgentKind.COMMAND,
    }
    if walls.unsealed and is_started:
        yield Finding(check="walls", state=State.NOTE, text=_ADVICE, mend=_MEND)


def _must_be_sealed(patient: Patient) -> bool:
    """Whether the suite's policy refuses an unsealed check."""
    if patient.folder is None:
        return False
    return load_settings(patient.folder).policy.gate.require_sealed


def _headline(walls: Walls) -> str:
    names = ", ".join(wall.value for wall in walls.stand) or "none"
    by = f" by {walls.means.value}" if walls.means is not Means.NOTHING else ""
    return f"{'sealed' if walls.is_sealed else 'unsealed'}{by}; walls that stand: {names}"
