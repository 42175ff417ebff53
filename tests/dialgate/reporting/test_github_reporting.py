"""What GitHub is told of a check: only a verdict that fits, within GitHub's limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.reporting.github_reporting import CheckLeavings, report_to_github
from dialgate_evals.errors import UsageError
from tests.reports.documents import a_document, an_entry
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


class Runner:
    """A suite, what `check` left, and the files that GitHub Actions names."""

    def __init__(self, folder: Path, *, name: str = "left") -> None:
        self.suite = RecordedSuite(folder / "suites/shop", refunds=3).folder
        self.left = folder / name
        self.left.mkdir()
        event = folder / "event.json"
        event.write_text(json.dumps({"before": "a" * 40}))
        self.environment = {
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_WORKSPACE": str(folder),
        }

    def report(self, document: Any = None, *, code: int = 1, log: str = "") -> str:
        if document is not None:
            text = document if isinstance(document, str) else json.dumps(document)
            (self.left / "verdict.json").write_text(text)
        (self.left / "log.txt").write_text(log)
        leavings = CheckLeavings(suite=self.suite, folder=self.left, exit_code=code)
        return report_to_github(leavings, self.environment)

    def text(self, name: str) -> str:
        return (self.left.parent / name).read_text("utf-8")

    @property
    def outputs(self) -> dict[str, str]:
        lines = [line.partition("=") for line in self.text("output").splitlines()]
        return {name: value for name, _, value in lines}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_a_case_is_marked_where_it_stands_and_its_edited_version_too(runner: Runner) -> None:
    edited = {**an_entry("refund-002 (edited)"), "edited_from": "refund-002"}
    named = an_entry("refund-001 (edited)")
    entries = [an_entry("refund-001"), edited, an_entry("gone"), named]
    marks = runner.report(a_document(entries=entries)).splitlines()
    assert [mark.partition(",title=")[0] for mark in marks] == [
        "::error file=suites/shop/suite.toml,line=1",
        "::error file=suites/shop/cases.jsonl,line=2",
        "::error file=suites/shop/cases.jsonl,line=3",
        "::error file=suites/shop/suite.toml,line=1",
        "::error file=suites/shop/suite.toml,line=1",
    ]


@pytest.mark.parametrize(
    "left",
    [None, "no json", "{}", a_document(exit_code=0)],
    ids=["none", "damaged", "another format", "another check's"],
)
def test_a_verdict_that_does_not_fit_is_no_verdict(left: Any, runner: Runner) -> None:
    marks = runner.report(left, code=1, log="What was wrong.\n")
    assert runner.outputs["verdict"] == "none"
    assert runner.outputs["exit-code"] == "1"
    assert "dialgate: no verdict" in runner.text("summary")
    assert "What was wrong." in marks


def test_a_check_that_ended_well_without_a_verdict_is_said_to_be_none(runner: Runner) -> None:
    runner.report(code=0)
    assert "never a pass" in runner.text("summary")
    assert runner.outputs["verdict"] == "none"


def test_a_thousand_long_cases_stay_under_githubs_limits(runner: Runner) -> None:
    entries = [an_entry(f"case-{number}", "ü@x" * 300) for number in range(1000)]
    marks = runner.report(a_document(entries=entries, reasons=["r" * 5000] * 500))
    assert 100_000 < len(runner.text("summary").encode()) < 2**20
    assert len(runner.text("left/comment.md")) < 65_536
    assert len(marks.splitlines()) == 10


def test_an_unreadable_suite_leaves_the_marks_at_the_suite(runner: Runner) -> None:
    (runner.suite / "cases.jsonl").write_text("no json\n")
    marks = runner.report(a_document(entries=[an_entry("refund-001")]))
    assert marks.count("file=suites/shop/suite.toml,line=1") == 2


def test_a_suite_outside_of_the_repository_is_no_place(runner: Runner, tmp_path: Path) -> None:
    runner.environment["GITHUB_WORKSPACE"] = str(tmp_path / "left")
    assert "file=" not in runner.report(a_document())


def test_no_value_adds_an_output(tmp_path: Path) -> None:
    runner = Runner(tmp_path, name="left\nverdict=pass")
    (runner.left / "report.html").write_text("x")
    runner.report(a_document())
    assert runner.outputs["verdict"] == "fail"
    assert len(runner.text("output").splitlines()) == 4


def test_what_other_steps_wrote_stays(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "summary").write_text("Before.\n")
    (tmp_path / "output").write_text("before=1\n")
    runner.report(a_document())
    assert runner.text("summary").startswith("Before.\n### ")
    assert runner.outputs["before"] == "1"


@pytest.mark.parametrize("server", ["javascript:x", "https://github.com/)[x](y", ""])
def test_a_run_is_linked_only_where_its_address_is_one(server: str, runner: Runner) -> None:
    runner.environment |= {
        "GITHUB_SERVER_URL": server,
        "GITHUB_REPOSITORY": "octo/shop",
        "GITHUB_RUN_ID": "1",
    }
    runner.report(a_document())
    assert "/actions/runs/" not in runner.text("left/comment.md")


@pytest.mark.parametrize("name", ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_EVENT_NAME"])
def test_outside_of_github_actions_it_says_so(name: str, runner: Runner) -> None:
    del runner.environment[name]
    with pytest.raises(UsageError, match="runs in GitHub Actions"):
        runner.report(a_document())
