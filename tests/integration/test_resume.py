"""A run that is killed loses the trials in flight, and `--resume` runs exactly the missing ones."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from dialgate_evals.records.part_digests import OWN_KEYS

import dialgate as package
from tests.integration.command_line import PATHS, dialgate

if TYPE_CHECKING:
    from pathlib import Path

# The harness kills itself: right before it writes a trial down, right after, or while its agent
# waits for the answer to a call. It notes what it writes: what an orphan does counts nowhere.
HARNESS = """
import os, signal, sys
from dialgate_evals.records.run_record import RunRecorder
from dialgate_evals.running.simulation.simulated_tools import SimulatedTools
from dialgate.cli import run

number, when, by = int(os.environ["KILL_AT"]), os.environ["KILL_WHEN"], os.environ["KILL_BY"]
counts = {"calls": 0, "trials": 0}
answer, write = SimulatedTools.answer, RunRecorder.write

def kill_at(kind, moment):
    if when == moment and counts[kind] == number:
        os.kill(os.getpid(), getattr(signal, by))

def counted_answer(self, *arguments, **more):
    counts["calls"] += 1
    kill_at("calls", "between")
    return answer(self, *arguments, **more)

def counted_write(self, trajectory, **more):
    counts["trials"] += 1
    kill_at("trials", "before")
    write(self, trajectory, **more)
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(trajectory.case_id + "\\n")
    kill_at("trials", "after")

SimulatedTools.answer, RunRecorder.write = counted_answer, counted_write
sys.exit(run(sys.argv[1:]))
"""
TRIALS = 17
RNG = random.Random(20261123)
MOMENTS = RNG.sample(
    [
        (number, when, lanes)
        for number in range(1, TRIALS + 1)
        for when in ("before", "between", "after")
        for lanes in (1, 4)
    ],
    20,
)


def make_workspace(folder: Path) -> Path:
    assert dialgate("init", folder, folder=folder).code == 0
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A scaffolded workspace."""
    return make_workspace(tmp_path)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = make_workspace(tmp_path_factory.mktemp("undisturbed"))
    assert start(folder) == 0
    return outcome(folder)


def start(folder: Path, *arguments: str, lanes: int = 1, **environment: str) -> int:
    suite = folder / "suites/my-agent/suite.toml"
    text = suite.read_text().replace("concurrency = 8", f"concurrency = {lanes}")
    suite.write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", HARNESS, "run", "suites/my-agent", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": PATHS,
            "NOTES": str(folder / "notes"),
            "KILL_AT": "0",
            "KILL_WHEN": "never",
            "KILL_BY": "SIGKILL",
            **environment,
        },
        capture_output=True,
        check=False,
        timeout=60,
    )
    return done.returncode


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
    number: int, when: str, lanes: int, folder: Path, undisturbed: Any
) -> None:
    code = start(folder, lanes=lanes, KILL_AT=str(number), KILL_WHEN=when)
    assert code == -signal.SIGKILL
    on_record, before = recorded(folder), noted(folder)
    assert start(folder, "--resume", lanes=lanes) == 0
    again = noted(folder)[len(before) :]
    assert not on_record & set(again)
    assert len(on_record) + len(again) == TRIALS
    assert outcome(folder) == undisturbed


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_stops_cleanly_and_goes_on(
    name: str, folder: Path, undisturbed: Any
) -> None:
    assert start(folder, KILL_AT="4", KILL_WHEN="between", KILL_BY=name) == 130
    done = noted(folder)
    assert start(folder, "--resume") == 0
    assert len(noted(folder)) == TRIALS
    assert not set(done) & set(noted(folder)[len(done) :])
    assert outcome(folder) == undisturbed


def test_without_resume_a_new_record_is_begun(folder: Path) -> None:
    start(folder, KILL_AT="4", KILL_WHEN="after")
    assert len(noted(folder)) == 4
    assert start(folder, "--no-cache") == 0
    assert len(noted(folder)) == 4 + TRIALS
