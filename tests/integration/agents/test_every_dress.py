"""The same agent gives the same record, however it is reached and whoever asks for the run."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

import dialgate as package
from tests.integration.agents.dresses.servers import (
    answer_as_agent,
    answer_as_model,
    serving,
    the_desk_s_agent,
)
from tests.integration.command_line import PROJECT, dialgate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.dialgate.pytest_suite.sessions import Sessions

pytest_plugins = ["pytester"]

SCRIPT = PROJECT / "tests/integration/agents/dresses/over_json_rpc.py"
KNOWN_TO_FAIL = {"refund.small"}
"""What the release in production gets wrong; the next one mends it."""

APART = ["latency_ms", "finish_reason"]
"""What no two runs have in common; why a turn ended, only an endpoint says."""

DRESSES = ["python", "python without isolation", "command", "http", "chat", "python with mcp"]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A copy of the example."""
    for name in ("suites", "golden"):
        ignored = shutil.ignore_patterns("__pycache__")
        source, copy = PROJECT / name / "support-desk", tmp_path / name / "support-desk"
        shutil.copytree(source, copy, ignore=ignored)
    return tmp_path


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> package.Run:
    """The record of the example as it stands in the project, by `dialgate run`."""
    folder = tmp_path_factory.mktemp("expected")
    done = dialgate("run", PROJECT / "suites/support-desk", "--out", folder, folder=folder)
    assert done.code == 0, done.err
    return package.load(next(folder.glob("run-*")))


@pytest.fixture(scope="module")
def respond() -> Iterator[Any]:
    """The example's agent, loaded under a name of its own."""
    with the_desk_s_agent() as module:
        yield module.support_desk.respond


def put_on(dress: str, respond: Any, stack: ExitStack) -> str:
    """The `[agent]` table that reaches the agent so."""
    python = 'kind = "python"\ntarget = "agent.support_desk:respond"\n'
    if dress == "http":
        return f'kind = "http"\nurl = "{stack.enter_context(serving(answer_as_agent(respond)))}"\n'
    if dress == "chat":
        url = stack.enter_context(serving(answer_as_model(respond)))
        prices = "[prices]\ninput = 1.0\noutput = 4.0\n"
        return f'kind = "chat"\nbase_url = "{url}/v1"\n{prices}'
    if dress == "command":
        return f'kind = "command"\ncommand = {json.dumps([sys.executable, str(SCRIPT)])}\n'
    more = {"python without isolation": 'isolation = "none"\n', "python with mcp": "mcp = true\n"}
    return python + more.get(dress, "")


def assert_equal(found: package.Run, expected: package.Run) -> None:
    import pandas as pd

    for name in ("trials", "decisions"):
        ours, theirs = getattr(found, name), getattr(expected, name)
        same = [column for column in theirs.columns if column not in APART]
        pd.testing.assert_frame_equal(ours[same], theirs[same], check_exact=False, atol=1e-6)
    keys = ["cases", "trials", "passed", "failed", "errored", "agent_calls", "tool_calls"]
    counts = found.document["counts"], expected.document["counts"]
    assert {key: counts[0][key] for key in keys} == {key: counts[1][key] for key in keys}
    assert found.document["release"] == expected.document["release"]


@pytest.mark.parametrize("dress", DRESSES)
def test_every_dress_gives_the_same_record(
    dress: str, desk: Path, expected: package.Run, respond: Any
) -> None:
    if dress == "chat":
        pytest.importorskip("openai", reason='the extra "chat" is not installed')
    if dress == "python with mcp":
        pytest.importorskip("mcp", reason='the extra "mcp" is not installed')
    path = desk / "suites/support-desk/suite.toml"
    text = path.read_text()
    with ExitStack() as stack:
        table = put_on(dress, respond, stack)
        path.write_text(text[: text.index("[agent]")] + "[agent]\n" + table)
        done = dialgate("run", "suites/support-desk", folder=desk)
    assert done.code == 0, done.err
    assert_equal(package.load(next((desk / ".dialgate").glob("run-*"))), expected)


@pytest.mark.parametrize("more", [[], ["-n", "2"]], ids=["pytest", "pytest -n 2"])
def test_pytest_gives_the_same_record(
    more: list[str], desk: Path, expected: package.Run, run_pytest: Sessions
) -> None:
    done = run_pytest(desk, *more, suites=("suites/support-desk",)).stdout.str()
    assert "3 failed, 77 passed" in done, done[-2000:]
    assert_equal(package.load(next((desk / ".dialgate").glob("run-*"))), expected)


def test_one_prompt_line_turns_its_cases_red_and_says_why(desk: Path) -> None:
    prompt = desk / "suites/support-desk/prompts/2026.10.md"
    lines = prompt.read_text().splitlines(keepends=True)
    kept = [line for line in lines if "close tickets that are solved" not in line.lower()]
    assert len(kept) == len(lines) - 1
    prompt.write_text("".join(kept))
    done = dialgate("run", "suites/support-desk", folder=desk)
    run = package.load(next((desk / ".dialgate").glob("run-*")))
    failing = set(run.decisions[run.decisions.outcome != "correct"].action_class)
    assert failing == {"ticket.close", *KNOWN_TO_FAIL}
    assert "missed in ticket.close" in done.out
    assert "expected close_ticket" in done.out
