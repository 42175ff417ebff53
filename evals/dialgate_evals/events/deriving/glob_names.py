"""Whether a glob of a suite would find a file that doesn't exist yet.

Knows *, ?, [sets] and **; leaves finding the files that exist to `files.file_reading`.
"""

from __future__ import annotations

import os
import re
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ANY_FOLDERS = "(?:[^/]+/)*"


def is_named_by(path: Path, patterns: Sequence[str], folder: Path) -> bool:
    """Whether any of the globs, relative to the folder, would find the file if it existed."""
    name = "/".join(_parts(path))
    return any(_expression(folder, pattern).fullmatch(name) for pattern in patterns)


def _parts(path: Path) -> list[str]:
    """The absolute name without dots, links not followed."""
    return os.path.abspath(path).replace(os.sep, "/").split("/")  # noqa: PTH100 - resolve() follows


def _expression(folder: Path, pattern: str) -> re.Pattern[str]:
    """The glob over absolute names; what it shares with the folder's name is no pattern."""
    whole = _parts(folder / pattern)
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(whole, _parts(folder), strict=False))
    own = len(list(shared))
    parts = [re.escape(part) for part in whole[:own]]
    parts += [_ANY_FOLDERS if part == "**" else _part_expression(part) for part in whole[own:]]
    if whole[-1] == "**":
        parts.append("[^/]*")
    return re.compile("/".join(parts).replace(f"{_ANY_FOLDERS}/", _ANY_FOLDERS), re.DOTALL)


def _part_expression(part: str) -> str:
    expressions = {"*": "[^/]*", "?": "[^/]"}
    pieces = re.findall(r"\[!?\]?[^\]]*\]|.", part, re.DOTALL)
    return "".join(_piece(piece, expressions) for piece in pieces)


def _piece(piece: str, expressions: dict[str, str]) -> str:
    if len(piece) == 1:
        return expressions.get(piece, re.escape(piece))
    inside = piece[1:-1]
    negated = "^" if inside.startswith("!") else ""
    members = re.sub(r"([\\\[\]^])", r"\\\1", inside.removeprefix("!"))
    return f"[{negated}{members}]"
