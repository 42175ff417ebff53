"""A suite may name the folder of derived cases before anything was derived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.suite.workspace import read_workspace
from tests.workspaces import SUITE, RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


def problems_of(folder: Path, globs: str) -> list[str]:
    suite = RecordedSuite(folder / "shop", refunds=1)
    suite.write("suite.toml", SUITE.format(extra="").replace('["cases.jsonl"]', globs))
    problems: list[Any] = []
    read_workspace(suite.folder, problems)
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "globs",
    [
        '["cases.jsonl", "reviewer/*.jsonl"]',
        '["reviewer/*.jsonl", "cases.jsonl"]',
        '["cases.jsonl", "golden/reviewer/2026-*.jsonl"]',
    ],
)
def test_a_glob_for_derived_cases_may_match_nothing_yet(tmp_path: Path, globs: str) -> None:
    assert problems_of(tmp_path, globs) == []


@pytest.mark.parametrize(
    "globs", ['["cases.jsonl", "reviwer/*.jsonl"]', '["reviewer/*.jsonl"]', '["x/*.jsonl"]']
)
def test_a_misspelt_glob_and_a_suite_without_cases_are_problems(tmp_path: Path, globs: str) -> None:
    assert any("matches no file" in problem for problem in problems_of(tmp_path, globs))
