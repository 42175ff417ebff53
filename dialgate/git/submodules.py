"""Submodules of a commit that is laid out elsewhere, filled from where they are checked out.

Nothing is fetched: a submodule whose commit is not here stays empty, and is named to whoever misses
a file of it. Raw blobs, as `dialgate.git.raw_tree` writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.git.git_checkout import Checkout
from dialgate.git.raw_tree import SUBMODULE, tree_entries, write_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dialgate.git.raw_tree import TreeEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingSubmodule:
    """A submodule that can't be laid out."""

    command: str
    # for people: how to get it
    is_older: bool
    # whether it is here, but not as of this commit


def fill_submodules(
    checkout: Checkout,
    entries: Mapping[str, TreeEntry],
    tree: Path,
    *,
    is_wanted: Callable[[str], bool] = lambda _: True,
) -> tuple[MissingSubmodule, ...]:
    """Lays out the submodules of the entries below `tree`; comes back with the others.

    `is_wanted` tells by a submodule's path whether it is needed.
    """
    missing: list[MissingSubmodule] = []
    for path, item in entries.items():
        if item.mode != SUBMODULE or not is_wanted(path):
            continue
        if not (checkout.root / path / ".git").exists():
            command = f"git submodule update --init {path}"
            missing.append(MissingSubmodule(command=command, is_older=False))
            continue
        inner = Checkout((checkout.root / path).resolve())
        if inner.commit_of(item.oid) is None:
            command = f"git -C {path} fetch --depth=1 origin {item.oid}"
            missing.append(MissingSubmodule(command=command, is_older=True))
            continue
        below = tree_entries(inner, item.oid)
        (tree / path).mkdir(parents=True, exist_ok=True)
        write_entries(inner, below, tree / path)
        missing += fill_submodules(inner, below, tree / path)
    return tuple(missing)
