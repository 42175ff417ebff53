"""The base of a change in git, read without touching the user's tree or index.

Knows how to resolve a ref once, where a commit holds the suite, and what to fetch where it is not
there; leaves which base is the default to `dialgate.git.default_base`.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from dialgate.git.asking.git_process import GitError
from dialgate.git.git_checkout import open_checkout
from dialgate.git.suite_paths import BASELINE
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.file_reading import check_toml
from dialgate_evals.files.file_writing import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.git.asking.object_reader import GitObject
    from dialgate.git.git_checkout import Checkout
    from dialgate_evals.files.problems import Problem
    from dialgate_evals.suite.workspace import Workspace


EVERY_NAME = ("ls-tree", "-r", "-z", "--full-tree", "--name-only")
"""Asks for the path of each file of a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitBaseline:
    """A git ref, resolved once to the commit it names."""

    ref: str
    commit: str

    def __str__(self) -> str:
        return f"{self.ref} ({self.commit[:12]})"


def resolve_ref(folder: Path, ref: str) -> str | None:
    """The commit that the ref names in the checkout around the folder; None where there is none."""
    checkout = open_checkout(folder)
    return None if checkout is None else checkout.commit_of(ref)


def fetch_advice(folder: Path, ref: str) -> str:
    """How a ref that is not here gets here; empty outside git."""
    checkout = open_checkout(folder)
    if checkout is None:
        return ""
    if not checkout.is_shallow:
        return " If the remote has it: git fetch --tags origin"
    name = ref.removeprefix("origin/")
    is_commit = len(name) in {40, 64} and all(letter in "0123456789abcdef" for letter in name)
    how = (
        f"git fetch --depth=1 origin {name}"
        if is_commit
        else f"git fetch --depth=1 origin {name}:refs/remotes/origin/{name} for a branch (then "
        f"name origin/{name}), git fetch --depth=1 origin tag {name} for a tag"
    )
    return f" This is a shallow clone, fetch it first: {how}."


def named_baseline(folder: Path, commit: str) -> GitBaseline | None:
    """What baseline.toml says at the commit: a change doesn't choose its own judge."""
    text = _file_at(folder, commit, BASELINE)
    if text is None:
        return None
    problems: list[Problem] = []
    shown = f"{BASELINE} at {commit[:12]}"
    document = check_toml(text, "baseline", shown, problems)
    if document is None:
        raise ConfigurationError(problems)
    ref = document.values["ref"]
    found = resolve_ref(folder, ref)
    if found is None:
        advice = fetch_advice(folder, ref)
        raise UsageError(f"{BASELINE} names {ref!r}, which is no git ref here.{advice}")
    return GitBaseline(ref=ref, commit=found)


def _file_at(folder: Path, commit: str, name: str) -> bytes | None:
    """A file of the suite's folder as of the commit; None where it is not there."""
    checkout = open_checkout(folder)
    path = suite_path_at(folder, commit)
    if checkout is None or path is None:
        return None
    found = _object_at(checkout, commit, path / name)
    return None if found is None or found.kind != "blob" else found.content


def suite_path_at(folder: Path, commit: str) -> PurePosixPath | None:
    """Where in the repository the commit holds the suite; None: this is its first release.

    A suite whose folder was renamed or moved is the one of the same name whose folder is gone now:
    else renaming a folder would make a change its own first release.
    """
    checkout = open_checkout(folder)
    assert checkout is not None
    path = PurePosixPath(checkout.path_of(folder).as_posix())
    if _object_at(checkout, commit, path / "suite.toml") is not None:
        return path
    listed = os.fsdecode(checkout.git(*EVERY_NAME, commit))
    own = folder / "suite.toml"
    name = _suite_name(own.read_bytes()) if own.is_file() else None
    gone = [
        PurePosixPath(file).parent
        for file in listed.split("\0")
        if PurePosixPath(file).name == "suite.toml" and not (checkout.root / file).exists()
    ]
    same = [p for p in gone if _suite_name(_blob(checkout, commit, p / "suite.toml")) == name]
    return same[0] if name is not None and len(same) == 1 else None


def _object_at(checkout: Checkout, commit: str, path: PurePosixPath) -> GitObject | None:
    """What the commit holds there. Raises UsageError where git can't say: not here is no answer."""
    try:
        return checkout.object_at(f"{commit}:{path}")
    except GitError as error:
        raise UsageError(f"git could not read {path} at {commit[:12]}: {error}") from None


def _blob(checkout: Checkout, commit: str, path: PurePosixPath) -> bytes:
    found = _object_at(checkout, commit, path)
    if found is None:
        raise GitError(f"{path} at {commit[:12]} is not here")
    return found.content


def _suite_name(text: bytes) -> object:
    try:
        return tomllib.loads(text.decode("utf-8")).get("name")
    except ValueError:
        return None


def suite_exists_at(workspace: Workspace, commit: str) -> bool:
    """Whether the commit holds the suite at all; if not, this is its first release."""
    return suite_path_at(workspace.folder, commit) is not None


def write_baseline(workspace: Workspace, ref: str) -> Path:
    """Writes baseline.toml. Raises UsageError for a ref that names no commit with the suite."""
    commit = resolve_ref(workspace.folder, ref)
    if commit is None:
        advice = fetch_advice(workspace.folder, ref)
        raise UsageError(f"{ref!r} is no git ref here.{advice}")
    if not suite_exists_at(workspace, commit):
        raise UsageError(f"{ref} ({commit[:12]}) does not hold the suite {workspace.suite.name}.")
    path = workspace.folder / BASELINE
    lines = [
        "# The release in production, which candidates are measured against.",
        "# Written by `dialgate baseline set`; it counts once it is on the main branch.",
        "schema = 1",
        f"ref = {json.dumps(ref)}",
    ]
    write_atomically(path, "\n".join([*lines, ""]).encode("utf-8"))
    return path
