"""An agent behind a command costs its own trial only, and no process is left behind."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.files.file_reading import workspace_root
from dialgate_evals.running.agent_protocol import InfrastructureError, ToolAnswer, TrialInput
from dialgate_evals.running.agents.command import CommandAgent
from dialgate_evals.running.containment.sandbox import Sandbox
from dialgate_evals.suite.workspace import load_workspace
from tests.integration.agents.poisoned_runs import (
    BLOCKS,
    HANGS,
    PASSED_ON,
    mark,
    processes,
    run_poisoned,
)
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.suite.suite import Suite

NODE_AGENT = Path(__file__).parents[3] / "examples/agents/node/agent.js"


def command_agent(suite: Suite, folder: Path) -> CommandAgent:
    return CommandAgent(
        suite, sandbox=Sandbox(suite, suite_folder=folder, root=workspace_root(folder))
    )


# An agent that speaks the protocol with the standard library only.
AGENT = '''
import asyncio, json, os, sys, time

waiting = {{}}
tasks = set()

def write(raw):
    os.write(1, raw)

def send(message):
    write(json.dumps({{"jsonrpc": "2.0", **message}}).encode() + b"\\n")

async def call(trial, name, arguments):
    number = f"call-{{len(waiting)}}"
    waiting[number] = asyncio.get_running_loop().create_future()
    send({{"id": number, "method": "tools/call",
          "params": {{"trial_id": trial, "name": name, "arguments": arguments}}}})
    return await waiting[number]

def eat_memory():
    try:
        bytearray(4 * 2**30)
    except MemoryError:
        os._exit(9)

async def run(number, trial, messages):
    """Innocent but for the case refund-001."""
    case = messages[0]["content"].split()[-1].rstrip(".")
    if case == "refund-001":
        {poison}
    await call(trial, "refund", {{"id": case, "amount": 10}})
    send({{"id": number, "result": {{"reply": "Done."}}}})

async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        message = json.loads(line)
        if message.get("method") == "initialize":
            {initialize}
        elif message.get("method") == "trial/run":
            params = message["params"]
            task = asyncio.create_task(run(message["id"], params["trial_id"], params["messages"]))
            tasks.add(task)
        elif message["id"] in waiting and not waiting[message["id"]].done():
            waiting[message["id"]].set_result(message)

asyncio.run(main())
'''
CALL = 'await call(trial, "look_up", {"id": "x"})'
SEVERAL = 'send({"id": message["id"], "result": {"concurrency": 8}})'
ONE_BY_ERROR = 'send({"id": message["id"], "error": {"code": -32601, "message": "no such method"}})'

# What the agent does in one of its trials, and how that trial ends.
MISBEHAVIOUR = {
    "answers with an error": (
        'send({"id": number, "error": {"code": 1, "message": "boom"}}); return',
        "failed",
    ),
    "crashes before the first message": ("os._exit(3)", "failed"),
    "crashes in the middle": (f"{CALL}; os._exit(3)", "failed"),
    "ends early as if all were well": (f"{CALL}; os._exit(0)", "failed"),
    "hangs": (HANGS, "failed"),
    "blocks its process": (BLOCKS, "failed"),
    "floods its output": ("write(b'x' * (2**24 + 2**20))", "failed"),
    "floods its log": ("sys.stderr.write('x' * 10_000_000)", "passed"),
    "eats memory": (f"{CALL}; eat_memory()", "failed"),
    "leaves a child behind": ("os.fork() or time.sleep(3600)", "passed"),
    "writes a line that is no JSON": ("write(b'garbage\\n')", "failed"),
    "writes bytes that are not UTF-8": ("write(b'\\xff\\xfe\\n')", "failed"),
    "writes JSON that is no message": ("write(b'[1]\\n')", "failed"),
    "writes an answer without a result": ("send({'id': number})", "failed"),
    "replies with another type": ("send({'id': number, 'result': 42}); return", "failed"),
    "replies a usage that is none": (
        "send({'id': number, 'result': {'reply': '', 'usage': {'input_tokens': 'x'}}}); return",
        "failed",
    ),
    "replies to nobody": ("send({'id': 10**6, 'result': {}})", "passed"),
    "calls for nobody": ('await call("nobody", "refund", {})', "passed"),
    "calls without end": (f"for _ in range(1000): {CALL}", "failed"),
    "sends nonsense to a tool": ("await call(trial, [1], None)", "passed"),
    "asks for a method that is not there": (
        "send({'id': 'x', 'method': 'no/such', 'params': {}})",
        "passed",
    ),
}


def make_suite(
    tmp_path: Path, command: list[str], extra: str = "", concurrency: int = 3, limit_s: float = 30
) -> RecordedSuite:
    mark(tmp_path)
    suite = RecordedSuite(tmp_path / "shop", refunds=3)
    text = (suite.folder / "suite.toml").read_text()
    suite.write(
        "suite.toml",
        text[: text.index("[agent]")]
        + f"timeout_s = {limit_s}\nretries = 1\nconcurrency = {concurrency}\n[agent]\n"
        f'kind = "command"\ncommand = {json.dumps(command)}\nworkers = 1\n{PASSED_ON}{extra}',
    )
    return suite


def run(suite: RecordedSuite, poison: str = "", *, is_alone: bool = True) -> dict[str, TrialScore]:
    """Each case's score."""
    workspace = load_workspace(suite.folder)
    agent = command_agent(workspace.suite, suite.folder)
    # What shares a process has a part of its time, and then another process to itself.
    spared = 0 if is_alone else 1
    return run_poisoned(workspace, agent, poison, is_alone=is_alone, spared=spared)


