"""Regular expressions that Python, Rust, ECMAScript and RE2 are known to read alike.

Knows a small grammar of them: text, classes of plain characters, groups, alternatives, counts and
anchors. `$` is the one known difference (Python's also stands before a last line feed), and there
the others refuse more. Leaves matching to whoever asks.
"""

from __future__ import annotations

import re

_ESCAPED = r"\\[.\\/\-\[\](){}^$|*+?]"
_CLASS = r"\[\^?(?:[A-Za-z0-9 _@%#,;:=.+*!\"'<>/-]|" + _ESCAPED + r")+\]"
_TEXT = r"[A-Za-z0-9 _@%#,;:=!\"'<>/.-]"
_COUNT = r"(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})"
_PIECES = re.compile(rf"(?:(?:{_CLASS}|{_TEXT}|{_ESCAPED}){_COUNT}?|\((?:\?:)?|\){_COUNT}?|[|^$])")


def is_portable(pattern: object) -> bool:
    """Whether every engine finds the pattern where Python does, but for a last line feed.

    >>> is_portable("^O-[0-9]+$"), is_portable(r"^\\d+$"), is_portable("(?=a)b")
    (True, False, False)
    """
    if not isinstance(pattern, str) or len(pattern) > 500 or "[:" in pattern:
        return False
    place = 0
    while place < len(pattern):
        piece = _PIECES.match(pattern, place)
        if piece is None:
            return False
        place = piece.end()
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
