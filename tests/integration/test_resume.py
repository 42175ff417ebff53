"""A run that is killed loses the trials in flight, and `--resume` runs exactly the missing ones."""

from __future__ import annotations

import json
import os
import random
import signal
import socketserver
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import pytest
from dialgate_evals.records.part_digests import OWN_KEYS

import dialgate as package
from tests.integration.command_line import PATHS
from tests.integration.command_line import dialgate_process as dialgate

if TYPE_CHECKING:
    from pathlib import Path

# Each trial is noted; at the given number the agent has the run killed: before it acts, between its
# calls, or right after its reply went out, while the harness writes it down. No agent reaches the
# harness itself, so it asks a server of the test.
KILLER = """
import asyncio, os
_inner = respond

async def _ask(text):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ["KILLER"]))
    writer.write(text.encode() + b"\\n")
    answer = await reader.readline()
    writer.close()
    return answer

async def _kill():
    await _ask("kill")
    await asyncio.sleep(3600)

class _Tools:
    def __init__(self, tools, kills):
        self._tools, self.schemas, self.ToolError = tools, tools.schemas, tools.ToolError
        self._kills = kills

    async def call(self, name, arguments=None):
        answer = await self._tools.call(name, arguments)
        if self._kills:
            await _kill()
        return answer

async def respond(messages, tools, release):
    number = int(await _ask("note " + messages[0]["content"]))
    # Several processes may have noted theirs before one reads: whoever is first past it kills.
    kills = number >= int(os.environ.get("KILL_AT", 10**6))
    when = os.environ.get("KILL_WHEN", "before")
    if kills and when == "before":
        await _kill()
    reply = await _inner(messages, _Tools(tools, kills and when == "between"), release)
    if kills:
        _tasks.append(asyncio.get_running_loop().create_task(_kill()))
    return reply

_tasks = []
"""


class Killer(socketserver.ThreadingTCPServer):
    """Notes what agents say, and kills the command when one asks for it."""

    daemon_threads = True

    def __init__(self, notes: Path, number: int) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.notes, self.number = notes, number
        self.process: subprocess.Popen[bytes] | None = None
        self.lock = threading.Lock()

    def answer(self, text: str) -> int:
        """How many are noted by now."""
        with self.lock:
            if text == "kill":
                assert self.process is not None
                self.process.send_signal(self.number)
            else:
                with self.notes.open("a") as notes:
                    notes.write(text.removeprefix("note ") + "\n")
            return len(self.notes.read_text().splitlines())


class Asked(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        killer = cast("Killer", self.server)
        number = killer.answer(self.rfile.readline().decode().rstrip("\n"))
        with suppress(OSError):
            self.wfile.write(f"{number}\n".encode())


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
    suite = folder / "suites/my-agent/suite.toml"
    passed_on = '[agent]\nenv = ["KILLER", "KILL_AT", "KILL_WHEN"]'
    suite.write_text(suite.read_text().replace("[agent]", passed_on, 1))
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
    number = signal.Signals[environment.pop("KILL_BY", "SIGKILL")]
    with Killer(folder / "notes", number) as killer:
        threading.Thread(target=killer.serve_forever, daemon=True).start()
        killer.process = subprocess.Popen(
            [sys.executable, "-m", "dialgate", "run", "suites/my-agent", *arguments],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": PATHS,
                "KILLER": str(killer.server_address[1]),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        killer.process.communicate(timeout=120)
        killer.shutdown()
        return killer.process.returncode


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
