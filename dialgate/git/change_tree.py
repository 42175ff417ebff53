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
    from pathlib import Path

    from dialgate.git.git_checkout import Checkout
    from dialgate.git.raw_tree import Entries

_NEVER = frozenset({".dialgate", "node_modules", "__pycache__"})
"""Folders of which an untracked file is no part of a change, ignored or not."""


def working_tree(checkout: Checkout) -> tuple[Entries, frozenset[str]]:
    """Every file of the working tree, and which of them are untracked. Raises GitError."""
    entries = tree_entries(checkout, "HEAD")
    size = max((len(item.oid) for item in entries.values()), default=40)
    edited = _names(
        checkout.git("diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", "HEAD")
    )
    listed = _names(checkout.git("ls-files", "--others", "--exclude-standard", "-z"))
    untracked = frozenset(name for name in listed if _counts(name, checkout.root))
    for name in (*edited, *untracked):
        found = _on_disk(checkout.root / name, size)
        if found is not None:
            entries[name] = found
        elif name in entries and not _is_folder(checkout.root / name):
            del entries[name]
    return entries, untracked


def _names(listed: bytes) -> list[str]:
    return [os.fsdecode(name) for name in listed.split(b"\0") if name and not name.endswith(b"/")]


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
    return sorted(
        name
        for name in {*before, *now}
        if name not in before
        or name not in now
        or (before[name].mode, before[name].oid) != (now[name].mode, now[name].oid)
    )


def moved(entries: Entries, *, before: str, now: str) -> Entries:
    """The entries with the folder `before` under the name `now`."""
    if before == now:
        return entries
    return {
        now + name[len(before) :] if name.startswith(f"{before}/") else name: item
        for name, item in entries.items()
    }
