"""Which suites the changed files belong to, as a pre-commit hook asks.

A file belongs to a suite that lies around it or names it. Leaves what a change means to
`dialgate.changes.comparing`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.git.git_checkout import open_checkout
from dialgate.git.suite_paths import concerns, named_paths
from dialgate_evals.errors import UsageError
from dialgate_evals.suite.workspace import suite_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dialgate.git.git_checkout import Checkout


LAST_COMMIT = "HEAD"


def last_commit() -> str | None:
    """`HEAD`; None before the first commit and outside git."""
    checkout = open_checkout(Path())
    is_there = checkout is not None and checkout.commit_of(LAST_COMMIT) is not None
    return LAST_COMMIT if is_there else None


def touched_suites(arguments: Sequence[Path], baseline: str | None) -> list[Path]:
    """The suites named, and those that the other files named belong to, sorted.

    Without arguments the files are those that differ from the baseline, deleted and untracked ones
    too; without a baseline all files. Raises UsageError outside git, and for an argument that is
    neither suite nor file.
    """
    suites = [path for path in arguments if path.name == "suite.toml" or path.is_dir()]
    files = [path for path in arguments if path not in suites]
    missing = [path.as_posix() for path in files if not path.is_file()]
    if missing:
        raise UsageError(f"{', '.join(missing)}: neither a suite's folder nor a file.")
    found = {suite_folder(path) for path in suites}
    if files or not arguments:
        checkout = open_checkout(Path())
        if checkout is None:
            raise UsageError("This is no git checkout. Name the suites.")
        names = [_name(path, checkout) for path in files] or changed_files(checkout, baseline)
        found.update(_suites_of(checkout, names))
    return sorted(found)


def _name(path: Path, checkout: Checkout) -> str:
    return Path(os.path.relpath(path.resolve(), checkout.root)).as_posix()


def changed_files(checkout: Checkout, baseline: str | None) -> list[str]:
    """Files of the working tree that differ from the baseline, by their path in the repository.

    A submodule is one of them, whatever `.gitmodules`, a file of the change, says of it.
    """
    untracked = ["ls-files", "--others", "--exclude-standard", "--full-name", "-z"]
    if baseline is None:
        return _names(checkout.git(*untracked, "--cached"))
    commit = checkout.commit_of(baseline)
    if commit is None:
        raise UsageError(f"--baseline {baseline}: no git ref of that name here.")
    differing = checkout.git(
        "diff", "--name-only", "--no-renames", "--ignore-submodules=untracked", "-z", commit
    )
    return _names(differing + checkout.git(*untracked))


def _names(listed: bytes) -> list[str]:
    return sorted({os.fsdecode(name) for name in listed.split(b"\0") if name})


def _suites_of(checkout: Checkout, files: Iterable[str]) -> list[Path]:
    """The folders of the suites that a file lies in or that name it, from the current folder."""
    wanted = list(files)
    found = []
    for folder in listed_suites(checkout):
        suite = folder.relative_to(checkout.root).as_posix()
        owned = [suite, *named_paths(folder, suite)]
        if any(concerns(file, name) for file in wanted for name in owned):
            found.append(Path(os.path.relpath(folder)))
    return found


def listed_suites(checkout: Checkout) -> list[Path]:
    """The folders of the suites that git knows or could know, in order; ignored ones not."""
    listed = checkout.git(
        "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--",
        ":(top,glob)**/suite.toml",
    )  # fmt: skip
    paths = (checkout.root / name for name in _names(listed))
    return [path.parent for path in paths if path.is_file()]


def is_below(file: str, above: str) -> bool:
    """Whether a path of the repository is the other or lies in it.

    >>> [is_below("a/b", above) for above in ("a", "a/b", ".", "b", "a/")]
    [True, True, True, False, False]
    """
    return above in {".", file} or file.startswith(f"{above}/")
