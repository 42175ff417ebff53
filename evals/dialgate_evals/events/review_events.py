"""A review event: one action that the agent proposed in production, and what became of it.

Knows the decisions and which of them are interventions; leaves reading files and databases to
`dialgate_evals.events.counts.review_event_files` and counting to `gate.live`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


class Mode(StrEnum):
    """The oversight dial's position, from least to most autonomy."""

    SHADOW = "shadow"
    IN_THE_LOOP = "in_the_loop"
    ON_THE_LOOP = "on_the_loop"
    OUT_OF_THE_LOOP = "out_of_the_loop"

    @property
    def rank(self) -> int:
        """0 for shadow, 3 for out of the loop."""
        return list(Mode).index(self)


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
    Mode.ON_THE_LOOP: frozenset(
        {ReviewDecision.AUTO, ReviewDecision.OVERRIDDEN, ReviewDecision.ESCALATED}
    ),
    Mode.OUT_OF_THE_LOOP: frozenset(
        {ReviewDecision.AUTO, ReviewDecision.OVERRIDDEN, ReviewDecision.ESCALATED}
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedCall:
    """A call as an event holds it."""

    name: str
    arguments: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The call as the event file writes it."""
        return {"name": self.name, "arguments": dict(self.arguments)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent:
    """One row of the review events (contract, section 4), checked."""

    event_id: str
    occurred_at: dt.datetime
    # with an offset; compared as UTC
    task_id: str
    release: str
    # the release's version, as the runtime knew it
    mode: Mode
    decision: ReviewDecision
    proposed: ProposedCall
    corrected: ProposedCall | None = None
    reviewer: str | None = None
    reason: str | None = None
    latency_ms: float | None = None
    cost_usd: float | None = None
    review_s: float | None = None
    # how long the reviewer took
    messages: tuple[Mapping[str, Any], ...] | None = None
    recordings: tuple[Mapping[str, Any], ...] | None = None
    canary: bool = False
    # a planted known-bad action: it measures the reviewers, never the agent
    source: EventSource = EventSource.PRODUCTION
    place: str = ""
    # where it was read: "events.jsonl:12"
