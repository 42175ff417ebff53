"""The files of a suite as of a commit, laid out in a temporary folder to be read.

Only what the suite's files name is written, so that a large repository costs no more than a small
one. Leaves whole trees, which agents are run in, to `dialgate.git.base_tree`.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.git.asking.git_process import GitError
from dialgate.git.base_ref import suite_path_at
from dialgate.git.git_checkout import open_checkout
from dialgate.git.raw_tree import tree_entries, write_entries
from dialgate.git.submodules import fill_submodules
from dialgate.git.suite_paths import SUITE_FILES, named_paths
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.running.containment.left_copies import HeldFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate.git.base_ref import GitBaseline
    from dialgate.git.git_checkout import Checkout
    from dialgate.git.raw_tree import Entries
    from dialgate_evals.files.problems import Problem


@dataclass(frozen=True, kw_only=True)
class _Tree:
    """The commit's files below a temporary folder, as far as they are laid out."""

    checkout: Checkout
    folder: Path
    entries: Entries

    def add(self, paths: Iterable[str]) -> None:
        """Writes everything that the commit holds at or below these paths of the repository."""
        wanted = {path for path in paths if not path.startswith("..")}
        below = tuple(f"{path}/" for path in wanted)
        chosen = {
            name: item
            for name, item in self.entries.items()
            if ("." in wanted or name in wanted or name.startswith(below))
            and not os.path.lexists(self.folder / name)
        }
        write_entries(self.checkout, chosen, self.folder)


@contextlib.contextmanager
def laid_out(suite_folder: Path, baseline: GitBaseline, *, whole: bool = False) -> Iterator[Path]:
    """The suite's folder with the files that it names, as of the commit; gone afterwards.

    `whole` lays out all of the commit, for a suite that reaches its files through links.
    Problems of these files that are raised inside name them as files of the commit. Raises
    UsageError where git can't read the commit, or the files are in a submodule that isn't here.
    """
    checkout = open_checkout(suite_folder)
    assert checkout is not None
    relative = suite_path_at(suite_folder, baseline.commit)
    assert relative is not None
    held = HeldFolder(None)
    try:
        entries = tree_entries(checkout, baseline.commit)
        tree = _Tree(checkout=checkout, folder=held.path / "tree", entries=entries)
        tree.folder.mkdir()
        # The root that no path of the suite may leave (evals.file_reading.workspace_root).
        (tree.folder / ".git").touch()
        missing = _write(tree, relative.as_posix(), whole=whole)
        with _named_as_of(baseline, tree.folder, missing):
            yield tree.folder / relative
    except GitError as error:
        raise UsageError(f"git could not read {baseline}: {error}") from None
    finally:
        held.close()


def _write(tree: _Tree, suite: str, *, whole: bool) -> tuple[str, ...]:
    """Lays out the suite, then what its files name; comes back with submodules that are missing."""
    tree.add(posixpath.normpath(posixpath.join(suite, name)) for name in SUITE_FILES)
    named = ["."] if whole else named_paths(tree.folder / suite, suite)
    tree.add(named)

    def is_wanted(submodule: str) -> bool:
        return whole or any(f"{path}/".startswith(f"{submodule}/") for path in named)

    missing = fill_submodules(tree.checkout, tree.entries, tree.folder, is_wanted=is_wanted)
    return tuple(item.command for item in missing)


@contextlib.contextmanager
def _named_as_of(baseline: GitBaseline, tree: Path, missing: tuple[str, ...]) -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        if missing:
            raise UsageError(
                f"Files of {baseline} lie in a submodule whose commit is not here. "
                f"Fetch it first: {'; '.join(missing)}"
            ) from None
        named = [_named(problem, tree, str(baseline)) for problem in error.problems]
        raise ConfigurationError(named) from None


def _named(problem: Problem, tree: Path, place: str) -> Problem:
    path = Path(os.path.abspath(problem.file))  # noqa: PTH100 - links stay as they are
    if not path.is_relative_to(tree):
        return problem
    return replace(problem, file=f"{path.relative_to(tree).as_posix()} at {place}")
