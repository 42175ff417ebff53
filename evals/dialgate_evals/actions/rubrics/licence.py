"""Where a criterion may decide: nobody's vote does before it is known how often it errs.

The seam only; leaves what a judge must show to the gate's policy and the calibration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection


class Licence(Protocol):
    """Says for which criteria and classes votes decide."""

    def licensed(self, criterion: str, action_class: str) -> bool:
        """Whether a ruling on the criterion may decide in cases of the class."""
        ...


class Unlicensed:
    """Votes are shown and gate nothing."""

    def licensed(self, criterion: str, action_class: str) -> bool:  # noqa: ARG002 - a port's names
        """False: nobody has shown what this criterion's votes are worth."""
        return False


UNLICENSED = Unlicensed()

NO_ACTION = "no_action"
"""What stands for the class in cases that expect no action."""


def decides(licence: Licence, criterion: str, classes: Collection[str]) -> bool:
    """Whether the criterion decides in a case of these classes: each of them must allow it."""
    return all(licence.licensed(criterion, name) for name in classes or (NO_ACTION,))
