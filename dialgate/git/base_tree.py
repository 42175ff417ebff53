"""A commit laid out whole, in a temporary folder in which its agent can be run.

Nothing is written into the repository, and no attribute or filter of it applies. Leaves which
commit it is to `dialgate.git.base_ref`; `dialgate.git.base_files` lays out what is only read.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from dialgate.git.asking.git_process import GitError
from dialgate.git.base_ref import suite_exists_at, suite_path_at
from dialgate.git.default_base import default_base
from dialgate.git.git_checkout import open_checkout
from dialgate.git.raw_tree import tree_entries, write_entries
from dialgate.git.submodules import MissingSubmodule, fill_submodules
from dialgate.git.suite_paths import named_paths
from dialgate.git.whole_files import refuse_pointers
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path
from dialgate_evals.running.containment.left_copies import HeldFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dialgate.git.base_ref import GitBaseline
    from dialgate.git.git_checkout import Checkout
    from dialgate.git.raw_tree import Entries
    from dialgate_evals.suite.workspace import Workspace


@contextlib.contextmanager
def base_folder(workspace: Workspace, baseline: GitBaseline) -> Iterator[Path]:
    """The suite's folder as of the base, all of the commit around it; gone afterwards.

    Raises UsageError where git can't read the commit.
    """
    checkout = open_checkout(workspace.folder)
    assert checkout is not None
    relative = suite_path_at(workspace.folder, baseline.commit)
    assert relative is not None
    place = show_path(workspace.folder)
    with reading(f"git could not lay out {baseline} for {place}"):
        entries = tree_entries(checkout, baseline.commit)
    with whole_tree(checkout, entries, f"{baseline} for {place}") as tree:
        suite = relative.as_posix()
        named = (suite, *named_paths(tree / relative, suite))
        refuse_pointers(tree, named, f"git lfs fetch origin {baseline.commit}")
        yield tree / relative


@contextlib.contextmanager
def whole_tree(checkout: Checkout, entries: Entries, what: str) -> Iterator[Path]:
    """A temporary folder with these files and submodules; gone afterwards.

    What a kill leaves behind is taken out by the next call. Raises UsageError where git can't read
    a file; `what` names the files there.
    """
    held = HeldFolder(None)
    tree = held.path / "tree"
    try:
        tree.mkdir()
        # The root that no path of the suite may leave (evals.file_reading.workspace_root).
        (tree / ".git").touch()
        with reading(f"git could not lay out {what}"):
            write_entries(checkout, entries, tree)
            missing = fill_submodules(checkout, entries, tree)
        _refuse_older_submodules(missing, what)
        yield tree
    finally:
        held.close()


def _refuse_older_submodules(missing: Iterable[MissingSubmodule], what: str) -> None:
    """A submodule that the user has, but not as of this commit: this side alone would lack it."""
    needed = [item.command for item in missing if item.is_older]
    if needed:
        raise UsageError(
            f"{what} holds a submodule whose commit is not here. Fetch it first: {needed[0]}"
        )


@contextlib.contextmanager
def reading(refused: str) -> Iterator[None]:
    """Git's refusal as a UsageError that begins with these words."""
    try:
        yield
    except GitError as error:
        raise UsageError(f"{refused}: {error}") from None


def describe_default_base(workspace: Workspace) -> dict[str, Any]:
    """The default baseline: ref, commit, and the suite's release there; None where unknown."""
    base = default_base(workspace.folder, is_changed=True)
    if base is None:
        return {"ref": None, "commit": None, "release": None}
    release = None
    if suite_exists_at(workspace, base.commit):
        from dialgate_evals.suite.workspace import load_workspace  # noqa: PLC0415 - one use

        with base_folder(workspace, base) as folder:
            release = load_workspace(folder).release().as_json()
    return {"ref": base.ref, "commit": base.commit, "release": release}
