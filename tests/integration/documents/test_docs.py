"""What the documentation shows is what happens."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from dialgate.cli import COMMANDS
from dialgate_evals.actions.outcomes import OUTCOMES
from dialgate_evals.files.schema_validation import check_document
from dialgate_evals.suite.case import parse_case
from dialgate_gate.comparing.gap import GAPS
from tests.integration.command_line import PROJECT
from tests.integration.documents.readers import blocks, reader_s_shell

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment in which `dialgate` and `pytest` are this project's."""
    return reader_s_shell(tmp_path)


def test_the_tutorial_shows_what_happens(shell: dict[str, str], tmp_path: Path) -> None:
    script = "\n".join(blocks("docs/tutorial/first-gate.md", "sh"))
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=shell, capture_output=True, text=True, check=False
    )
    assert "PASS: the bounds of the modes in force are reached" in done.stdout
    assert "FAIL: this release is worse in refund (my-agent 1 against 1)" in done.stdout
    assert "0 of 1 trial passed in 1 case" in done.stdout
    assert "1 failed" in done.stdout


def test_the_case_in_the_how_to_is_a_case() -> None:
    (text,) = blocks("docs/how-to/write-a-case.md", "json")
    document = json.loads(text)
    assert check_document(document, "case", "docs", str) == []
    assert parse_case(document).id == "shop-018"


def test_every_gap_is_in_the_table_of_the_documentation() -> None:
    text = (PROJECT / "docs/reference/verdicts.md").read_text("utf-8")
    for gap, what in GAPS.items():
        assert f"| `{gap.value}` | {what} |" in text


def test_every_outcome_is_in_the_table_of_the_documentation() -> None:
    text = (PROJECT / "docs/reference/verdicts.md").read_text("utf-8")
    for outcome, (kind, what) in OUTCOMES.items():
        assert f"| `{outcome}` | {kind} | {what} |" in text


def test_the_readme_names_every_command_and_two_commands_to_set_up() -> None:
    text = (PROJECT / "README.md").read_text("utf-8")
    for name in COMMANDS:
        assert f"`{name}`" in text or f"dialgate {name}" in text, name
    assert re.findall(r"^make \w+", text, flags=re.MULTILINE) == ["make demo", "make test"]


@pytest.mark.parametrize(
    "name", [str(path.relative_to(PROJECT)) for path in sorted((PROJECT / "docs").rglob("*.md"))]
)
def test_links_lead_somewhere(name: str) -> None:
    path = PROJECT / name
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target
