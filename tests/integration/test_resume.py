"""A run that is killed loses the trials in flight, and `--resume` runs exactly the missing ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import dialgate as package
from tests.integration.command_line import PROJECT, dialgate

if TYPE_CHECKING:
    from pathlib import Path

# Each trial is noted in a file; at the given number the agent kills the harness that runs it.
KILLER = """
import os, signal
_inner = respond
async def respond(messages, tools, release):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(messages[0]["content"] + "\\n")
    with open(os.environ["NOTES"]) as notes:
        number = len(notes.readlines())
    if number == int(os.environ.get("KILL_AT", 0)):
        os.kill(os.getppid(), getattr(signal, os.environ["KILL_BY"]))
        import asyncio
        await asyncio.sleep(3600)
    return await _inner(messages, tools, release)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A scaffolded workspace whose agent can kill the harness; one trial at a time."""
    assert dialgate("init", tmp_path, folder=tmp_path).code == 0
    suite = tmp_path / "suites/my-agent"
    text = (suite / "suite.toml").read_text().replace("concurrency = 8", "concurrency = 1")
    (suite / "suite.toml").write_text(text)
    agent = suite / "agent/my_agent.py"
    agent.write_text(agent.read_text() + KILLER)
    return tmp_path


def start(folder: Path, *arguments: str, **environment: str) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "dialgate", "run", "suites/my-agent", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "NOTES": str(folder / "notes"),
            "KILL_BY": "SIGKILL",
            **environment,
        },
        capture_output=True,
        check=False,
        timeout=60,
    )
    return done.returncode


def outcome(folder: Path) -> list[tuple[object, ...]]:
    run = package.load(next((folder / ".dialgate").glob("run-*")))
    columns = ["case_id", "trial", "passed", "tool_calls"]
    return list(run.trials[columns].itertuples(index=False, name=None))


@pytest.mark.parametrize("moment", [1, 2, 5, 9, 16, 17])
def test_a_killed_run_goes_on_where_it_stopped(moment: int, folder: Path) -> None:
    assert start(folder, KILL_AT=str(moment)) == -signal.SIGKILL
    assert start(folder, "--resume") == 0
    ran = (folder / "notes").read_text().splitlines()
    # Only the trial in flight runs twice: it was not on record.
    assert len(ran) == 17 + 1
    assert len(set(ran)) == 17
    resumed = outcome(folder)
    assert len(list((folder / ".dialgate").glob("run-*"))) == 1
    for record in (folder / ".dialgate").glob("run-*"):
        for file in record.iterdir():
            file.unlink()
        record.rmdir()
    assert start(folder) == 0
    assert outcome(folder) == resumed


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_stops_cleanly_and_goes_on(name: str, folder: Path) -> None:
    assert start(folder, KILL_AT="4", KILL_BY=name) == 130
    assert start(folder, "--resume") == 0
    assert len(outcome(folder)) == 17
    assert len((folder / "notes").read_text().splitlines()) == 18


def test_without_resume_a_new_record_is_begun(folder: Path) -> None:
    start(folder, KILL_AT="4")
    assert start(folder) == 0
    assert len((folder / "notes").read_text().splitlines()) == 4 + 17
