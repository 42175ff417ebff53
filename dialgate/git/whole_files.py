"""Whether the files that a suite names are all there, and are what they stand for.

A sparse checkout leaves files out and Git LFS leaves pointers in their place: either would judge
another suite than the one that was committed. Leaves laying commits out to `base_tree`.
"""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from dialgate.git.git_checkout import open_checkout
from dialgate.git.raw_tree import lfs_oid
from dialgate.git.suite_paths import named_paths
from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_POINTER_BYTES = 1024
_NO = frozenset({"false", "no", "off", "0"})
"""What git takes for no; whatever is none of them costs a look at the index."""


def refuse_partial(folder: Path) -> None:
    """Raises UsageError where the user's checkout lacks a file that the suite in `folder` names."""
    checkout = open_checkout(folder)
    if checkout is None:
        return
    suite = checkout.path_of(folder).as_posix()
    named = [path for path in (suite, *named_paths(folder, suite)) if not path.startswith("..")]
    if (checkout.settings.get("core.sparsecheckout", "no") or "yes").lower() not in _NO:
        listed = os.fsdecode(checkout.git("ls-files", "-t", "-z")).split("\0")
        absent = [item[2:] for item in listed if item[:2] == "S " and _is_named(item[2:], named)]
        if absent:
            parent = shlex.quote(absent[0].rpartition("/")[0] or ".")
            raise UsageError(
                f"This is a sparse checkout without {absent[0]}, which the suite names"
                f"{_more(absent)}. Get it: git sparse-checkout add {parent}"
            )
    refuse_pointers(checkout.root, named, "git lfs pull")


def refuse_pointers(root: Path, named: Iterable[str], command: str) -> None:
    """Raises UsageError where a named file is a Git LFS pointer; `command` gets what is behind."""
    found = [path.relative_to(root).as_posix() for path in _files(root, named) if _is_pointer(path)]
    if found:
        raise UsageError(
            f"{found[0]} is a Git LFS pointer, not the file that it stands for{_more(found)}. "
            f"Get it: {command}"
        )


def _is_named(path: str, named: Iterable[str]) -> bool:
    return any(name == "." or f"{path}/".startswith(f"{name}/") for name in named)


def _files(root: Path, named: Iterable[str]) -> Iterator[Path]:
    for name in dict.fromkeys(named):
        path = root / name
        if path.is_file():
            yield path
        for folder, folders, files in os.walk(path):
            folders[:] = [name for name in folders if not name.startswith(".")]
            yield from (path.__class__(folder) / file for file in files)


def _is_pointer(path: Path) -> bool:
    try:
        return path.stat().st_size <= _POINTER_BYTES and lfs_oid(path.read_bytes()) is not None
    except OSError:
        return False


def _more(found: list[str]) -> str:
    return f" (and {len(found) - 1} more)" if len(found) > 1 else ""
