"""What a working tree holds is told by one look of git, as several looks at it would tell."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dialgate.check.commits import name_commits
from dialgate.git.asking.git_process import GitError
from dialgate.git.asking.kept_answers import asking_once
from dialgate.git.change_tree import (
    changed_and_new,
    differing,
    every_change,
    has_uncommitted,
    looking_ahead,
    working_tree,
)
from dialgate.git.git_checkout import Checkout
from dialgate.git.raw_tree import TreeEntry, tree_entries
from tests.integration.checkouts import commit_all, git, make_repository

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {**dict.fromkeys(("a", "b", "sub/c"), "base\n"), ".gitignore": "ignored\n"}
    return make_repository(tmp_path_factory.mktemp("committed") / "repo", files)


@pytest.fixture
def repo(committed: Path, tmp_path: Path) -> Checkout:
    return Checkout(Path(shutil.copytree(committed, tmp_path / "repo")))


def nothing(_folder: Path) -> None:
    """The tree as it was committed."""


def edit(folder: Path) -> None:
    (folder / "a").write_text("edited\n")


def stage(folder: Path) -> None:
    edit(folder)
    git(folder, "add", "a")


def stage_and_edit(folder: Path) -> None:
    stage(folder)
    (folder / "a").write_text("edited again\n")


def stage_and_take_back(folder: Path) -> None:
    stage(folder)
    (folder / "a").write_text("base\n")


def remove(folder: Path) -> None:
    (folder / "a").unlink()
    git(folder, "rm", "-q", "b")


def forget(folder: Path) -> None:
    git(folder, "rm", "-q", "--cached", "a")


def rename(folder: Path) -> None:
    git(folder, "mv", "a", "moved here")


def add(folder: Path) -> None:
    (folder / "sub" / "new one\nof two lines").write_text("new\n")
    (folder / "ignored").write_text("new\n")
    (folder / "? odd").write_text("new\n")
    git(folder, "add", "? odd")


def intend_to_add(folder: Path) -> None:
    (folder / "new").write_text("new\n")
    git(folder, "add", "-N", "new")


def link_instead(folder: Path) -> None:
    (folder / "a").unlink()
    (folder / "a").symlink_to("b")


def folder_instead(folder: Path) -> None:
    (folder / "a").unlink()
    (folder / "a").mkdir()
    (folder / "a" / "x").write_text("new\n")


def nested(folder: Path) -> None:
    git(folder, "init", "-q", "other")
    (folder / "other" / "x").write_text("new\n")


def conflict(folder: Path) -> None:
    git(folder, "checkout", "-q", "-b", "one")
    edit(folder)
    commit_all(folder)
    git(folder, "checkout", "-q", "-b", "two", "main")
    (folder / "a").write_text("otherwise\n")
    commit_all(folder)
    with pytest.raises(Exception, match="merge"):
        git(folder, "merge", "-q", "one")


def submodule(folder: Path) -> None:
    git(folder.parent, "clone", "-q", str(folder), "library")
    git(folder, "-c", "protocol.file.allow=always", "submodule", "add", "-q", "../library", "lib")
    commit_all(folder)
    (folder / "lib" / "new").write_text("new\n")


def edited_submodule(folder: Path) -> None:
    submodule(folder)
    (folder / "lib" / "a").write_text("edited\n")


STATES = (
    nothing, edit, stage, stage_and_edit, stage_and_take_back, remove, forget, rename, add,
    intend_to_add, link_instead, folder_instead, nested, conflict, submodule, edited_submodule,
)  # fmt: skip


def listed(repo: Checkout, *arguments: str) -> set[str]:
    found = repo.git(*arguments).split(b"\0")
    return {os.fsdecode(name) for name in found if name and not name.endswith(b"/")}


@pytest.mark.parametrize("state", STATES)
def test_one_look_tells_what_three_would(repo: Checkout, state: Callable[[Path], None]) -> None:
    state(repo.root)
    changed, new = changed_and_new(repo)
    assert set(changed) == listed(repo, "diff", "--name-only", "--no-renames", "-z", "HEAD")
    assert set(new) == listed(repo, "ls-files", "--others", "--exclude-standard", "-z")
    short = repo.git("status", "--porcelain", "--untracked-files=no")
    assert has_uncommitted(repo) is bool(short)
    every = repo.git("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames")
    assert every_change(repo) == [
        os.fsdecode(row[3:].rstrip(b"/")) for row in every.split(b"\0")[:-1]
    ]


def test_names_are_told_though_the_users_settings_say_more(repo: Checkout) -> None:
    for setting in ("status.showStash", "status.branch", "status.renames"):
        git(repo.root, "config", setting, "true")
    edit(repo.root)
    git(repo.root, "stash", "-q")
    rename(repo.root)
    changed, _ = changed_and_new(repo)
    assert sorted(changed) == ["a", "moved here"]


def test_a_check_names_its_commits_by_the_look_that_it_took(repo: Checkout) -> None:
    with asking_once():
        working_tree(repo)
        edit(repo.root)
        named = name_commits(repo.root, None, {})["candidate"]
    assert named is not None
    assert named["uncommitted"] is False


def test_only_what_differs_is_listed(repo: Checkout) -> None:
    base = repo.text("rev-parse", "HEAD")
    remove(repo.root)
    (repo.root / "new").write_text("new\n")
    (repo.root / "sub" / "c").write_text("edited\n")
    commit_all(repo.root)
    with asking_once():
        before, now = tree_entries(repo, base), tree_entries(repo, "HEAD")
    assert differing(before, now) == ["a", "b", "new", "sub/c"]
    assert differing(now, before) == ["a", "b", "new", "sub/c"]


def test_equal_entries_of_their_own_do_not_differ() -> None:
    one, other = (TreeEntry(mode="100644", oid="aa") for _ in range(2))
    assert differing({"a": one}, {"a": other}) == []
    assert differing({"a": one}, {"a": TreeEntry(mode="100755", oid="aa")}) == ["a"]


def test_an_odd_path_is_refused_in_the_second_commit_too(repo: Checkout, tmp_path: Path) -> None:
    blob = repo.text("rev-parse", "HEAD:a")
    (tmp_path / "raw").write_bytes(b"100644 .git\0" + bytes.fromhex(blob))
    made = ("hash-object", "-t", "tree", "-w", "--literally", str(tmp_path / "raw"))
    tree = git(repo.root, *made).strip()
    crafted = git(repo.root, "commit-tree", tree, "-m", "crafted").strip()
    with asking_once():
        tree_entries(repo, "HEAD")
        for _ in range(2):
            with pytest.raises(Exception, match=r"holds the path '.git'"):
                tree_entries(repo, crafted)


def test_git_looks_once_where_it_began_ahead(
    repo: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(tmp_path / "trace"))
    edit(repo.root)
    with asking_once(), looking_ahead(repo):
        for _ in range(2):
            assert changed_and_new(repo) == (["a"], [])
    assert (tmp_path / "trace").read_text().count('"event":"start"') == 1


def test_git_says_why_it_cannot_look(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    with asking_once(), looking_ahead(checkout), pytest.raises(GitError, match="not a git"):
        changed_and_new(checkout)


def test_a_look_that_nobody_asks_for_is_given_up(repo: Checkout) -> None:
    with asking_once():
        with looking_ahead(repo):
            edit(repo.root)
        (repo.root / "b").write_text("edited\n")
        assert changed_and_new(repo) == (["a", "b"], [])