def run_with(
    tmp_path: Path, poison: str, initialize: str = SEVERAL, concurrency: int = 3
) -> dict[str, TrialScore]:
    command = [sys.executable, "-u", "agent.py"]
    limit_s = 4 if poison == BLOCKS else 30
    suite = make_suite(tmp_path, command, "memory_mb = 2048\n", concurrency, limit_s)
    suite.write("agent.py", AGENT.format(poison=poison, initialize=initialize))
    return run(suite, poison, is_alone=concurrency == 1)


# What does no harm does none to others either: those are run with several at once only.
MATRIX = [
    pytest.param(poison, ends, several, id=f"{name}, {'several' if several else 'one'} at once")
    for name, (poison, ends) in MISBEHAVIOUR.items()
    for several in ([True, False] if ends != "passed" else [True])
]


@pytest.mark.parametrize(("poison", "ends", "several"), MATRIX)
def test_it_costs_its_own_trial_only(poison: str, ends: str, several: bool, tmp_path: Path) -> None:
    initialize, concurrency = (SEVERAL, 3) if several else (ONE_BY_ERROR, 1)
    found = run_with(tmp_path, poison, initialize, concurrency)
    assert len(found) == 3
    assert found.pop("refund-001").status.value == ends
    assert {score.status.value for score in found.values()} == {"passed"}
    assert processes(tmp_path) == set()


class NoTools:
    """Tools that no trial calls."""

    log: tuple[object, ...] = ()

    def restart(self) -> None: ...

    async def call(self, name: str, arguments: object) -> ToolAnswer:
        raise AssertionError(name)

    def answer(self, name: str, arguments: object) -> tuple[ToolAnswer, float]:
        raise AssertionError(name)


