"""The working tree as a tree of git would hold it, and what differs from another tree.

Committed files count by their blobs, whatever attributes make of them on the disk; edited and
untracked ones as they lie there. Leaves what a difference means to `dialgate.check`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

from dialgate.git.raw_tree import EXECUTABLE, FILE, LINK, TreeEntry, tree_entries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from dialgate.git.git_checkout import Checkout
    from dialgate.git.raw_tree import Entries

_NEVER = frozenset({".dialgate", "node_modules", "__pycache__"})
"""Folders of which an untracked file is no part of a change, ignored or not."""


def working_tree(checkout: Checkout) -> tuple[Entries, frozenset[str]]:
    """Every file of the working tree, and which of them are untracked. Raises GitError."""
    entries = tree_entries(checkout, checkout.commit_of("HEAD") or "HEAD")
    size = max((len(item.oid) for item in entries.values()), default=40)
    edited, listed = changed_and_new(checkout)
    untracked = frozenset(name for name in listed if _counts(name, checkout.root))
    for name in (*edited, *untracked):
        found = _on_disk(checkout.root / name, size)
        if found is not None:
            entries[name] = found
        elif name in entries and not _is_folder(checkout.root / name):
            del entries[name]
    return entries, untracked


def changed_and_new(checkout: Checkout) -> tuple[list[str], list[str]]:
    """Tracked paths that may differ from HEAD, and untracked ones. Raises GitError.

    One process tells both. A path that differs from the index on both sides of it may be HEAD's
    again: then git is asked once more.
    """
    rows = _state(checkout)
    fresh = _names(row[2:] for row in rows if row[:2] == b"? ")
    changed = _changed(rows)
    if all(row[:2] == b"1 " and b"." in row[2:4] for row in changed):
        return _names(row.split(b" ", 8)[8] for row in changed), fresh
    listed = checkout.git("diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", "HEAD")
    return _names(listed.split(b"\0")), fresh


def every_change(checkout: Checkout) -> list[str]:
    """Paths that differ from HEAD or the index, or are untracked; submodules too. Raises GitError.

    A repository of its own below the checkout is one path, without a slash at its end.
    """
    rows = [row for row in _state(checkout) if row[:2] != b"# "]
    parts = {b"1 ": 8, b"u ": 10, b"? ": 1}
    return [os.fsdecode(row.split(b" ", parts[row[:2]])[-1].rstrip(b"/")) for row in rows]


def has_uncommitted(checkout: Checkout) -> bool:
    """Whether a tracked file differs from HEAD or the index. Raises GitError.

    Untracked files don't count, nor those of a submodule.
    """
    return bool(_changed(_state(checkout)))


def _changed(rows: Iterable[bytes]) -> list[bytes]:
    """Rows of tracked paths, but of submodules that only hold something untracked."""
    tracked = (row for row in rows if row[:2] not in {b"? ", b"# "})
    return [row for row in tracked if not row.startswith(b"1 .M S..U ")]


def looking_ahead(checkout: Checkout) -> AbstractContextManager[None]:
    """Within it git looks at the working tree already, which takes long among many files."""
    return checkout.ahead(*_LOOK)


_LOOK = (
    "-c", "core.untrackedCache=false", "status", "--porcelain=v2", "-z", "--untracked-files=all",
    "--no-renames",
)  # fmt: skip


def _state(checkout: Checkout) -> list[bytes]:
    """Rows of git's second porcelain format."""
    return checkout.git(*_LOOK).split(b"\0")[:-1]


def _names(listed: Iterable[bytes]) -> list[str]:
    return [os.fsdecode(name) for name in listed if name and not name.endswith(b"/")]


def _counts(name: str, root: Path) -> bool:
    parts = name.split("/")
    if _NEVER & set(parts):
        return False
    folders = ("/".join(parts[:count]) for count in range(1, len(parts)))
    return not any((root / folder / "pyvenv.cfg").is_file() for folder in folders)


def _is_folder(path: Path) -> bool:
    """A submodule's folder: its entry stays the commit that HEAD names."""
    return path.is_dir() and not path.is_symlink()


def _on_disk(path: Path, size: int) -> TreeEntry | None:
    """The file or link as a blob; None for anything else."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            content, kind = os.fsencode(os.readlink(path)), LINK  # noqa: PTH115 - text as it stands
        elif stat.S_ISREG(mode):
            content, kind = path.read_bytes(), EXECUTABLE if mode & 0o100 else FILE
        else:
            return None
    except OSError:
        return None
    hashed = hashlib.new("sha1" if size == 40 else "sha256", usedforsecurity=False)
    hashed.update(b"blob %d\0" % len(content) + content)
    return TreeEntry(mode=kind, oid=hashed.hexdigest(), disk=path)


def differing(before: Entries, now: Entries) -> list[str]:
    """Paths that are on one side only, or differ in content or mode."""
    gone = before.keys() - now.keys()
    # What two commits have in common is the same object, mostly.
    other = (name for name, item in now.items() if before.get(name) is not item)
    return sorted((*gone, *(name for name in other if _differs(before.get(name), now[name]))))


def _differs(before: TreeEntry | None, now: TreeEntry) -> bool:
    return before is None or (before.mode, before.oid) != (now.mode, now.oid)


def moved(entries: Entries, *, before: str, now: str) -> Entries:
    """The entries with the folder `before` under the name `now`."""
    if before == now:
        return entries
    return {
        now + name[len(before) :] if name.startswith(f"{before}/") else name: item
        for name, item in entries.items()
    }
