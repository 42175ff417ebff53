"""A look that is killed at any step of writing its state."""

from __future__ import annotations

import signal
import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING

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

def die_at(name, last):
    def step(path, *arguments, **more):
        if next(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return real[name](path, *arguments, **more)
    return step

key = MachineKey((b"a secret of this machine",))
for folder in map(Path, sys.argv[1:]):
    if (child := os.fork()) == 0:
        for name in real:
            setattr(Path, name, die_at(name, int(folder.name)))
        state = StateFolder(folder / "state", {"dial": "as it is"}, key)
        look = Look(actions=ACTIONS, asked=task_model.asked(), say=print)
        watch_events(name_source(folder / "events"), look, state)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_look_that_is_killed_at_any_step_of_writing_loses_nothing(tmp_path: Path) -> None:
    rows = task_rows(Random(12), 120, days=8)
    # A segment is named, merged with the one before, the state replaced, then two are removed.
    feeds = [Feed(tmp_path / step) for step in ("0", "2", "3")]
    for feed in feeds:
        feed.write("a", rows[:50])
        feed.look()
        feed.write("b", rows[50:])
    command = [sys.executable, "-c", KILLED, *(str(feed.folder.parent) for feed in feeds)]
    died = subprocess.run(command, check=False, capture_output=True, text=True)
    assert died.stdout.split() == [str(-signal.SIGKILL)] * len(feeds), died.stderr
    for feed in feeds:
        found = feed.agrees()
        assert feed.said == []
        assert found.counted == len(rows)
        # What the look left half done is gone too.
        text = feed.manifest().read_text("utf-8")
        assert all(path.name in text for path in feed.state.glob("rows-*"))
