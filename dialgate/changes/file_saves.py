"""Sets of files as they are saved, told by the operating system.

The one place that knows watchfiles; leaves what a save means to `dialgate.changes.save_watch`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUIET_MS = 50
"""Saves this close together are one."""
_LOOK_MS = 250
"""How often a quiet watch yields an empty set: the first says that the folders are watched."""


def saves_in(folders: tuple[Path, ...]) -> Iterator[frozenset[Path]]:
    """The files of each save in the folders or below, without end; Ctrl-C interrupts.

    Raises UsageError where watchfiles is not installed or the system can watch no more folders.
    """
    try:
        from watchfiles import watch  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            '`watch` needs the extra "watch": pip install "dialgate[watch]".'
        ) from None
    found = watch(
        *folders,
        step=_QUIET_MS,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    try:
        for changes in found:
            yield frozenset(Path(path) for _, path in changes)
    except OSError as error:
        raise UsageError(f"The folders can't be watched: {error}") from None
