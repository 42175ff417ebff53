"""`dialgate baseline`: the release in production, chosen on the main branch only."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.command_line import dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two commits on main, the first tagged v1; release.toml says 1, then 2."""
    suite = RecordedSuite(tmp_path / "shop", refunds=60)
    git(tmp_path, "init", "-q", "-b", "main")
    text = (suite.folder / "release.toml").read_text()
    suite.write("release.toml", text.replace('version = "2"', 'version = "1"'))
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    git(tmp_path, "tag", "v1")
    suite.write("release.toml", text)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "two")
    return tmp_path


def show(folder: Path) -> dict[str, Any]:
    done = dialgate("baseline", "show", "shop", "--json", "-", folder=folder)
    assert done.code == 0, done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


def test_without_a_file_it_is_the_merge_base(folder: Path) -> None:
    found = show(folder)
    assert found["ref"] == "merge base with main"
    assert found["commit"] == git(folder, "rev-parse", "HEAD")
    assert found["release"]["version"] == "2"


def test_without_git_there_is_none(tmp_path: Path) -> None:
    RecordedSuite(tmp_path / "shop", refunds=1)
    done = dialgate("baseline", "show", "shop", folder=tmp_path)
    assert done.code == 0
    assert "first release" in done.out


def test_a_ref_on_the_main_branch_counts(folder: Path) -> None:
    assert dialgate("baseline", "set", "shop", "v1", folder=folder).code == 0
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "baseline")
    found = show(folder)
    assert (found["ref"], found["release"]["version"]) == ("v1", "1")
    checked = dialgate("check", "shop", "--json", "-", folder=folder).verdict()
    assert checked["baseline"]["version"] == "1"
    assert "v1" in checked["judged_by"]


def test_a_change_does_not_choose_its_own_judge(folder: Path) -> None:
    git(folder, "checkout", "-qb", "change")
    assert dialgate("baseline", "set", "shop", "v1", folder=folder).code == 0
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "baseline")
    assert show(folder)["ref"] == "merge base with main"


@pytest.mark.parametrize("ref", ["nope", "--output=x", "v1:shop"])
def test_what_is_no_ref_is_refused(ref: str, folder: Path) -> None:
    done = dialgate("baseline", "set", "shop", "--", ref, folder=folder)
    assert done.code == 2
    assert not (folder / "shop/baseline.toml").exists()


def test_a_ref_without_the_suite_is_refused(folder: Path) -> None:
    git(folder, "checkout", "-q", "--orphan", "bare")
    git(folder, "rm", "-rqf", ".")
    (folder / "README").write_text("x")
    git(folder, "add", "README")
    git(folder, "commit", "-qm", "bare")
    git(folder, "checkout", "-q", "main")
    done = dialgate("baseline", "set", "shop", "bare", folder=folder)
    assert done.code == 2
    assert "does not hold the suite" in done.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('schema = 1\nref = "gone"\n', "git fetch"),
        ('schema = 1\nreff = "v1"\n', "reff"),
        ("schema = 1\n", "ref"),
        ("]", "TOML"),
    ],
)
def test_a_file_that_can_not_be_used_is_a_usage_error(text: str, words: str, folder: Path) -> None:
    (folder / "shop/baseline.toml").write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "baseline")
    done = dialgate("check", "shop", folder=folder)
    assert done.code == 2
    assert words in done.err
