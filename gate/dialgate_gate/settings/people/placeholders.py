"""Texts that stand for a person whom nobody put in yet.

Knows only the words; leaves where they are looked for to `people_lint`.
"""

from __future__ import annotations

import re

_WORDS = re.compile(
    r"""
    \byour[-_ ]?(org|organi[sz]ation|name|team|company|handle|mail|e-mail|email)\b
    | \b(todo|fixme|tbd|tba|xxx+|changeme|change[-_ ]me|replace[-_ ]me|placeholder|lorem)\b
    | \b(john|jane)[ ._-]doe\b
    | @?\bexample\.(com|org|net|edu)\b
    | @[a-z0-9.-]*\.(example|invalid|test|localhost)\b
    | <[^<>]*> | \{\{ | \$\{
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NOBODY = frozenset(
    {"", "-", "–", "?", "…", "...", "n/a", "na", "none", "nobody", "someone", "somebody", "name",
     "me", "you", "user", "owner", "unknown", "foo", "bar", "test", "not assigned", "unassigned"}
)  # fmt: skip


def is_placeholder(text: str) -> bool:
    """Whether the text names nobody.

    >>> [is_placeholder(text) for text in ("@your-org/owners", "TODO", "a@example.com", "Mara")]
    [True, True, True, False]
    """
    folded = text.strip().casefold()
    return folded.removeprefix("@") in _NOBODY or _WORDS.search(folded) is not None
