"""Hostile text made harmless for a terminal or a log line.

Knows control characters, bidirectional overrides and lone surrogates; leaves HTML and Markdown
escaping to `reports`.
"""

from __future__ import annotations

import unicodedata

# Cf holds the bidirectional controls and zero-width marks; Cs the lone surrogates.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Up to so many, a pass for each takes less than one pass that looks up every character.
_FEW = 16


def printable(text: str) -> str:
    r"""The text with every control, format and surrogate character written as an escape.

    Tabs and newlines become ``\t`` and ``\n``: what comes back is one line that a terminal
    shows as it is.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isprintable():
        return text
    # Each character is looked up once: agents say megabytes of the same few.
    escapes = {
        ord(character): character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in set(text)
        if unicodedata.category(character) in _UNPRINTABLE
    }
    if len(escapes) > _FEW:
        return text.translate(escapes)
    for code, escape in escapes.items():
        text = text.replace(chr(code), escape)
    return text


def shorten(text: str, width: int) -> str:
    """The text, cut to `width` characters with the number of those left out."""
    if len(text) <= width:
        return text
    return f"{text[:width]}… ({len(text) - width} more characters)"
