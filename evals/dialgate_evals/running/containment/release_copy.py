"""The copy of a release that its agent runs from: the tree without what judges it.

Knows what is left out (cases, policy, records, cache, git) and what is only shown, because it is
large and not the release's (installed dependencies). Leaves showing it to `sandbox`.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

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
    folders: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    links: list[Path] = field(default_factory=list)
    shown: list[Path] = field(default_factory=list)
    size: int = 0

    @property
    def is_too_much(self) -> bool:
        return len(self.files) > _MOST_FILES or self.size > _MOST_BYTES


def copy_release(
    root: Path, into: Path, *, needed: Iterable[Path], left_out: Iterable[Path]
) -> ReleaseCopy:
    """Copies the tree at `root`, or only `needed` of it where it is too large.

    `left_out` are the files and folders of it that judge: cases, simulator, records.
    """
    without = frozenset(left_out)
    found = _find((root,), without)
    is_whole = not found.is_too_much
    if not is_whole:
        inside = [path for path in needed if path.is_relative_to(root)]
        found = _find(inside, without)
    copy = ReleaseCopy(root=root, folder=into, shown=found.shown, is_whole=is_whole)
    _write(copy, found)
    return copy


def _find(folders: Iterable[Path], without: frozenset[Path]) -> _Found:
    found = _Found()
    for folder in folders:
        _walk(folder, without, found)
    return found


def _walk(top: Path, without: frozenset[Path], found: _Found) -> None:
    waiting = [top]
    while waiting and not found.is_too_much:
        folder = waiting.pop()
        found.folders.append(folder)
        for entry in _entries(folder):
            path = folder / entry.name
            if path in without:
                continue
            if entry.is_symlink():
                found.links.append(path)
            elif entry.is_dir():
                _take_folder(path, waiting, found)
            elif entry.is_file() and entry.name not in _JUDGES_FILES:
                _take_file(path, entry.stat().st_size, found)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What is in the folder; nothing where it can't be read."""
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return


def _take_folder(path: Path, waiting: list[Path], found: _Found) -> None:
    if path.name in _JUDGES_FOLDERS or path.name in _MADE_AGAIN or _holds_records(path):
        return
    if path.name in _SHOWN_FOLDERS or (path / "pyvenv.cfg").exists():
        found.shown.append(path)
    else:
        waiting.append(path)


def _holds_records(path: Path) -> bool:
    """Whether the folder is a run record, whatever it is called."""
    return (path / "run.json").exists() and (path / "trials.parquet").exists()


def _take_file(path: Path, size: int, found: _Found) -> None:
    if size > _LARGE_BYTES:
        found.shown.append(path)
    else:
        found.files.append(path)
        found.size += size


def _write(copy: ReleaseCopy, found: _Found) -> None:
    """Writes the copy; a file that went away meanwhile is none of it."""

    def target(path: Path) -> Path:
        return copy.folder / path.relative_to(copy.root)

    for folder in found.folders:
        target(folder).mkdir(parents=True, exist_ok=True)
    for path in found.files:
        try:
            shutil.copyfile(path, target(path))
            shutil.copymode(path, target(path))
        except OSError:
            continue
    for path in found.links:
        target(path).symlink_to(path.readlink())
    for path in found.shown:
        if path.is_dir():
            target(path).mkdir(exist_ok=True)
        else:
            target(path).touch()
