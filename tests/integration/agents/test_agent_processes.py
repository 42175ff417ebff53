"""An agent that misbehaves costs its own trial only; no process is left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from dialgate_evals.running.agents.registry import died_under, open_agent
from dialgate_evals.suite.workspace import load_workspace
from tests.integration.agents.poisoned_runs import (
    BLOCKS,
    HANGS,
    PASSED_ON,
    mark,
    processes,
    run_poisoned,
)
from tests.integration.check.outside import answering
from tests.integration.command_line import dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore

AGENT = '''
import os, sys, time, asyncio

async def respond(messages, tools, release):
    """Innocent but for the case refund-001."""
    case = messages[0]["content"].split()[-1].rstrip(".")
    if case == "refund-001":
        {poison}
    await tools.call("refund", {{"id": case, "amount": 10}})
    return "Done."
'''
CALL = 'await _try(tools, "look_up", {"id": "x"})'
# nothing answers it: an agent that doesn't catch the error would end here

# What the agent does in one of its trials, and how that trial ends.
MISBEHAVIOUR = {
    "raises": ("raise ValueError('boom')", "failed"),
    "crashes before the first message": ("os._exit(3)", "failed"),
    "exits before the first message": ("sys.exit(1)", "failed"),
    "exits in a task of its own": ("await asyncio.create_task(_exit())", "failed"),
    "is interrupted": ("raise KeyboardInterrupt", "failed"),
    "cancels itself": ("raise asyncio.CancelledError", "failed"),
    "crashes in native code": ("import ctypes; ctypes.string_at(0)", "failed"),
    "is killed": ("os.kill(os.getpid(), 9)", "failed"),
    "crashes in the middle": (f"{CALL}; os._exit(3)", "failed"),
    "ends early as if all were well": (f"{CALL}; os._exit(0)", "failed"),
    "hangs": (HANGS, "failed"),
    "blocks its process": (BLOCKS, "failed"),
    "floods its output": ("sys.stdout.write('x' * 10_000_000)", "passed"),
    "floods its log": ("sys.stderr.write('x' * 10_000_000)", "passed"),
    "eats memory": ("x = bytearray(4 * 2**30)", "failed"),
    "leaves a child behind": ("os.fork() or time.sleep(3600)", "passed"),
    "replies nonsense": ("return 42", "failed"),
    "replies what is no JSON": ("return {'reply': 'x', 'usage': object()}", "failed"),
    "writes garbage to every descriptor": (
        f"{CALL}; [os.write(n, b'garbage\\n') for n in range(3, 12) if _is_pipe(n)]",
        "failed",
    ),
    "sends a number that no double holds": (
        "await _try(tools, 'refund', {'id': case, 'amount': 10**400})",
        "failed",
    ),
    "sends a number with more digits than are read": (
        "await _try(tools, 'refund', {'id': case, 'amount': 10**4000 * 10**4000})",
        "failed",
    ),
    "sends what is nested without end": ("await _try(tools, 'refund', _deep(100_000))", "failed"),
    "sends half a character": ("await _try(tools, 'look_up', {'id': '\\ud800'})", "passed"),
    "sends a name without end": ("await _try(tools, 'x' * 2 * 10**6, {})", "passed"),
    "calls without end": (f"[{CALL} for _ in range(1000)]", "failed"),
    "sends nonsense to a tool": ("await _try(tools, None, [1])", "passed"),
}

ENDS_ITSELF = ("os._exit(", "os.kill(", "ctypes.")

HELPERS = """
import stat

def _is_pipe(n):
    try:
        return stat.S_ISFIFO(os.fstat(n).st_mode) or stat.S_ISSOCK(os.fstat(n).st_mode)
    except OSError:
        return False

def _deep(levels):
    document = {}
    for _ in range(levels):
        document = {"more": document}
    return document

async def _exit():
    sys.exit(1)

async def _try(tools, name, arguments):
    try:
        await tools.call(name, arguments)
    except tools.ToolError:
        pass
