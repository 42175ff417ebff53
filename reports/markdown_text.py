"""Hostile text made harmless in GitHub's Markdown: no link, image, mention, HTML or control mark.

Knows escaping only; leaves layout to `reports.markdown`.
"""

from __future__ import annotations

import re

from evals.plain_text import printable, shorten

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-!|~$:^=])")
_MENTION = re.compile(r"@")
_AUTOLINK = re.compile(r"(?i)\b(https?|ftp|www)(?=[:.])")


def escape(text: str) -> str:
    """The text as one line that Markdown shows as it is.

    A zero-width joiner would be invisible to the reader, so mentions are broken by an HTML
    comment instead; it renders as nothing and keeps `@name` from being one.
    """
    safe = _SPECIAL.sub(r"\\\1", printable(text))
    safe = safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = _MENTION.sub("@<!-- -->", safe)
    return _AUTOLINK.sub(r"\1<!-- -->", safe)


def code(text: str, width: int = 160) -> str:
    """The text as inline code, with a fence longer than any run of backticks in it."""
    shown = shorten(printable(text), width)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def cell(text: str) -> str:
    """Inline code inside a table, where a bar would end the cell."""
    return code(text).replace("|", "\\|")