def test_a_trial_that_finds_no_room_could_not_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting for a turn is not the agent's fault: errored with the advice, never failed."""
    monkeypatch.setattr("dialgate_evals.running.agents.command._INITIALIZE_S", 0.01)
    suite = make_suite(tmp_path, [sys.executable, "-u", "agent.py"])
    suite.write("agent.py", AGENT.format(poison=HANGS, initialize="pass"))
    settings = replace(load_workspace(suite.folder).suite, timeout_s=0.1)
    message = {"role": "user", "content": "Please handle refund-001."}

    async def run_two() -> None:
        agent = command_agent(settings, suite.folder)
        try:
            # However long it takes to start: only what waits for a turn has little time.
            await agent.start()
            async with asyncio.TaskGroup() as group:
                for number in range(2):
                    trial = TrialInput(
                        trial_id=str(number), messages=[message], tools=[], release={}
                    )
                    group.create_task(agent.respond(trial, NoTools()))
        finally:
            await agent.close()

    with pytest.raises(ExceptionGroup) as raised:
        asyncio.run(run_two())
    assert raised.group_contains(InfrastructureError, match=r"raise agent\.workers")
    assert processes(tmp_path) == set()


class TestInitialize:
    """`initialize` tells how many trials the agent takes; one if it doesn't answer."""

    def most(self, tmp_path: Path, initialize: str) -> int:
        suite = make_suite(tmp_path, [sys.executable, "-u", "agent.py"])
        suite.write("agent.py", AGENT.format(poison="pass", initialize=initialize))

        async def ask() -> int:
            settings = load_workspace(suite.folder).suite
            agent = command_agent(settings, suite.folder)
            try:
                await agent.start()
                return agent.most_in_flight
            finally:
                await agent.close()

        return asyncio.run(ask())

    def test_the_figure_counts(self, tmp_path: Path) -> None:
        assert self.most(tmp_path, SEVERAL) == 8

    def test_an_error_means_one(self, tmp_path: Path) -> None:
        assert self.most(tmp_path, ONE_BY_ERROR) == 1

    def test_an_answer_without_the_figure_means_one(self, tmp_path: Path) -> None:
        assert self.most(tmp_path, 'send({"id": message["id"], "result": {}})') == 1

    @pytest.mark.parametrize("figure", ["0", "-1", "True", "1.5", '"8"', "None"])
    def test_a_figure_that_is_none_is_refused(self, figure: str, tmp_path: Path) -> None:
        answer = f'send({{"id": message["id"], "result": {{"concurrency": {figure}}}}})'
        with pytest.raises(InfrastructureError, match="which is no count"):
            self.most(tmp_path, answer)

    def test_an_agent_that_never_answers_gets_one_trial_at_a_time(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("dialgate_evals.running.agents.command._INITIALIZE_S", 0.01)
        assert self.most(tmp_path, "pass") == 1


def test_a_command_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="no-such-program can't be started"):
        run(make_suite(tmp_path, ["./no-such-program"]))


def test_a_command_that_ends_at_once_shows_its_log(tmp_path: Path) -> None:
    code = "import sys; sys.exit('no licence found')"
    with pytest.raises(InfrastructureError, match=r"exit code 1.*no licence found"):
        run(make_suite(tmp_path, [sys.executable, "-c", code]))


def test_a_failure_shows_the_end_of_the_agents_log(tmp_path: Path) -> None:
    poison = f"{CALL}; sys.stderr.write('out of ideas'); sys.stderr.flush(); os._exit(3)"
    found = run_with(tmp_path, poison)
    assert "exit code 3" in found["refund-001"].reply_failures[0]
    assert "out of ideas" in found["refund-001"].reply_failures[0]


def test_a_tool_error_reaches_the_agent_as_an_error_of_its_own_code(tmp_path: Path) -> None:
    poison = (
        'answer = await call(trial, "refund", {"amount": "much"}); '
        'send({"id": number, "error": {"code": 1, "message": json.dumps(answer["error"])}}); return'
    )
    found = run_with(tmp_path, poison)
    failure = found["refund-001"].reply_failures[0]
    assert "-32000" in failure
    assert "invalid arguments" in failure


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_node_example_passes_and_fits_in_50_lines(tmp_path: Path) -> None:
    found = run(make_suite(tmp_path, ["node", str(NODE_AGENT)]))
    assert {score.status.value for score in found.values()} == {"passed"}
    assert len(NODE_AGENT.read_text().splitlines()) < 50
