"""A commit is laid out as git holds it: no attribute, filter, link or tag of a change applies."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from dialgate.git.asking.git_process import GitError
from dialgate.git.git_checkout import Checkout
from dialgate.git.raw_tree import LINK, TreeEntry, tree_entries, write_entries
from dialgate_evals.errors import UsageError
from tests.integration.checkouts import commit_all, git, make_repository


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_repository(tmp_path_factory.mktemp("committed") / "repo")
    (folder / "sub").mkdir()
    (folder / "policy.toml").write_bytes(b"margin = 0.05\n$Id$\n")
    (folder / "sub" / "run.sh").write_text("#!/bin/sh\n")
    (folder / "sub" / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("sub/run.sh")
    commit_all(folder)
    return folder


@pytest.fixture
def repo(committed: Path, tmp_path: Path) -> Checkout:
    return Checkout(Path(shutil.copytree(committed, tmp_path / "repo", symlinks=True)))


def lay_out(repo: Checkout, commit: str, folder: Path) -> Path:
    folder.mkdir()
    write_entries(repo, tree_entries(repo, commit), folder)
    return folder


@pytest.mark.parametrize(
    "attributes",
    [
        "* text eol=crlf",
        "policy.toml ident",
        "policy.toml export-subst",
        "policy.toml working-tree-encoding=UTF-16LE",
        "policy.toml filter=evil",
        "policy.toml -text export-ignore",
    ],
)
def test_attributes_of_the_checkout_change_no_byte(
    attributes: str, repo: Checkout, tmp_path: Path
) -> None:
    git(repo.root, "config", "filter.evil.smudge", "sed s/0.05/0.95/")
    base = repo.text("rev-parse", "HEAD")
    (repo.root / ".gitattributes").write_text(attributes + "\n")
    found = lay_out(repo, base, tmp_path / "out")
    assert (found / "policy.toml").read_bytes() == b"margin = 0.05\n$Id$\n"


def test_modes_and_links_are_the_commits(repo: Checkout, tmp_path: Path) -> None:
    found = lay_out(repo, "HEAD", tmp_path / "out")
    assert (found / "sub" / "run.sh").stat().st_mode & 0o100
    assert not (found / "policy.toml").stat().st_mode & 0o100
    assert (found / "link").is_symlink()


def test_nothing_is_written_into_the_repository(repo: Checkout, tmp_path: Path) -> None:
    before = sorted(path.as_posix() for path in (repo.root / ".git").rglob("*"))
    lay_out(repo, "HEAD", tmp_path / "out")
    assert sorted(path.as_posix() for path in (repo.root / ".git").rglob("*")) == before


def test_a_replaced_object_is_not_followed(repo: Checkout, tmp_path: Path) -> None:
    base = repo.text("rev-parse", "HEAD")
    (repo.root / "policy.toml").write_text("margin = 0.95\n")
    commit_all(repo.root, "other")
    git(repo.root, "replace", base, "HEAD")
    found = lay_out(repo, base, tmp_path / "out")
    assert b"0.05" in (found / "policy.toml").read_bytes()


def test_a_path_through_a_link_is_refused(repo: Checkout, tmp_path: Path) -> None:
    target = tmp_path / "victim"
    target.mkdir()
    entries = tree_entries(repo, "HEAD")
    blob = entries["policy.toml"]
    hostile = {"link": entries["link"], "link/x": TreeEntry(mode=blob.mode, oid=blob.oid)}
    (tmp_path / "out").mkdir()
    with pytest.raises(GitError):
        write_entries(repo, hostile, tmp_path / "out")
    assert hostile["link"].mode == LINK
    assert list(target.iterdir()) == []


def crafted_tree(repo: Checkout, path: str, tmp_path: Path) -> str:
    """A commit whose tree no git command would make."""
    blob = repo.text("rev-parse", "HEAD:policy.toml")
    raw = b"100644 " + path.encode() + b"\0" + bytes.fromhex(blob)
    (tmp_path / "raw").write_bytes(raw)
    tree = git(
        repo.root, "hash-object", "-t", "tree", "-w", "--literally", str(tmp_path / "raw")
    ).strip()
    return git(repo.root, "commit-tree", tree, "-m", "crafted").strip()


@pytest.mark.parametrize("path", ["..", ".git", ".GIT"])
def test_a_tree_that_no_checkout_would_write_is_refused(
    path: str, repo: Checkout, tmp_path: Path
) -> None:
    crafted = crafted_tree(repo, path, tmp_path)
    with pytest.raises(GitError, match="holds the path"):
        tree_entries(repo, crafted)


def test_what_a_pointer_stands_for_is_laid_out_where_it_is_here(
    repo: Checkout, tmp_path: Path
) -> None:
    whole = b"a large model"
    oid = hashlib.sha256(whole).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(whole)}\n"
    (repo.root / "model.bin").write_text(pointer)
    commit_all(repo.root, "lfs")
    missing = lay_out(repo, "HEAD", tmp_path / "without")
    assert (missing / "model.bin").read_text() == pointer
    stored = repo.root / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    stored.parent.mkdir(parents=True)
    stored.write_bytes(whole)
    assert (lay_out(repo, "HEAD", tmp_path / "with") / "model.bin").read_bytes() == whole
    stored.write_bytes(b"another")
    forged = lay_out(repo, "HEAD", tmp_path / "forged")
    assert (forged / "model.bin").read_text() == pointer


def test_a_tag_of_a_branchs_name_is_no_base(repo: Checkout) -> None:
    base = repo.commit_of("main")
    git(repo.root, "checkout", "-q", "-b", "change")
    (repo.root / "policy.toml").write_text("margin = 0.95\n")
    commit_all(repo.root, "change")
    assert repo.commit_of("main") == base
    git(repo.root, "tag", "main", "HEAD")
    with pytest.raises(UsageError, match="names several things"):
        repo.commit_of("main")
    assert repo.commit_of("refs/heads/main") == base


def test_a_tag_on_the_branchs_own_commit_is_no_doubt(repo: Checkout) -> None:
    git(repo.root, "tag", "-a", "-m", "x", "main", "HEAD")
    assert repo.commit_of("main") == repo.text("rev-parse", "HEAD")


def test_a_folder_that_became_a_link_keeps_its_name(repo: Checkout) -> None:
    (repo.root / "copy").mkdir()
    (repo.root / "suite").symlink_to("copy")
    assert repo.path_of(repo.root / "suite").as_posix() == "suite"
