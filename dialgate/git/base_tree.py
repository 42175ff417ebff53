"""A base's commit laid out whole, in a temporary worktree in which its agent can be run.

The user's files, index and branch stay as they are. Leaves which commit it is to
`dialgate.git.base_ref`; `dialgate.git.base_files` lays out what is only read.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path

from dialgate.git.base_ref import default_base, suite_exists_at, suite_path_at
from dialgate.git.git_checkout import Checkout, GitError, open_checkout
from dialgate.git.submodules import fill_submodules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.suite.workspace import Workspace

    from dialgate.git.base_ref import GitBaseline

_PREFIX = "dialgate-base-"


@contextlib.contextmanager
def base_folder(workspace: Workspace, baseline: GitBaseline) -> Iterator[Path]:
    """The suite's folder as of the base, in a temporary worktree that is gone afterwards.

    What a kill leaves behind is pruned by the next call. Raises UsageError where git can't lay it
    out.
    """
    checkout = open_checkout(workspace.folder)
    assert checkout is not None
    relative = suite_path_at(workspace.folder, baseline.commit)
    assert relative is not None
    _prune(checkout)
    holder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    tree = holder / "tree"
    try:
        checkout.git("worktree", "add", "--detach", "--force", str(tree), baseline.commit)
        fill_submodules(checkout, baseline.commit, tree)
        yield tree / relative
    except GitError as error:
        raise UsageError(
            f"git could not lay out {baseline} for {show_path(workspace.folder)}: {error}"
        ) from None
    finally:
        # Git refuses to remove a worktree in which a submodule is: the folder goes, then its name.
        shutil.rmtree(holder, ignore_errors=True)
        checkout.ask("worktree", "prune")


def describe_default_base(workspace: Workspace) -> dict[str, Any]:
    """The default baseline: ref, commit, and the suite's release there; None where unknown."""
    base = default_base(workspace.folder)
    if base is None:
        return {"ref": None, "commit": None, "release": None}
    release = None
    if suite_exists_at(workspace, base.commit):
        from dialgate_evals.suite.workspace import load_workspace  # noqa: PLC0415 - one use

        with base_folder(workspace, base) as folder:
            release = load_workspace(folder).release().as_json()
    return {"ref": base.ref, "commit": base.commit, "release": release}


def _prune(checkout: Checkout) -> None:
    """Takes out worktrees of killed runs: ours by name, their process gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        process = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if process.isdecimal() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(folder, ignore_errors=True)
    checkout.ask("worktree", "prune")
