"""A review event: one action that the agent proposed in production, and what became of it.

Its words are the runtime's, which writes events with them; leaves reading files and databases to
`dialgate_evals.events.counts.review_event_files` and counting to `gate.live`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_runtime.events.words import (
    DECISIONS_BY_MODE,
    INTERVENTIONS,
    EventSource,
    ReviewDecision,
)
from dialgate_runtime.mode import Mode

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


__all__ = [
    "DECISIONS_BY_MODE", "INTERVENTIONS", "EventSource", "Mode", "ProposedCall", "ReviewDecision",
    "ReviewEvent",
]  # fmt: skip


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
