"""The project's own example: what it holds, and what its two releases do."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from dialgate.changes.linting import lint_suite
from dialgate_evals.suite.case import Origin
from dialgate_evals.suite.workspace import load_workspace
from tests.integration.command_line import PROJECT, Finished, dialgate

if TYPE_CHECKING:
    from pathlib import Path

SUITE = PROJECT / "suites" / "support-desk"


def test_it_holds_what_an_example_needs() -> None:
    workspace = load_workspace(SUITE)
    release = workspace.release()
    origins = Counter(case.origin for case in workspace.cases)
    assert len(workspace.cases) == 80
    assert origins[Origin.REVIEWER] == 15
    assert len(release.tools.tools) >= 10
    classes = workspace.actions.classes
    assert len(classes) >= 8
    assert {item.blast_radius.value for item in classes} == {"low", "medium", "high"}
    expectations = [case.expect for case in workspace.cases]
    assert any(not expect.actions for expect in expectations)
    assert any(a.name == "escalate" for expect in expectations for a in expect.actions)
    assert sum("injection" in case.tags for case in workspace.cases) >= 6
    assert all(case.source for case in workspace.cases if case.origin is Origin.REVIEWER)


def test_lint_finds_nothing_in_it() -> None:
    assert lint_suite(SUITE, dt.date(2026, 11, 23)) == []


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A copy of the example, to change it."""
    for name in ("suites", "golden"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(
            PROJECT / name / "support-desk", tmp_path / name / "support-desk", ignore=ignored
        )
    return tmp_path


def check(desk: Path, release: str = "releases/2026.11.toml") -> Finished:
    return dialgate(
        *("check", "suites/support-desk", "--release", release),
        *("--baseline", "release.toml", "--json", "-"),
        folder=desk,
    )


def test_the_next_release_breaks_one_class_silently_and_repairs_another(desk: Path) -> None:
    finished = check(desk)
    assert finished.code == 1
    by_class = {item["action_class"]: item for item in finished.verdict()["classes"]}
    assert [name for name, item in by_class.items() if item["verdict"] == "fail"] == ["email.send"]
    assert len(by_class["email.send"]["new_silent"]) == 6
    assert len(by_class["refund.small"]["cases"]["fixed"]) == 3
    assert finished.verdict()["usage"]["cost_usd"] > 0


def test_the_release_in_production_passes_against_itself(desk: Path) -> None:
    assert check(desk, "release.toml").code == 0


@pytest.mark.parametrize(
    ("old", "new", "broken_class"),
    [
        (
            "Refund up to 50 USD without asking",
            "Refund up to 10 USD without asking",
            "refund.small",
        ),
        ("Verify the account holder", "Greet the account holder", "escalate"),
        ("Lock an account when", "Watch an account when", "access.lock"),
        ("escalate to legal when", "answer kindly when", None),
    ],
)
def test_one_changed_prompt_line_changes_what_the_agent_does(
    old: str, new: str, broken_class: str | None, desk: Path
) -> None:
    prompt = desk / "suites/support-desk/prompts/2026.11.md"
    text = (desk / "suites/support-desk/prompts/2026.10.md").read_text()
    changed = re.sub(re.escape(old), new, text, flags=re.IGNORECASE)
    assert changed != text
    prompt.write_text(changed)
    finished = check(desk)
    assert finished.code == 1
    failed = [c["action_class"] for c in finished.verdict()["classes"] if c["verdict"] == "fail"]
    assert failed
    assert broken_class is None or broken_class in failed


def test_a_refund_that_timed_out_is_repeated_under_its_idempotency_key(desk: Path) -> None:
    finished = dialgate("run", "suites/support-desk", "--case", "sd-0010", folder=desk)
    assert "1 of 1 trial passed" in finished.out
    tools = desk / "suites/support-desk/tools.json"
    tools.write_text(tools.read_text().replace('"x-idempotency-key"', '"x-other"'))
    finished = dialgate("run", "suites/support-desk", "--case", "sd-0010", folder=desk)
    assert "duplicate in refund.small" in finished.out
