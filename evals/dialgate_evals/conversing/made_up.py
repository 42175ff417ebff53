"""Values that a simulated user states and nobody gave: ids, numbers, dates, addresses.

A second, deterministic look at what a model said as the user. Words are not looked at: only what
could decide an action.
"""

from __future__ import annotations

import re

from dialgate_evals.conversing.asking import folded

_VALUE = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|\w[\w.+@:/#-]*\w|\w")
_SMALL = re.compile(r"[0-9]|10")
"""Counts of a few things ("one of the 2") are how people talk."""

_ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th)")


def made_up_values(text: str, known: str) -> tuple[str, ...]:
    """What holds a digit or an @ in the text and occurs nowhere in what is known, in order.

    >>> made_up_values("My order is B-9, of May 10th.", "You ordered A-7 on May 10.")
    ('b-9',)
    """
    given = {_bare(token) for token in _tokens(folded(known))}
    found = [
        token
        for token in _tokens(folded(text))
        if not _SMALL.fullmatch(token) and _bare(token) not in given
    ]
    return tuple(dict.fromkeys(found))


def _tokens(text: str) -> list[str]:
    found = []
    for token in _VALUE.findall(text):
        if "@" in token or any(character.isdigit() for character in token):
            ordinal = _ORDINAL.fullmatch(token)
            found.append(ordinal[1] if ordinal else _number(token))
    return found


def _number(token: str) -> str:
    try:
        return f"{float(token.replace(',', '')):.12g}"
    except ValueError:
        return token


def _bare(token: str) -> str:
    """The token without what people leave out of an id: "A 7" and "a-7" are the same."""
    return re.sub(r"[\W_]", "", token)
