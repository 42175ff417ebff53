"""`dialgate plan` as a person and a tool use it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.command_line import dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


def plan(folder: Path, *arguments: str) -> dict[str, Any]:
    done = dialgate("plan", "shop", "--json", "-", "--simulations", "20", *arguments, folder=folder)
    assert done.code == 0, done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


def live(folder: Path, cases: int = 60) -> RecordedSuite:
    suite = RecordedSuite(folder / "shop", refunds=cases)
    text = (suite.folder / "suite.toml").read_text()
    agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\n'
    suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    suite.write(
        "agent.py",
        "async def respond(messages, tools, release):\n"
        '    case = messages[0]["content"].split()[-1].rstrip(".")\n'
        '    await tools.call("refund", {"id": case, "amount": 10})\n',
    )
    return suite


@pytest.fixture(scope="module")
def unrun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a live suite lies that was never run: planning leaves nothing there."""
    folder = tmp_path_factory.mktemp("unrun")
    live(folder)
    return folder


@pytest.fixture(scope="module")
def planned(unrun: Path) -> dict[str, Any]:
    return plan(unrun)


def test_a_table_for_people_says_what_is_caught_and_what_it_costs(unrun: Path) -> None:
    done = dialgate("plan", "shop", "--simulations", "20", folder=unrun)
    assert done.code == 0
    assert "an unchanged release is blocked in" in done.out
    assert "1 case broken" in done.out
    assert "Agent calls" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_without_a_record_the_mixture_is_named(planned: dict[str, Any]) -> None:
    assert planned["procedure"] == "sequential"
    assert "70 %" in planned["rates"]["source"]
    assert planned["rates"]["cases_on_record"] == 0


def test_rates_come_from_the_release_s_record(tmp_path: Path) -> None:
    live(tmp_path)
    assert dialgate("run", "shop", "--trials", "5", folder=tmp_path).code == 0
    document = plan(tmp_path)
    assert document["rates"]["source"].startswith("the record .dialgate/run-")
    assert document["rates"]["cases_on_record"] == 60
    assert document["unchanged"]["passed"]["share"] > 0.5


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_processors(
    unrun: Path, planned: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: 3)
        assert plan(unrun, "--seed", "0") == planned
    assert {**plan(unrun, "--seed", "4"), "seed": 0} != planned


def test_recorded_suites_are_planned_with_exact_tests(tmp_path: Path) -> None:
    RecordedSuite(tmp_path / "shop")
    document = plan(tmp_path)
    assert document["procedure"] == "recorded"
    assert document["rates"]["source"].startswith("the trials in")


def test_an_empty_suite_can_not_be_planned(tmp_path: Path) -> None:
    suite = live(tmp_path, cases=1)
    suite.cases = []
    suite.write_cases()
    done = dialgate("plan", "shop", folder=tmp_path)
    assert done.code == 2


def test_turned_round_it_answers_what_to_write(tmp_path: Path) -> None:
    live(tmp_path, cases=20)
    document = plan(tmp_path, "--budget", "900", "--loss", "0.2", "--pass", "0.8")
    assert document["asked"] == {"budget": 900, "pass": 0.8, "loss": 0.2}
    assert document["answer"]["margin"] == 0.2
    assert document["answer"]["max_agent_calls"] == 900
    assert isinstance(document["answer"]["reached"], bool)
