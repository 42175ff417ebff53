"""Where the module of `module:function` lies below a project's root."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*", re.ASCII)
_FOLDERS = ("", "src/", "agent/", "app/", "backend/", "lib/", "python/")
"""Looked at in this order, from the root."""


def folder_of(directory: Path, target: str) -> str | None:
    """The folder that the module is imported from: empty for the root; None where none is."""
    top = _top(target)
    if top is None:
        return None
    return next((name for name in _FOLDERS if _files(directory / name, top)), None)


def code_globs(directory: Path, target: str) -> list[str]:
    """What release.toml names as the agent's code: its package, its one file, a command's files."""
    folder, top = folder_of(directory, target), _top(target)
    if folder is not None and top is not None:
        return [f"../../{folder}{name}" for name in _files(directory / folder, top)]
    words = [PurePath(word) for word in shlex.split(target)]
    inside = [word for word in words if not word.is_absolute() and ".." not in word.parts]
    return [f"../../{word.as_posix()}" for word in inside if (directory / word).is_file()]


def _top(target: str) -> str | None:
    module = target.partition(":")[0]
    return module.partition(".")[0] if _MODULE.fullmatch(module) else None


def _files(folder: Path, top: str) -> list[str]:
    if (folder / f"{top}.py").is_file():
        return [f"{top}.py"]
    if any((folder / top).glob("*.py")):
        return [f"{top}/**/*.py"]
    return []