"""


def run(tmp_path: Path, poison: str) -> tuple[dict[str, TrialScore], int]:
    """Each case's score, and how many of the agent's processes died under a trial."""
    mark(tmp_path)
    suite = RecordedSuite(tmp_path / "shop", refunds=3)
    suite.write("agent.py", AGENT.format(poison=poison) + HELPERS)
    text = (suite.folder / "suite.toml").read_text()
    start = text.index("[agent]")
    suite.write(
        "suite.toml",
        f'{text[:start]}timeout_s = 30\nretries = 1\n[agent]\nkind = "python"\n'
        f'target = "agent:respond"\nworkers = 1\nmemory_mb = 2048\n{PASSED_ON}',
    )
    workspace = load_workspace(suite.folder)
    agent = open_agent(
        workspace.suite,
        release=workspace.release(),
        suite_folder=suite.folder,
        root=workspace.root,
    )
    return run_poisoned(workspace, agent, poison), died_under(agent)


@pytest.mark.parametrize(("poison", "ends"), MISBEHAVIOUR.values(), ids=MISBEHAVIOUR)
def test_it_costs_its_own_trial_only(poison: str, ends: str, tmp_path: Path) -> None:
    found, died = run(tmp_path, poison)
    assert len(found) == 3
    assert died > 0 or not any(word in poison for word in ENDS_ITSELF)
    assert not died or ends == "failed"
    assert found.pop("refund-001").status.value == ends
    assert {score.status.value for score in found.values()} == {"passed"}
    assert processes(tmp_path) == set()


def test_a_failure_names_the_exception_and_its_place(tmp_path: Path) -> None:
    found, died = run(tmp_path, "raise ValueError('boom')")
    assert "ValueError: boom" in found["refund-001"].reply_failures[0]
    assert "agent.py" in found["refund-001"].reply_failures[0]
    assert died == 0


def test_a_plain_function_runs_concurrently_in_threads(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=6)
    suite.write(
        "agent.py",
        "import threading\n"
        "meet = threading.Barrier(6, timeout=100)\n"
        "def respond(messages, tools, release):\n"
        "    meet.wait()\n"
        "    case = messages[0]['content'].split()[-1].rstrip('.')\n"
        "    tools.call('refund', {'id': case, 'amount': 10})\n"
        "    return {'reply': 'ok', 'usage': {'input_tokens': 3}, 'cost_usd': 0.5}\n",
    )
    text = (suite.folder / "suite.toml").read_text()
    agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\nworkers = 1\n'
    suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    finished = dialgate("run", suite.folder, folder=tmp_path)
    assert "6 of 6 trials passed" in finished.out


BLOCKS_UNTIL_ANOTHER_ASKS = """
import os
OWN = os.urandom(8).hex()

async def respond(messages, tools, release):
    while ask(OWN) != "2":
        pass
    case = messages[0]["content"].split()[-1].rstrip(".")
    await tools.call("refund", {"id": case, "amount": 10})
    return "Done."
"""


def test_trials_that_block_their_process_leave_the_others_to_another(tmp_path: Path) -> None:
    asked_by: set[str] = set()

    def count(process: str) -> str:
        asked_by.add(process)
        return str(len(asked_by))

    suite = RecordedSuite(tmp_path / "shop", refunds=6)
    text = (suite.folder / "suite.toml").read_text()
    agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\nworkers = 2\n'
    suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    with answering(count) as ask:
        suite.write("agent.py", ask + BLOCKS_UNTIL_ANOTHER_ASKS)
        finished = dialgate("run", suite.folder, folder=tmp_path)
    assert "6 of 6 trials passed" in finished.out
    assert len(asked_by) == 2


@pytest.mark.parametrize("isolation", ["process", "none"])
def test_both_ways_to_reach_a_python_agent_give_equal_outcomes(
    isolation: str, tmp_path: Path
) -> None:
    assert dialgate("init", folder=tmp_path).code == 0
    path = tmp_path / "suites/my-agent/suite.toml"
    path.write_text(path.read_text().replace("[agent]", f'[agent]\nisolation = "{isolation}"'))
    finished = dialgate("run", "suites/my-agent", folder=tmp_path)
    assert "17 of 17 trials passed" in finished.out


def test_an_agent_that_cannot_be_loaded_is_said_to_be(tmp_path: Path) -> None:
    dialgate("init", folder=tmp_path)
    (tmp_path / "suites/my-agent/agent/my_agent.py").write_text("import no_such_module\n")
    finished = dialgate("check", "suites/my-agent", folder=tmp_path)
    assert finished.code == 4
    assert "No module named 'no_such_module'" in finished.err


def test_the_same_prompt_twice_gives_the_same_trajectory(tmp_path: Path) -> None:
    one, two = (run(tmp_path / name, "pass")[0] for name in "ab")
    same = [replace(score, latency_ms=None) for score in one.values()]
    other = {score.case_id: replace(score, latency_ms=None) for score in two.values()}
    assert all(score == other[score.case_id] for score in same)
