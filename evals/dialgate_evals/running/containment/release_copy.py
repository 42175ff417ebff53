"""The copy of a release that its agent runs from: the tree without what judges it, and all of it.

Knows what is left out: cases, policy, records, cache, git. And what is only shown, not copied:
installed dependencies, which are not the release's, and those folders of a very large tree in which
nothing judges, as copying them would take minutes. Leaves showing them to `sandbox`.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_JUDGES_FOLDERS = frozenset({"golden", ".dialgate", ".git", ".hg", ".svn"})
"""Cases, records and cache, and where old versions of them lie."""

_JUDGES_FILES = frozenset(
    "suite.toml policy.toml runbook.toml owners.toml judge.toml ledger.jsonl fuzz_relations.py "
    "fuzz_planted.txt".split()
)

_RECORDS = ({"run.json", "trials.parquet"}, {"journal.jsonl", "journal.marks"})
"""What the folder of a run holds, finished or not, whatever it is called."""

_MADE_AGAIN = frozenset(
    {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox", ".cache"}
)

_SHOWN_FOLDERS = frozenset({".venv", "venv", "node_modules"})

_LARGE_BYTES = 16 * 2**20
"""A file over this is shown where it lies."""

MOST_FILES = 20_000
MOST_BYTES = 512 * 2**20
"""Over either, whole folders are shown where they lie, as far as nothing in them judges."""

_WORTH_SHOWING = 200
"""Files of a folder below which copying them costs less than a mount."""


@dataclass(kw_only=True)
class ReleaseCopy:
    """A copy that was made."""

    root: Path
    # of the tree that was copied
    folder: Path
    # where the copy lies
    shown: list[Path] = field(default_factory=list)
    # of the tree, not copied: to be shown at the same place


@dataclass(slots=True)
class FoundTree:
    """What a walk found; text, not paths: a workspace has thousands of files."""

    root: str
    folders: list[str] = field(default_factory=list)
    files: list[tuple[str, bool]] = field(default_factory=list)
    # with whether it may be executed
    links: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    mixed: set[str] = field(default_factory=set)
    # folders that hold something that is left out, somewhere below them
    size: int = 0


def find_release(
    root: Path, *, left_out: Iterable[Path], may_show: bool, most_files: int = MOST_FILES
) -> FoundTree:
    """What of the tree its agent may have, whatever its size; nothing is written.

    `left_out` are the files and folders of it that judge: cases, simulator, records. `may_show`:
    folders can be shown where they lie; else all of the release is copied, however long it takes.
    Raises OSError for a folder that can't be listed.
    """
    found = FoundTree(root=str(root))
    _walk(found, frozenset(map(str, left_out)))
    is_large = len(found.files) > most_files or found.size > MOST_BYTES
    return _with_folders_shown(found) if may_show and is_large else found


def write_copy(found: FoundTree, into: Path) -> ReleaseCopy:
    """Writes the copy; a file that went away meanwhile is none of it. Raises OSError.

    Files are not linked: a link changes what git and file watchers know of them.
    """
    copy = ReleaseCopy(root=Path(found.root), folder=into, shown=[*map(Path, found.shown)])
    folder = str(into)

    def target(path: str) -> str:
        return folder + path[len(found.root) :]

    for path in found.folders:
        os.makedirs(target(path), exist_ok=True)  # noqa: PTH103 - text paths, many of them
    for path, is_executable in found.files:
        _copy(path, target(path), is_executable=is_executable)
    for path in found.links:
        os.symlink(os.readlink(path), target(path))  # noqa: PTH115, PTH211 - as above
    for shown in copy.shown:
        place = Path(target(str(shown)))
        if shown.is_dir():
            place.mkdir(exist_ok=True)
        else:
            place.touch()
    return copy


def place_for_copies(found: FoundTree) -> str | None:
    """A folder in memory, where it has room: writing thousands of files there costs a fifth.

    None: wherever temporary files go.
    """
    memory = "/dev/shm"  # noqa: S108 - the copy's own folder in it is this user's
    try:
        known = os.statvfs(memory)
    except OSError:
        return None
    has_room = (
        known.f_bavail * known.f_frsize > 2 * max(MOST_BYTES, found.size)
        and known.f_favail > 2 * len(found.files)
    )  # fmt: skip
    return memory if has_room and os.access(memory, os.W_OK) else None


def _walk(found: FoundTree, without: frozenset[str]) -> None:
    waiting = [found.root]
    while waiting:
        folder = waiting.pop()
        entries = _entries(folder)
        names = {entry.name for entry in entries}
        is_record = any(parts <= names for parts in _RECORDS)
        if folder != found.root and is_record:
            _leave_out(folder, found)
            continue
        if folder != found.root and "pyvenv.cfg" in names:
            found.shown.append(folder)
            continue
        found.folders.append(folder)
        for entry in entries:
            if entry.path in without:
                _leave_out(entry.path, found)
            else:
                _take(entry, waiting, found)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What is in the folder; nothing where this user may not look, as the agent's could not."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, PermissionError):
        return []


def _take(entry: os.DirEntry[str], waiting: list[str], found: FoundTree) -> None:
    name = entry.name
    if entry.is_symlink():
        found.links.append(entry.path)
    elif entry.is_dir():
        if name in _SHOWN_FOLDERS:
            found.shown.append(entry.path)
        elif name in _JUDGES_FOLDERS or name in _MADE_AGAIN:
            _leave_out(entry.path, found)
        else:
            waiting.append(entry.path)
    elif entry.is_file():
        if name in _JUDGES_FILES:
            _leave_out(entry.path, found)
        else:
            _take_file(entry, found)


def _take_file(entry: os.DirEntry[str], found: FoundTree) -> None:
    try:
        known = entry.stat()
    except FileNotFoundError:
        return
    if known.st_size > _LARGE_BYTES:
        found.shown.append(entry.path)
    else:
        found.files.append((entry.path, bool(known.st_mode & 0o100)))
        found.size += known.st_size


def _leave_out(path: str, found: FoundTree) -> None:
    """Marks the folders above, which can't be shown as they are."""
    above = os.path.dirname(path)  # noqa: PTH120 - as above
    while len(above) >= len(found.root) and above not in found.mixed:
        found.mixed.add(above)
        above = os.path.dirname(above)  # noqa: PTH120 - as above


