"""The id under which an edited case's new version is judged beside the old one.

People may call their own cases "… (edited)": an id that is taken is never given again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

_BEHIND = re.compile(r" \(edited(?: [2-9]\d*)?\)\Z")


def edited_id(case_id: str, taken: Container[str]) -> str:
    """The new version's id: the case's with ` (edited)` behind it, counted on where that is taken.

    >>> edited_id("refund-1", {"refund-1"})
    'refund-1 (edited)'
    >>> edited_id("refund-1", {"refund-1", "refund-1 (edited)"})
    'refund-1 (edited 2)'
    """
    number, found = 2, f"{case_id} (edited)"
    while found in taken:
        found = f"{case_id} (edited {number})"
        number += 1
    return found


def original_id(case_id: str, known: Container[str]) -> str:
    """The case that an id of a verdict means: itself where it is known, else what was edited.

    >>> original_id("refund-1 (edited 2)", {"refund-1", "refund-1 (edited)"})
    'refund-1'
    """
    return case_id if case_id in known else _BEHIND.sub("", case_id)
