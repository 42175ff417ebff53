"""The files of a commit as git holds them, and written to a folder as they are.

Raw blobs: no attribute, filter, line end or hook of any tree applies, and nothing is written into
the repository. Leaves which commit and which paths to the callers.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

import msgspec

from dialgate.git.asking.git_process import GitError
from dialgate.git.asking.kept_answers import once
from dialgate.git.asking.object_reader import read_objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dialgate.git.git_checkout import Checkout

LINK, SUBMODULE, EXECUTABLE, FILE = "120000", "160000", "100755", "100644"
_LFS = re.compile(rb"\Aversion https://git-lfs[^\n]*\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n")
_POINTER_BYTES = 1024


class TreeEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One path of a tree: a file, a link or a submodule."""

    mode: str
    # one of LINK, SUBMODULE, EXECUTABLE, FILE
    oid: str
    # of the blob, or the submodule's commit; empty: what lies on the disk
    disk: Path | None = None
    # where it lies, for what is in no commit


Entries = dict[str, TreeEntry]
"""By path in the repository, parts parted by `/`."""


_LISTED = re.compile(r"([0-7]{6}) [a-z]+ ([0-9a-f]+)\t([^\0]+)\0")
_MAYBE_ODD = re.compile(rb"\.(?<=[\t/]\.)(?:\.?|[gG][iI][tT])[/\0]")
_WITHOUT_NAME = (b"\t/", b"//", b"/\0")


def tree_entries(checkout: Checkout, commit: str) -> Entries:
    """Every file of the commit. Raises GitError for a path that no checkout would write."""
    tree = checkout.object_at(f"{commit}^{{tree}}")
    # Commits in which nothing differs have one tree, which is read once.
    name = commit if tree is None else tree.oid
    return dict(once(("tree", checkout.root, name), lambda: _read_tree(checkout, commit)))


def _read_tree(checkout: Checkout, commit: str) -> Entries:
    listed = checkout.git("ls-tree", "-r", "-z", "--full-tree", commit)
    rows = listed.split(b"\0")[:-1]
    # Two commits of a change have nearly all rows in common: these are taken apart once.
    known: dict[bytes, tuple[str, TreeEntry]] = once(("rows", checkout.root), dict)
    fresh = [row for row in rows if row not in known]
    known.update(zip(fresh, _taken_apart(commit, fresh), strict=True))
    found = dict(map(known.__getitem__, rows))
    if len(found) != len(rows):
        _refuse_odd(commit, [known[row][0] for row in rows])
    return found


def _taken_apart(commit: str, rows: Sequence[bytes]) -> list[tuple[str, TreeEntry]]:
    """Path and entry of each row. Raises GitError for a path that no checkout would write."""
    listed = b"".join((b"\0".join(rows), b"\0")) if rows else b""
    parts = _LISTED.findall(os.fsdecode(listed))
    if len(parts) != len(rows) or _is_maybe_odd(listed):
        _refuse_odd(commit, [os.fsdecode(row.partition(b"\t")[2]) for row in rows])
    if len(parts) != len(rows):
        raise GitError(f"the tree of {commit[:12]} can't be read")
    return [(name, TreeEntry(mode=mode, oid=oid)) for mode, oid, name in parts]


def _is_maybe_odd(listed: bytes) -> bool:
    """Whether a part of a path may be empty, `.`, `..` or git's own folder."""
    return any(mark in listed for mark in _WITHOUT_NAME) or bool(_MAYBE_ODD.search(listed))


def _refuse_odd(commit: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if not _is_plain(name) or name in seen:
            raise GitError(f"the tree of {commit[:12]} holds the path {name!r}")
        seen.add(name)


def _is_plain(name: str) -> bool:
    return all(part not in {"", ".", ".."} and part.lower() != ".git" for part in name.split("/"))


def write_entries(checkout: Checkout, entries: Mapping[str, TreeEntry], folder: Path) -> None:
    """Writes files, then links; submodules are left to `dialgate.git.submodules`.

    Raises GitError where git can't read a blob, or where a path leads through a link.
    """
    files = {name: item for name, item in entries.items() if item.mode not in {LINK, SUBMODULE}}
    links = {name: item for name, item in entries.items() if item.mode == LINK}
    try:
        _write_files(checkout, files, folder)
        _write_links(checkout, links, folder)
    except OSError as error:
        raise GitError(f"{error.filename or folder}: {error.strerror}") from None


def _write_files(checkout: Checkout, files: Mapping[str, TreeEntry], folder: Path) -> None:
    lfs = _lfs_folder(checkout)
    oids = {item.oid for item in files.values() if item.disk is None}
    names: dict[str, list[str]] = {}
    for name, item in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if item.disk is not None:
            _put(target, item.disk.read_bytes(), item.mode)
        else:
            names.setdefault(item.oid, []).append(name)
    for oid, content in read_blobs(checkout, sorted(oids)):
        whole = _behind_pointer(content, lfs)
        for name in names[oid]:
            _put(folder / name, whole, files[name].mode)


def _put(target: Path, content: bytes, mode: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    descriptor = os.open(target, flags, 0o755 if mode == EXECUTABLE else 0o644)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def _write_links(checkout: Checkout, links: Mapping[str, TreeEntry], folder: Path) -> None:
    for name, item in links.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(link_target(checkout, item))


def link_target(checkout: Checkout, item: TreeEntry) -> str:
    """Where a link points."""
    if item.disk is not None:
        return os.readlink(item.disk)  # noqa: PTH115 - text as it stands
    ((_, target),) = read_blobs(checkout, [item.oid])
    return os.fsdecode(target)


def read_blobs(checkout: Checkout, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Each blob's bytes, in that order, one process for all. Raises GitError."""
    wanted = list(oids)
    for oid, found in zip(wanted, read_objects(checkout.root, wanted), strict=True):
        if found is None or found.kind != "blob":
            raise GitError(f"the blob {oid[:12]} is not here")
        yield oid, found.content


def _lfs_folder(checkout: Checkout) -> Path | None:
    found = checkout.ask("rev-parse", "--git-common-dir")
    return None if found is None else checkout.root / found / "lfs" / "objects"


def _behind_pointer(content: bytes, lfs: Path | None) -> bytes:
    """What a Git LFS pointer stands for, where it is here and is what the pointer says."""
    oid = lfs_oid(content)
    if oid is None or lfs is None:
        return content
    stored = lfs / oid[:2] / oid[2:4] / oid
    if not stored.is_file():
        return content
    whole = stored.read_bytes()
    return whole if hashlib.sha256(whole).hexdigest() == oid else content


def lfs_oid(content: bytes) -> str | None:
    """The object that a Git LFS pointer names; None for any other content."""
    found = _LFS.match(content) if len(content) <= _POINTER_BYTES else None
    return None if found is None else found.group(1).decode("ascii")
