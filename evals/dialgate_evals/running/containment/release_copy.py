"""The copy of a release that its agent runs from: the tree without what judges it.

Knows what is left out (cases, policy, records, cache, git) and what is only shown, because it is
large and not the release's (installed dependencies). Leaves showing it to `sandbox`.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_JUDGES_FOLDERS = frozenset({"golden", ".dialgate", ".git", ".hg", ".svn"})
"""Cases, records and cache, and where old versions of them lie."""

_JUDGES_FILES = frozenset(
    {"suite.toml", "policy.toml", "runbook.toml", "owners.toml", "judge.toml", "ledger.jsonl"}
)

_MADE_AGAIN = frozenset(
    {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox", ".cache"}
)

_SHOWN_FOLDERS = frozenset({".venv", "venv", "node_modules"})

_LARGE_BYTES = 16 * 2**20
_MOST_FILES = 20_000
_MOST_BYTES = 512 * 2**20


@dataclass(kw_only=True)
class ReleaseCopy:
    """A copy that was made."""

    root: Path
    # of the tree that was copied
    folder: Path
    # where the copy lies
    shown: list[Path] = field(default_factory=list)
    # of the tree, not copied: to be shown at the same place
    is_whole: bool = True
    # False: the tree is too large, only the suite's folder and its pythonpath were copied


@dataclass(slots=True)
class _Found:
    """What a walk found; text, not paths: a workspace has thousands of files."""

    folders: list[str] = field(default_factory=list)
    files: list[tuple[str, bool]] = field(default_factory=list)
    # with whether it may be executed
    links: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    size: int = 0

    @property
    def is_too_much(self) -> bool:
        return len(self.files) > _MOST_FILES or self.size > _MOST_BYTES


def copy_release(
    root: Path, into: Path, *, needed: Iterable[Path], left_out: Iterable[Path]
) -> ReleaseCopy:
    """Copies the tree at `root`, or only `needed` of it where it is too large.

    `left_out` are the files and folders of it that judge: cases, simulator, records. Files are not
    linked: a link changes what git and file watchers know of them.
    """
    without = frozenset(map(str, left_out))
    found = _find((root,), without)
    is_whole = not found.is_too_much
    if not is_whole:
        found = _find((path for path in needed if path.is_relative_to(root)), without)
    copy = ReleaseCopy(root=root, folder=into, shown=[*map(Path, found.shown)], is_whole=is_whole)
    _write(copy, found)
    return copy


def _find(folders: Iterable[Path], without: frozenset[str]) -> _Found:
    found = _Found()
    for folder in folders:
        _walk(str(folder), without, found)
    return found


def _walk(top: str, without: frozenset[str], found: _Found) -> None:
    waiting = [top]
    while waiting and not found.is_too_much:
        folder = waiting.pop()
        entries = [*_entries(folder)]
        names = {entry.name for entry in entries}
        if folder != top and {"run.json", "trials.parquet"} <= names:
            continue  # a run record, whatever its folder is called
        if folder != top and "pyvenv.cfg" in names:
            found.shown.append(folder)
            continue
        found.folders.append(folder)
        for entry in entries:
            if entry.path not in without:
                _take(entry, waiting, found)


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """What is in the folder; nothing where it can't be read."""
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return


def _take(entry: os.DirEntry[str], waiting: list[str], found: _Found) -> None:
    name = entry.name
    if entry.is_symlink():
        found.links.append(entry.path)
    elif entry.is_dir():
        if name in _SHOWN_FOLDERS:
            found.shown.append(entry.path)
        elif name not in _JUDGES_FOLDERS and name not in _MADE_AGAIN:
            waiting.append(entry.path)
    elif entry.is_file() and name not in _JUDGES_FILES:
        known = entry.stat()
        if known.st_size > _LARGE_BYTES:
            found.shown.append(entry.path)
        else:
            found.files.append((entry.path, bool(known.st_mode & 0o100)))
            found.size += known.st_size


def _write(copy: ReleaseCopy, found: _Found) -> None:
    """Writes the copy; a file that went away meanwhile is none of it."""
    root, folder = str(copy.root), str(copy.folder)

    def target(path: str) -> str:
        return folder + path[len(root) :]

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


def place_for_copies() -> str | None:
    """A folder in memory, where it has room: writing thousands of files there costs a fifth.

    None: wherever temporary files go.
    """
    memory = "/dev/shm"  # noqa: S108 - the copy's own folder in it is this user's
    try:
        known = os.statvfs(memory)
    except OSError:
        return None
    has_room = known.f_bavail * known.f_frsize > 2 * _MOST_BYTES and known.f_favail > _MOST_FILES
    return memory if has_room and os.access(memory, os.W_OK) else None


def _copy(path: str, target: str, *, is_executable: bool) -> None:
    try:
        shutil.copyfile(path, target)
        if is_executable:
            os.chmod(target, 0o700)  # noqa: PTH101 - as above
    except OSError:
        return
