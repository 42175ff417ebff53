"""A machine that lets less be built says what stands and what keeps the rest from standing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any

import pytest

from dialgate_evals.running.containment.machine import CHOICE, find_walls
from dialgate_evals.running.containment.walls import Means, walls_around
from dialgate_evals.suite.suite import AgentKind
from tests.integration.command_line import PATHS

FIND = (
    "import json; from dialgate_evals.running.containment.machine import find_walls; "
    "found = find_walls(); print(json.dumps([found.means.value, sorted(found.stands), found.why]))"
)
# A user who is root of nothing, where nobody may have a namespace of users.
_AS_NOBODY = 'exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
_CLOSED = f"echo 0 > /proc/sys/user/max_user_namespaces && {_AS_NOBODY}"
WITHOUT_NAMESPACES = ("unshare", "-U", "--map-root-user", "sh", "-c", _CLOSED, "sh")


def found_there() -> tuple[str, list[str], str]:
    done = subprocess.run(
        [*WITHOUT_NAMESPACES, sys.executable, "-c", FIND],
        env={"PYTHONPATH": PATHS, "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"such a machine can't be had here: {done.stderr.strip()[:200]}")
    means, stands, why = json.loads(done.stdout)
    return means, stands, why


@pytest.mark.skipif(
    shutil.which("unshare") is None or shutil.which("setpriv") is None,
    reason="unshare and setpriv are not installed",
)
def test_without_user_namespaces_the_walls_are_landlock_s_or_none_and_it_says_why() -> None:
    means, stands, why = found_there()
    assert means in {"landlock", "nothing"}
    assert set(stands) <= {"read", "write", "processes"}
    assert why


@pytest.mark.parametrize(("choice", "why"), [("nothing", CHOICE), ("ramparts", "no way that is")])
def test_a_choice_that_builds_nothing_unseals_and_is_named(choice: str, why: str) -> None:
    machine = find_walls(choice)
    walls: Any = walls_around(AgentKind.PYTHON, machine=machine)
    assert machine.means is Means.NOTHING
    assert not walls.is_sealed
    assert all(why in sentence for sentence in walls.unsealed)
