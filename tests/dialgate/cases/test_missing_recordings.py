"""Reads without a recording are asked of the real tool once, where the suite lets them be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases import missing_recordings
from dialgate.cases.missing_recordings import record_missing
from dialgate.scaffold.scaffold import scaffold
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.errors import UsageError
from dialgate_evals.running.simulation.mcp_ask import RealAnswer
from dialgate_evals.suite.workspace import load_workspace

if TYPE_CHECKING:
    from pathlib import Path

CASES = "golden/my-agent/cases.jsonl"


class Asked:
    """What stands in for the run on record and for the real tools."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        scaffold(folder)
        self.folder = folder
        self.suite = folder / "suites/my-agent"
        self.calls: list[Any] = []
        self.answer = RealAnswer(result={"id": "O-9", "mail": "ada@shop.de"})
        self.trials: list[Trajectory] = []
        monkeypatch.setattr(missing_recordings, "read_run_trajectories", lambda _: self.trials)
        monkeypatch.setattr(missing_recordings, "ask_tools", self.ask)

    def ask(self, source: str, calls: Any) -> list[RealAnswer]:
        assert source == "the server"
        self.calls += calls
        return [self.answer for _ in calls]

    def lets(self, *names: str) -> None:
        path = self.suite / "suite.toml"
        path.write_text(f"{path.read_text()}\n[tools]\nrecord_missing = {json.dumps(names)}\n")

    def did(self, case_id: str, *calls: tuple[str, Any]) -> None:
        messages: list[Any] = []
        for number, (name, arguments) in enumerate(calls):
            function = {"name": name, "arguments": json.dumps(arguments)}
            made = [{"id": f"c{number}", "type": "function", "function": function}]
            messages += [
                {"role": "assistant", "content": None, "tool_calls": made},
                {"role": "tool", "tool_call_id": f"c{number}", "content": "?", "unmatched": True},
            ]
        self.trials.append(Trajectory(case_id=case_id, trial=0, messages=messages))

    def recorded(self) -> str:
        found = record_missing(load_workspace(self.suite), self.folder, "the server")
        return "\n".join(found)

    def cases(self) -> list[Any]:
        return [json.loads(line) for line in (self.folder / CASES).read_text().splitlines()]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(tmp_path, monkeypatch)


def test_each_question_is_asked_once_and_stands_in_every_case_that_asked_it(asked: Asked) -> None:
    asked.lets("get_order")
    first, second = (case["id"] for case in asked.cases()[:2])
    before = (asked.folder / CASES).read_bytes().splitlines()
    for case_id in (first, first, second):
        asked.did(case_id, ("get_order", {"order_id": "O-9"}))
    said = asked.recorded()
    assert asked.calls == [("get_order", {"order_id": "O-9"})]
    for case in asked.cases()[:2]:
        made = case["recordings"][-1]
        assert (made["name"], made["arguments"]) == ("get_order", {"order_id": "O-9"})
        assert made["result"]["mail"].endswith("@example.com")
    assert (asked.folder / CASES).read_bytes().splitlines()[2:] == before[2:]
    assert f"wrote {load_workspace(asked.suite).cases[0].place}".partition(": line")[0] in said
    assert "2 recordings" in said


def test_what_the_suite_does_not_name_is_not_asked(asked: Asked) -> None:
    before = (asked.folder / CASES).read_bytes()
    asked.did(asked.cases()[0]["id"], ("get_order", {"order_id": "O-9"}))
    assert 'record_missing of suite.toml does not name "get_order"' in asked.recorded()
    assert (asked.calls, (asked.folder / CASES).read_bytes()) == ([], before)


def test_what_is_no_read_by_its_class_is_not_asked_though_named(asked: Asked) -> None:
    asked.lets("refund", "get_order")
    asked.did(asked.cases()[0]["id"], ("refund", {"order_id": "O-9"}), ("get_order", {"a": 1}))
    assert "it is no read by actions.toml" in asked.recorded()
    assert [name for name, _ in asked.calls] == ["get_order"]


def test_a_tools_error_is_recorded_as_one_and_a_refusal_told(asked: Asked) -> None:
    asked.lets("get_order")
    asked.did(asked.cases()[0]["id"], ("get_order", {"order_id": "O-9"}))
    asked.answer = RealAnswer(refused="the server says that it does more than read")
    before = (asked.folder / CASES).read_bytes()
    assert "does more than read" in asked.recorded()
    assert (asked.folder / CASES).read_bytes() == before
    asked.answer = RealAnswer(error="no such order")
    asked.recorded()
    assert asked.cases()[0]["recordings"][-1]["error"] == "no such order"


def test_a_file_that_was_changed_meanwhile_is_left_alone(asked: Asked) -> None:
    asked.lets("get_order")
    asked.did(asked.cases()[0]["id"], ("get_order", {"order_id": "O-9"}))
    workspace = load_workspace(asked.suite)
    path = asked.folder / CASES
    path.write_bytes(b"\n" + path.read_bytes())
    with pytest.raises(UsageError, match="changed meanwhile"):
        record_missing(workspace, asked.folder, "the server")


def test_without_an_unmatched_read_nobody_is_asked(asked: Asked) -> None:
    assert "nobody was asked" in asked.recorded()
