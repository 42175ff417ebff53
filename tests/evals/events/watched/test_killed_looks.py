"""A look that is killed at any step of writing its state."""

from __future__ import annotations

import signal
import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.evals.events.event_tables import (
    task_rows,
)
from tests.evals.events.watched.feeds import Feed

if TYPE_CHECKING:
    from pathlib import Path

KILLED = """
import os, signal, sys
from pathlib import Path
from dialgate_evals.events.named_source import name_source
from dialgate_evals.events.watched.event_watch import watch_events
from dialgate_evals.events.watched.looks import Look
from dialgate_evals.events.watched.watch_state import StateFolder
from dialgate_evals.records.machine_key import MachineKey
from tests.evals.events import task_model
from tests.evals.events.event_tables import ACTIONS

steps, real = iter(range(1_000)), {name: getattr(Path, name) for name in ("replace", "unlink")}

def die_at(name):
    def step(path, *arguments, **more):
        if next(steps) == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
        return real[name](path, *arguments, **more)
    return step

for name in real:
    setattr(Path, name, die_at(name))
key = MachineKey((b"a secret of this machine",))
state = StateFolder(Path(sys.argv[2]), {"dial": "as it is"}, key)
look = Look(actions=ACTIONS, asked=task_model.asked(), say=print)
watch_events(name_source(Path(sys.argv[1])), look, state)
"""


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    return Feed(tmp_path)


@pytest.mark.parametrize("step", [0, 2, 3])
def test_a_look_that_is_killed_at_any_step_of_writing_loses_nothing(feed: Feed, step: int) -> None:
    rows = task_rows(Random(12), 120, days=8)
    feed.write("a", rows[:50])
    feed.look()
    feed.write("b", rows[50:])
    command = [sys.executable, "-c", KILLED, str(feed.folder), str(feed.state), str(step)]
    died = subprocess.run(command, check=False, capture_output=True, text=True)
    # A segment is named, merged with the one before, the state replaced, then two are removed.
    assert died.returncode == -signal.SIGKILL, died.stderr
    found = feed.agrees()
    assert feed.said == []
    assert found.counted == len(rows)
    # What the look left half done is gone too.
    text = feed.manifest().read_text("utf-8")
    assert all(path.name in text for path in feed.state.glob("rows-*"))
