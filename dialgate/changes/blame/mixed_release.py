"""A release of which some changes are put in and others are not, laid out so that it can be run.

The working tree is laid out once; the release's own files are written anew for each mix. Leaves
splitting changes to `dialgate_gate.blame.pieces`.
"""

from __future__ import annotations

import contextlib
import glob
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.git.base_tree import base_folder, reading, whole_tree
from dialgate.git.change_tree import working_tree
from dialgate.git.git_checkout import open_checkout, path_in
from dialgate_evals.errors import EvidenceError
from dialgate_evals.files.file_reading import is_inside, read_toml
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.blame.pieces import Difference, split_difference

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dialgate.git.base_ref import GitBaseline
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

MODEL = "model"
PARTS = ("prompts", "tools", "code")


@dataclass(frozen=True, kw_only=True)
class MixedReleases:
    """The laid-out tree, and what can be mixed in it."""

    tree: Path
    folder: Path
    # the suite's, in the tree
    home: Path
    # the suite's, in the user's checkout
    release_file: Path
    # in the tree
    difference: Difference

    def lay_out(self, chosen: Collection[int]) -> tuple[Workspace, Release]:
        """The workspace and release with these pieces put into the baseline."""
        for name, content in self.difference.mixed(chosen).items():
            path = self.tree / name
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, content)
        workspace = load_workspace(self.folder, home=self.home)
        return workspace, workspace.release(self.release_file)


@contextlib.contextmanager
def mixed_releases(
    workspace: Workspace, release_file: Path | None, baseline: GitBaseline
) -> Iterator[MixedReleases]:
    """What can be mixed of the working tree and the base; the tree is gone afterwards.

    Raises EvidenceError where the two sides' release files name other files, so that contents
    can't be mixed.
    """
    checkout = open_checkout(workspace.folder)
    assert checkout is not None
    suite = path_in(checkout, workspace.folder)
    named = path_in(checkout, release_file or workspace.folder / "release.toml")
    with reading("git could not lay out the change"):
        entries, _ = working_tree(checkout)
    with (
        base_folder(workspace, baseline) as base,
        whole_tree(checkout, entries, "the change") as tree,
    ):
        base_root = base.parents[len(suite.parts) - 1] if suite.parts else base
        sides = [_files(root, named) for root in (base_root, tree)]
        _refuse_other_names(sides[0][1], sides[1][1], named, baseline)
        (before, _), (now, components) = sides
        yield MixedReleases(
            tree=tree,
            folder=tree / suite,
            home=workspace.folder,
            release_file=tree / named,
            difference=split_difference(before, now, components),
        )


def _files(root: Path, release: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """The release's files of one side, and each one's component; paths of the repository."""
    components = {
        name: part for part in PARTS for name in sorted(_named(root, root / release, part))
    }
    components[release.as_posix()] = MODEL
    found = {path: (root / path).read_bytes() for path in components if (root / path).is_file()}
    return found, components


def _named(root: Path, release: Path, part: str) -> set[str]:
    """The files that the release names for a component; what lies outside the tree is left out."""
    document = read_toml(release, "release", []) if release.is_file() else None
    patterns = document.values.get(part, ()) if document is not None else ()
    found = (
        release.parent / name
        for pattern in patterns
        for name in glob.glob(pattern, root_dir=release.parent, recursive=True)  # noqa: PTH207 - ".."
    )
    return {
        path.resolve().relative_to(root.resolve()).as_posix()
        for path in found
        if path.is_file() and is_inside(path, root)
    }


def _refuse_other_names(
    before: dict[str, str], now: dict[str, str], named: Path, baseline: GitBaseline
) -> None:
    """Prompts and tools of other names have no counterpart to be mixed with."""
    moved = [
        path
        for path in sorted({*before, *now})
        if before.get(path) != now.get(path) and "code" not in {before.get(path), now.get(path)}
    ]
    if moved:
        raise EvidenceError(
            [
                Problem(
                    file=show_path(Path(named)),
                    found=f"other files than at {baseline}: {', '.join(moved[:4])}",
                    expected="prompts and tools of the same names, whose contents can be mixed",
                    advice="Rename in a change of its own.",
                )
            ]
        )
