"""Folders that the harness writes to: a link there could lead its writing anywhere.

Knows how a link below the output folder is found and refused; leaves what is written to others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from pathlib import Path


def refuse_links(out: Path) -> None:
    """Raises UsageError where the folder is a link, or an entry of its first two levels is one.

    Nothing that the harness writes is a link, so one was planted: by a change, or by an agent.
    """
    if out.is_symlink():
        raise _link(out)
    if not out.is_dir():
        return
    for path in sorted(out.iterdir()):
        if path.is_symlink():
            raise _link(path)
        if path.is_dir():
            for inner in path.iterdir():
                if inner.is_symlink():
                    raise _link(inner)


def _link(path: Path) -> UsageError:
    return UsageError(
        f"{show_path(path)}: a link in the output folder, which could lead elsewhere. Remove it, "
        "or name another folder with --out."
    )
