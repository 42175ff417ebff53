"""Objects are read by their names from one process, which answers each name with its own object."""

from __future__ import annotations

import re
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from dialgate.git.asking.git_process import GitError
from dialgate.git.asking.kept_answers import asking_once
from dialgate.git.asking.object_reader import GitObject, read_objects
from dialgate.git.git_checkout import Checkout
from dialgate_evals.errors import UsageError
from tests.integration.checkouts import commit_all, git, make_repository

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"a": "one\n", "sub/b": "", "big": "x" * 200_000, "line\nend/c": "odd\n", "cr\r": "r\n"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that no test changes."""
    return make_repository(tmp_path_factory.mktemp("objects") / "repo", FILES)


def contents(root: Path, *names: str) -> list[bytes | None]:
    return [None if found is None else found.content for found in read_objects(root, names)]


@pytest.mark.parametrize("is_kept", [True, False], ids=["one process", "a process each"])
def test_each_name_is_answered_in_its_place(is_kept: bool, root: Path) -> None:
    names = ["HEAD:a", "HEAD:none", "HEAD:big", "HEAD:sub/b", "none", "", "HEAD:a missing"]
    expected = [b"one\n", None, b"x" * 200_000, b"", None, None, None]
    if not is_kept:
        assert contents(root, *names) == expected
        return
    with asking_once():
        assert contents(root, *names) == expected
        assert contents(root, *reversed(names)) == expected[::-1]


def test_more_names_than_a_pipe_holds_are_answered(root: Path) -> None:
    names = ["HEAD:big" if number % 50 == 0 else "HEAD:a" for number in range(3_000)]
    found = contents(root, *names)
    assert [len(item or b"") for item in found] == [
        200_000 if name == "HEAD:big" else 4 for name in names
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("HEAD:line\nend/c", b"odd\n"),
        ("HEAD:cr\r", b"r\n"),
        ("HEAD:cr", None),
        ("HEAD:a\nHEAD:big", None),
        ("HEAD:a\0x", None),
    ],
)
def test_a_name_that_is_no_line_stands_for_nothing_else(
    name: str, content: bytes | None, root: Path
) -> None:
    assert contents(root, name, "HEAD:a") == [content, b"one\n"]


def test_whoever_asks_while_answers_come_hears_the_right_ones(root: Path) -> None:
    with asking_once():
        outer = []
        for found in read_objects(root, ["HEAD:a", "HEAD:big", "HEAD:sub/b"]):
            assert contents(root, "HEAD:a") == [b"one\n"]
            outer.append(found and found.content)
        assert outer == [b"one\n", b"x" * 200_000, b""]


def test_answers_that_nobody_reads_are_nobody_elses(root: Path) -> None:
    with asking_once():
        unread = read_objects(root, ["HEAD:big", "HEAD:sub/b"])
        next(unread)
        unread.close()
        assert contents(root, "HEAD:a") == [b"one\n"]


def test_a_process_that_ended_is_followed_by_another(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C reaches git too."""
    with asking_once():
        reader = read_objects(root, ["HEAD:a"])
        assert [isinstance(found, GitObject) for found in reader] == [True]
        with monkeypatch.context() as without:
            without.setenv("PATH", "")
            assert contents(root, "HEAD:a") == [b"one\n"]
            unread = read_objects(root, ["HEAD:a", "HEAD:a"])
            next(unread)
            unread.close()
            with pytest.raises(GitError, match="no such command"):
                contents(root, "HEAD:a")
        assert contents(root, "HEAD:a") == [b"one\n"]


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GitError):
        contents(tmp_path, "HEAD:a")


def test_a_commit_is_what_its_name_says_whatever_replaces_it(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "repo", {"a": "one\n"})
    first = git(root, "rev-parse", "HEAD").strip()
    (root / "a").write_text("two\n")
    commit_all(root)
    git(root, "replace", first, "HEAD")
    assert contents(root, f"{first}:a") == [b"one\n"]


def test_an_object_that_can_not_be_fetched_is_told_in_gits_own_words(tmp_path: Path) -> None:
    """A partial clone asks its remote; that none answers doesn't say that there is no such file."""
    away = make_repository(tmp_path / "away", {"a": "one\n"})
    git(away, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", away.as_uri(), "here")
    away.rename(tmp_path / "gone")
    with pytest.raises(GitError, match="from promisor remote"):
        contents(tmp_path / "here", "HEAD:a")


def test_a_git_that_can_not_be_asked_does_not_say_that_there_is_no_commit(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match=r"could not look for 'HEAD'.*no such command"):
        Checkout(root).commit_of("HEAD")


def test_a_large_object_is_held_once(tmp_path: Path) -> None:
    size = 4_000_000
    root = make_repository(tmp_path / "repo", {"large": "x" * size})
    tracemalloc.start()
    try:
        (found,) = read_objects(root, ["HEAD:large"])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found is not None
    assert len(found.content) == size < peak < 1.5 * size


class TestNamesOfSeveralThings:
    """A tag of a branch's name would be taken for it; one of the same commit may stay."""

    def test_a_tag_elsewhere_is_refused(self, tmp_path: Path) -> None:
        root = make_repository(tmp_path / "repo", {"a": "one\n"})
        git(root, "tag", "-a", "-m", "words", "main")
        commit = git(root, "rev-parse", "HEAD").strip()
        assert Checkout(root).commit_of("main") == commit
        (root / "a").write_text("two\n")
        commit_all(root)
        with pytest.raises(UsageError, match=re.escape("refs/heads/main, refs/tags/main")):
            Checkout(root).commit_of("main")

    def test_a_commits_shortened_name_is_no_branchs_or_tags(self, tmp_path: Path) -> None:
        root = make_repository(tmp_path / "repo", {"a": "one\n"})
        first = git(root, "rev-parse", "HEAD").strip()
        (root / "a").write_text("two\n")
        commit_all(root)
        assert Checkout(root).commit_of(first[:12]) == first
        for kind in ("branch", "tag"):
            git(root, kind, first[:12], "HEAD")
            with pytest.raises(UsageError, match=f"{first}, refs/.*Name one of them"):
                Checkout(root).commit_of(first[:12])
        git(root, "update-ref", f"refs/heads/{first}", "HEAD")
        assert Checkout(root).commit_of(first) == first

    def test_a_name_as_git_describes_commits_is_the_tag_of_that_name(self, tmp_path: Path) -> None:
        root = make_repository(tmp_path / "repo", {"a": "one\n"})
        first = git(root, "rev-parse", "HEAD").strip()
        name = f"v1-3-g{first[:10]}"
        (root / "a").write_text("two\n")
        commit_all(root)
        git(root, "tag", name)
        assert Checkout(root).commit_of(name) == git(root, "rev-parse", "HEAD").strip()
        git(root, "branch", name, first)
        with pytest.raises(UsageError, match="names several things"):
            Checkout(root).commit_of(name)
