"""Which suites lie below some folders: every folder with a suite.toml, links never followed.

Hidden folders and those of packages aren't entered. Bounded; leaves reading a suite to others.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUITE_FILE = "suite.toml"
MOST_FOLDERS = 100_000
"""Below one root; beyond it somebody named the wrong folder."""
_CLOSED = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSuite:
    """A folder with a suite.toml, and the root below which it was found."""

    folder: Path
    root: Path
    is_link: bool = False
    # suite.toml itself is a link: what it leads to may lie anywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitesBelow:
    """What was found below the roots."""

    suites: tuple[FoundSuite, ...]
    # by folder, each once, however often a root was named or lies in another
    empty: tuple[Path, ...] = ()
    # roots without any suite
    links: tuple[Path, ...] = ()
    # links to folders with a suite.toml, which were not followed
    closed: tuple[Path, ...] = ()
    # folders that could not be looked into


def suites_below(roots: Sequence[Path]) -> SuitesBelow:
    """The suites. Raises UsageError for a root that is no folder, or holds too many folders."""
    found: dict[Path, FoundSuite] = {}
    empty: list[Path] = []
    links: list[Path] = []
    closed: list[Path] = []
    for root in roots:
        start = root.parent if root.name == SUITE_FILE else root
        if not start.is_dir():
            raise UsageError(f"{show_path(root)}: no such folder.")
        suites = list(_walk(start, links, closed))
        if not suites:
            empty.append(start)
        for item in suites:
            found.setdefault(item.folder.resolve(), item)
    ordered = sorted(found.values(), key=lambda item: show_path(item.folder))
    return SuitesBelow(
        suites=tuple(ordered), empty=tuple(empty), links=tuple(links), closed=tuple(closed)
    )


def _walk(start: Path, links: list[Path], closed: list[Path]) -> Iterator[FoundSuite]:
    """Suites of one root; the root itself is entered whatever it is called."""

    def refused(error: OSError) -> None:
        closed.append(Path(error.filename))

    for entered, (place, folders, files) in enumerate(os.walk(start, onerror=refused)):
        if entered >= MOST_FOLDERS:
            raise UsageError(
                f"{show_path(start)} holds more than {MOST_FOLDERS:,} folders: name the roots "
                "nearer to the suites."
            )
        folder = Path(place)
        links += [
            folder / name
            for name in sorted(folders)
            if (folder / name).is_symlink() and (folder / name / SUITE_FILE).is_file()
        ]
        folders[:] = sorted(name for name in folders if name not in _CLOSED and name[0] != ".")
        if SUITE_FILE in files:
            is_link = (folder / SUITE_FILE).is_symlink()
            yield FoundSuite(folder=folder, root=start, is_link=is_link)
