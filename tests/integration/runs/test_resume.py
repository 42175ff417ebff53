"""A run that is killed loses the trials in flight, and `--resume` runs exactly the missing ones."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Protocol

import pytest

import dialgate as package
from dialgate_evals.records.part_digests import OWN_KEYS
from tests.integration.command_line import PATHS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The harness kills itself: right before it writes a trial down, right after, or while its agent
# waits for the answer to a call. It notes what it writes: what an orphan does counts nowhere.
# Each run is a fork of a process that has imported everything: imports cost more than the run.
HARNESS = """
import json, os, signal, sys
import duckdb
import dialgate.reporting.rendering, dialgate.runs.live_runs
from dialgate_evals.records.run_record import RunRecorder
from dialgate_evals.running.simulation.simulated_tools import SimulatedTools
from dialgate.cli import run

counts = {"calls": 0, "trials": 0}
answer, write = SimulatedTools.answer, RunRecorder.write

def kill_at(kind, moment):
    if job["when"] == moment and counts[kind] == job["number"]:
        os.kill(os.getpid(), getattr(signal, job["by"]))

def counted_answer(self, *arguments, **more):
    counts["calls"] += 1
    kill_at("calls", "between")
    return answer(self, *arguments, **more)

def counted_write(self, trajectory, **more):
    counts["trials"] += 1
    kill_at("trials", "before")
    write(self, trajectory, **more)
    with open("notes", "a") as notes:
        notes.write(trajectory.case_id + "\\n")
    kill_at("trials", "after")

SimulatedTools.answer, RunRecorder.write = counted_answer, counted_write
for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if not child:
        signal.alarm(300)
        os.chdir(job["folder"])
        for stream in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), stream)
        os._exit(run(["run", "suites/my-agent", *job["arguments"]]))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
TRIALS = 17
RNG = random.Random(20261123)
WHENS = ("before", "between", "after")
MOMENTS = [
    *((1, when, 1) for when in WHENS),
    *((TRIALS, when, 4) for when in WHENS),
    *((RNG.randrange(2, TRIALS), when, lanes) for when in WHENS for lanes in (1, 4)),
]
"""At the first trial and at the last, and somewhere between them."""


class Start(Protocol):
    """Runs the scaffolded suite in a process of its own; its exit code."""

    def __call__(self, folder: Path, *arguments: str, lanes: int = 1, **kill: Any) -> int: ...


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    with subprocess.Popen(
        [sys.executable, "-c", HARNESS],
        env={**os.environ, "PYTHONPATH": PATHS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        ask, answers = server.stdin, server.stdout

        def start(folder: Path, *arguments: str, lanes: int = 1, **kill: Any) -> int:
            suite = folder / "suites/my-agent/suite.toml"
            text = suite.read_text().replace("concurrency = 8", f"concurrency = {lanes}")
            suite.write_text(text)
            never = {"number": 0, "when": "never", "by": "SIGKILL"}
            job = {"folder": str(folder), "arguments": arguments, **never, **kill}
            ask.write(json.dumps(job) + "\n")
            ask.flush()
            return int(answers.readline())

        yield start


@pytest.fixture(scope="module")
def undisturbed(scaffold: Path, start: Start, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = shutil.copytree(scaffold, tmp_path_factory.mktemp("undisturbed") / "work")
    assert start(folder) == 0
    return outcome(folder)


def noted(folder: Path) -> list[str]:
    path = folder / "notes"
    return path.read_text().splitlines() if path.exists() else []


def recorded(folder: Path) -> set[str]:
    """The cases whose trials the killed run left on record."""
    (journal,) = (folder / ".dialgate").glob("run-*/journal.jsonl")
    lines = [line for line in journal.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return {json.loads(line)["case_id"] for line in lines}


def outcome(folder: Path) -> Any:
    """The whole record but for its times, and so for the digests of what holds them."""
    (place,) = (folder / ".dialgate").glob("run-*")
    run = package.load(place)
    apart = {"times", *OWN_KEYS}
    document = {key: value for key, value in run.document.items() if key not in apart}
    transcripts = [
        (t.case_id, t.trial, [{k: v for k, v in m.items() if k != "at_ms"} for m in t.messages])
        for t in run.trajectories()
    ]
    trials = run.trials.drop(columns=["latency_ms"]).to_csv()
    return document, trials, run.decisions.to_csv(), transcripts


@pytest.mark.parametrize(("number", "when", "lanes"), MOMENTS)
def test_a_killed_run_goes_on_where_it_stopped(
    number: int, when: str, lanes: int, folder: Path, start: Start, undisturbed: Any
) -> None:
    code = start(folder, lanes=lanes, number=number, when=when)
    assert code == -signal.SIGKILL
    on_record, before = recorded(folder), noted(folder)
    assert start(folder, "--resume", lanes=lanes) == 0
    again = noted(folder)[len(before) :]
    assert not on_record & set(again)
    assert len(on_record) + len(again) == TRIALS
    assert outcome(folder) == undisturbed


def test_what_the_killed_run_loaded_is_on_record(folder: Path, start: Start) -> None:
    """A module that only a trial before the kill needed: a change of it touches that trial."""
    agent = folder / "suites/my-agent/agent"
    (agent / "late.py").write_text("")
    code = (agent / "my_agent.py").read_text()
    first = '    text = messages[-1]["content"]\n'
    assert first in code
    late = f'{first}    if "A-101" in text:\n        import agent.late\n'
    (agent / "my_agent.py").write_text(code.replace(first, late))
    assert start(folder, number=1, when="after") == -signal.SIGKILL
    assert start(folder, "--resume") == 0
    (place,) = (folder / ".dialgate").glob("run-*")
    assert "agent/late.py" in package.load(place).document["loaded"]["files"]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_stops_cleanly_and_goes_on(
    name: str, folder: Path, start: Start, undisturbed: Any
) -> None:
    assert start(folder, number=4, when="between", by=name) == 130
    done = noted(folder)
    assert start(folder, "--resume") == 0
    assert len(noted(folder)) == TRIALS
    assert not set(done) & set(noted(folder)[len(done) :])
    assert outcome(folder) == undisturbed


def test_without_resume_a_new_record_is_begun(folder: Path, start: Start) -> None:
    start(folder, number=4, when="after")
    assert len(noted(folder)) == 4
    assert start(folder, "--no-cache") == 0
    assert len(noted(folder)) == 4 + TRIALS
