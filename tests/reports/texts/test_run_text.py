"""A run of named cases shows what the agent did, and what its reads asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.errors import UsageError
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.workspace import load_workspace
from dialgate_reports.texts.run_text import render_run
from tests.workspaces import RecordedSuite, a_case

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DOCUMENT: dict[str, Any] = {
    "release": {"name": "agent", "version": "1"}, "suite": {"name": "shop"}, "folder": "out/run-1",
    "counts": {
        "trials": 1, "errored": 0, "passed": 1, "cases": 1, "tool_calls": 1, "invalid_calls": 0,
        "failed_calls": 0, "unmatched_reads": 1,
    },
    "pass_rates": [1.0], "splits": [],
}  # fmt: skip


def a_read(asked: str) -> tuple[dict[str, Any], ...]:
    function = {"name": "look_up", "arguments": f'{{"id": "{asked}"}}'}
    return (
        {"role": "user", "content": "Go."},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": function}]},
        {"role": "tool", "tool_call_id": "c", "content": "none", "error": True, "unmatched": True},
    )


@pytest.fixture
def suite(tmp_path: Path) -> RecordedSuite:
    found = RecordedSuite(tmp_path / "shop", refunds=2)
    recording = {"name": "look_up", "arguments": {"id": "A-7"}, "result": "ok"}
    found.cases.append(a_case("look-1", recordings=[recording]))
    found.write_cases()
    return found


def shown(suite: RecordedSuite, messages: Sequence[dict[str, Any]]) -> str:
    case = load_workspace(suite.folder).cases_by_id["look-1"]
    trial = Trajectory(case_id="look-1", trial=0, messages=tuple(messages))
    return render_run(DOCUMENT, [], shown=[(case, trial)])


def test_what_was_asked_for_stands_against_what_is_recorded(suite: RecordedSuite) -> None:
    text = shown(suite, a_read("A-7."))
    assert "What the agent did in look-1, trial 0:" in text
    assert "look_up: asked for id 'A-7.', recorded 'A-7'" in text


def test_one_of_each_is_no_plural(suite: RecordedSuite) -> None:
    assert "1 of 1 trial passed in 1 case." in shown(suite, a_read("A-7"))


def test_a_suite_without_release_toml_names_the_files_it_has(suite: RecordedSuite) -> None:
    (suite.folder / "release.toml").unlink()
    with pytest.raises(UsageError, match=r"The suite has releases/1\.toml, releases/2\.toml\."):
        load_workspace(suite.folder).release()
    with pytest.raises(UsageError, match=r"no such release file.*releases/1\.toml"):
        named_release_file("releases/3.toml", suite.folder)