def _with_folders_shown(found: FoundTree) -> FoundTree:
    """The same, but folders of which nothing is left out are shown where they hold much."""
    counts: dict[str, int] = {}
    for path, _ in found.files:
        top = _topmost_whole(path, found)
        if top:
            counts[top] = counts.get(top, 0) + 1
    shown = {top for top, count in counts.items() if count >= _WORTH_SHOWING}

    def is_copied(path: str) -> bool:
        return _topmost_whole(path, found) not in shown and path not in shown

    return FoundTree(
        root=found.root,
        folders=[path for path in found.folders if is_copied(path)],
        files=[item for item in found.files if is_copied(item[0])],
        links=[path for path in found.links if is_copied(path)],
        shown=[*filter(is_copied, found.shown), *sorted(shown)],
        mixed=found.mixed,
        size=found.size,
    )


def _topmost_whole(path: str, found: FoundTree) -> str:
    """The topmost folder above the path that holds nothing that is left out; empty: none."""
    start = len(found.root) + 1
    while (end := path.find("/", start)) > 0:
        if path[:end] not in found.mixed:
            return path[:end]
        start = end + 1
    return ""


def _copy(path: str, target: str, *, is_executable: bool) -> None:
    try:
        shutil.copyfile(path, target)
    except FileNotFoundError:
        return
    except PermissionError:
        # Its agent, which runs as the same user, could not read it where it lies either.
        return
    if is_executable:
        os.chmod(target, 0o700)  # noqa: PTH101 - as above
