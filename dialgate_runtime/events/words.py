"""The words of a review event: what became of a proposed action, and where that was decided."""

from __future__ import annotations

from enum import StrEnum

from dialgate_runtime.mode import Mode

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Mapping


class ReviewDecision(StrEnum):
    """What became of a proposed action."""

    APPROVED = "approved"
    EDITED = "edited"
    REJECTED = "rejected"
    TAKEN_OVER = "taken_over"
    AUTO = "auto"
    OVERRIDDEN = "overridden"
    AGREED = "agreed"
    DIFFERED = "differed"
    ESCALATED = "escalated"

    @property
    def is_intervention(self) -> bool:
        """Whether a person stood in the way of the action, or would have."""
        return self in INTERVENTIONS


class EventSource(StrEnum):
    """Where a decision was made; only production's count as live evidence."""

    PRODUCTION = "production"
    ACCEPT = "accept"
    # on recorded trajectories, by `dialgate accept`
    IMPORT = "import"


INTERVENTIONS = frozenset(
    {
        ReviewDecision.EDITED,
        ReviewDecision.REJECTED,
        ReviewDecision.TAKEN_OVER,
        ReviewDecision.OVERRIDDEN,
        ReviewDecision.DIFFERED,
    }
)

_ACTING = frozenset({ReviewDecision.AUTO, ReviewDecision.OVERRIDDEN, ReviewDecision.ESCALATED})
# Which decisions can occur in which mode; `escalated` in any.
DECISIONS_BY_MODE: Mapping[Mode, frozenset[ReviewDecision]] = {
    Mode.SHADOW: frozenset(
        {ReviewDecision.AGREED, ReviewDecision.DIFFERED, ReviewDecision.ESCALATED}
    ),
    Mode.IN_THE_LOOP: frozenset(
        {
            ReviewDecision.APPROVED,
            ReviewDecision.EDITED,
            ReviewDecision.REJECTED,
            ReviewDecision.TAKEN_OVER,
            ReviewDecision.ESCALATED,
        }
    ),
    Mode.ON_THE_LOOP: _ACTING,
    Mode.OUT_OF_THE_LOOP: _ACTING,
}
