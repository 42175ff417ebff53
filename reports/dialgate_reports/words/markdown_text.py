"""Hostile text made harmless in GitHub's Markdown: no link, image, mention, HTML or control mark.

Knows escaping only, and no more of it than needed, so that the source reads as plain text too;
leaves layout to `dialgate_reports.verdict.markdown`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from dialgate_evals.files.plain_text import printable, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ALWAYS = re.compile(r"([\\`*\[\]~|$])")
# Between letters or digits an underscore is no emphasis.
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_BLOCK_START = re.compile(r"^(\s*)(?:([#+=-])|(\d+)([.)]))")
# Mentions, issue references and bare addresses become links in text that is rendered already, so
# a backslash does not stop them; an HTML comment, which renders as nothing, does.
_REFERENCE = re.compile(r"@|#(?=\d)|\b(?:GH|gh)-(?=\d)")
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|www|mailto)(?=[:.])")
_NOTHING = "<!-- -->"


def escape(text: str) -> str:
    """The text as one line that Markdown shows as it is."""
    safe = "".join(_ENTITIES.get(character, character) for character in printable(text))
    safe = _ALWAYS.sub(r"\\\1", safe)
    safe = _UNDERSCORE.sub(r"\\_", safe)
    safe = _BLOCK_START.sub(_escape_start, safe)
    safe = _REFERENCE.sub(lambda found: found[0] + _NOTHING, safe)
    return _ADDRESS.sub(lambda found: found[0] + _NOTHING, safe)


def clipped(text: str, most_bytes: int) -> str:
    """The text escaped, cut so that it takes at most so many bytes, with the number left out.

    >>> clipped("a & b", 100)
    'a &amp; b'
    """
    width = most_bytes
    while True:
        safe = escape(shorten(text, width))
        if len(safe.encode()) <= most_bytes or width < 2:
            return safe
        width //= 2


def fitting(
    items: Sequence[T], write: Callable[[T], str], most_bytes: int, more: str = "- … and {} more"
) -> list[str]:
    """The first items as lines, as many as have room together, and how many are left out.

    >>> fitting(["one", "two", "three"], "- {}".format, 12)
    ['- one', '- two', '- … and 1 more']
    """
    kept: list[str] = []
    used = 0
    for item in items:
        line = write(item)
        used += len(line.encode()) + 1
        if used > most_bytes:
            return [*kept, more.format(len(items) - len(kept))]
        kept.append(line)
    return kept


def _escape_start(found: re.Match[str]) -> str:
    """What would begin a heading, a list or a rule, escaped."""
    space, mark, number, dot = found.groups()
    return f"{space}\\{mark}" if mark else f"{space}{number}\\{dot}"


def code(text: str, width: int = 160) -> str:
    """The text as inline code, with a fence longer than any run of backticks in it."""
    shown = shorten(printable(shorten(text, width)), 2 * width)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def link(words: str, target: str) -> str:
    """A link where the target is an address; a file's name stands as code, as nothing serves it."""
    if re.fullmatch(r"https://[^\s()<>\[\]\\]+", target, flags=re.ASCII):
        return f"[{words}]({target})"
    return f"{words}: {code(target, 300)}"


def cell(text: str) -> str:
    """Inline code inside a table, where a bar would end the cell."""
    return code(text).replace("|", "\\|")
