"""The id under which an edited case's new version is judged beside the old one.

For people to read: which case it was is `Case.edited_from`. They may call their own cases
"… (edited)", so an id that is taken is never given again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container


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
