"""Which commits a verdict names: shown, never used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.check.commits import name_commits
from dialgate.git.base_ref import GitBaseline

if TYPE_CHECKING:
    from pathlib import Path


def test_outside_git_no_side_has_a_commit(tmp_path: Path) -> None:
    assert name_commits(tmp_path, None, {}) == {"candidate": None, "baseline": None}


def test_a_git_baseline_is_its_ref_and_commit(tmp_path: Path) -> None:
    base = GitBaseline(ref="origin/main", commit="a" * 40)
    assert name_commits(tmp_path, base, {})["baseline"] == {
        "commit": "a" * 40, "ref": "origin/main",
    }  # fmt: skip
