"""The checkout around a folder is git's to tell wherever it could be another than the known one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate.git.asking.kept_answers import asking_once
from dialgate.git.git_checkout import open_checkout
from dialgate_evals.errors import UsageError
from tests.integration.checkouts import bring_as_files, git, make_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A repository whose checkout is known by now."""
    folder = make_repository(tmp_path / "repo", {"sub/deep/a": "a"}).resolve()
    with asking_once():
        assert root_of(folder) == folder
        yield folder


def root_of(folder: Path) -> Path | None:
    found = open_checkout(folder)
    return None if found is None else found.root


def test_a_folder_below_is_of_the_same_checkout_without_a_question(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert root_of(root / "sub" / "deep") == root


def test_a_repository_below_is_one_of_its_own(root: Path) -> None:
    inner = make_repository(root / "sub", {"x": "x"})
    assert root_of(inner) == inner
    assert root_of(inner / "deep") == inner
    assert root_of(root) == root


def test_a_bare_repository_below_is_no_checkout(root: Path) -> None:
    git(root, "init", "-q", "--bare", "sub/bare")
    with pytest.raises(UsageError, match="git can't read the checkout"):
        open_checkout(root / "sub" / "bare" / "objects")


def test_a_repository_that_a_change_brings_as_files_is_no_checkout(root: Path) -> None:
    """Git takes HEAD, refs and objects for one wherever they lie; a branch can hold such files."""
    bring_as_files(root / "sub")
    for folder in (root / "sub", root / "sub" / "deep"):
        assert git(folder, "rev-parse", "--show-toplevel").strip() == str(root / "sub")
        with pytest.raises(UsageError, match="sub is a repository without a working tree"):
            open_checkout(folder)
    assert root_of(root) == root


def test_a_repository_that_is_made_meanwhile_is_not_looked_for(root: Path) -> None:
    assert root_of(root / "sub" / "deep") == root
    make_repository(root / "sub" / "deep", {"x": "x"})
    assert root_of(root / "sub" / "deep") == root


def test_a_link_is_followed_to_where_it_leads(root: Path, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other", {"x/y": "y"}).resolve()
    (root / "link").symlink_to(other / "x")
    (root / "back").symlink_to(root / "sub")
    assert root_of(root / "link") == other
    assert root_of(root / "back") == root


def test_a_folder_that_is_not_there_is_refused(root: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        open_checkout(root / "none")


def test_a_repository_in_which_nothing_is_committed_has_a_branch(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "empty", branch="trunk").resolve()
    with asking_once():
        found = open_checkout(folder)
        assert found is not None
        assert (found.root, found.branch, found.commit_of("HEAD")) == (folder, "trunk", None)


def test_a_folder_whose_name_holds_a_line_end_is_one(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "two\nlines", {"a": "a"}).resolve()
    with asking_once():
        assert root_of(folder) == folder
