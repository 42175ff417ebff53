"""Which class a mistake in which is worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialgate_evals.actions.action_classes import ActionClass


def worst_first(action_class: ActionClass) -> tuple[int, bool, str]:
    """A key that sorts classes by how far a mistake in them reaches, the farthest first."""
    return (
        -action_class.blast_radius.rank,
        action_class.reversible,
        action_class.name,
    )
