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
from tests.integration.command_line import PATHS
from tests.integration.command_line import dialgate_process as dialgate

if TYPE_CHECKING:
    from pathlib import Path

# Each trial is noted; at the given number the agent kills the harness that runs it: before it acts,
# between its calls, or right after its reply went out, while the harness writes it down.
KILLER = """
import asyncio, os, signal
_inner = respond

def _kill():
    os.kill(os.getppid(), getattr(signal, os.environ["KILL_BY"]))

class _Tools:
    def __init__(self, tools, number):
        self._tools, self.schemas, self.ToolError = tools, tools.schemas, tools.ToolError
        self._kills = number == "KILL" and os.environ["KILL_WHEN"] == "between"

    async def call(self, name, arguments=None):
        answer = await self._tools.call(name, arguments)
        if self._kills:
            _kill()
            await asyncio.sleep(3600)
        return answer

async def respond(messages, tools, release):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(messages[0]["content"] + "\\n")
    with open(os.environ["NOTES"]) as notes:
        number = len(notes.readlines())
    # Several processes may have noted theirs before one reads: whoever is first past it kills.
    kills = number >= int(os.environ.get("KILL_AT", 10**6))
    when = os.environ.get("KILL_WHEN", "before")
    if kills and when == "before":
        _kill()
        await asyncio.sleep(3600)
    reply = await _inner(messages, _Tools(tools, "KILL" if kills else ""), release)
    if kills:
        asyncio.get_running_loop().call_soon(_kill)
    return reply
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
    agent = folder / "suites/my-agent/agent/my_agent.py"
    agent.write_text(agent.read_text() + KILLER)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A scaffolded workspace whose agent can kill the harness."""
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
        [sys.executable, "-m", "dialgate", "run", "suites/my-agent", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": PATHS,
            "NOTES": str(folder / "notes"),
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
    """The first messages of the trials that the killed run left on record."""
    (journal,) = (folder / ".dialgate").glob("run-*/journal.jsonl")
    lines = [line for line in journal.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return {json.loads(line)["messages"][0]["content"] for line in lines}


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
    if code == 0:
        # The kill came when all was done; nothing is left to resume.
        assert (number, when) == (TRIALS, "after")
        return
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
    assert start(folder, KILL_AT="4", KILL_BY=name) == 130
    assert start(folder, "--resume") == 0
    assert len(noted(folder)) == TRIALS + 1
    assert outcome(folder) == undisturbed


def test_without_resume_a_new_record_is_begun(folder: Path) -> None:
    start(folder, KILL_AT="4")
    assert start(folder, "--no-cache") == 0
    assert len(noted(folder)) == 4 + TRIALS
