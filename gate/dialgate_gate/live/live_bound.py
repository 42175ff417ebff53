"""The bound of a class's rate of bad actions, from reviews as they are: late, passed on, mistaken.

Knows counts only; leaves counting them to `live.live_reviews` and what a bound means to `ladder`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.statistics.upper_rate import upper_rate_bound
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    from dialgate_gate.live.live_reviews import LiveStanding

LEAST_CANARIES = 20
"""Under so many planted bad actions what reviewers miss is not bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveBound:
    """What a bound of the rate rests on; it holds at every look."""

    events: float
    # tasks that count as bad: interventions, and of undecided escalations the share that may be
    tasks: int
    # reviewed, or escalated and never decided
    caught: float
    # the share of bad actions that reviewers catch, at least
    each: float
    # the confidence of each bound that this one is put together from
    confidence: float
    # of all of them together
    widened: tuple[str, ...] = ()
    # sentences: what made it wider than the interventions alone

    @property
    def high(self) -> float:
        """The rate lies below it, at any number of looks; 1 without tasks."""
        if not self.tasks:
            return 1.0
        return min(1.0, upper_rate_bound(self.events, self.tasks, self.each) / self.caught)

    def scaled(self, limit: float) -> float:
        """The limit of the rate that is seen, where `limit` is that of the true one."""
        return limit if limit >= 1 else limit * self.caught


def live_bound(live: LiveStanding, confidence: float) -> LiveBound:
    """The bound at this confidence.

    A task that was escalated and never decided may hide a bad action. Where such tasks were
    decided later, the share of bad ones among them is bounded; where none was, all of them count.
    Of planted bad actions (20 at least) a bound of the share that reviewers miss is taken: the
    rate that is seen is the true one times what they catch. Every part that is bounded has its
    even share of the error, and each is a bound at every look, so that they hold together.
    Assumes that undecided escalations are as those that were decided, and that reviewers look at
    planted actions as at others.
    """
    hides = live.escalations > 0 and live.escalated_reviewed > 0
    misses = live.canaries >= LEAST_CANARIES
    each = 1 - (1 - confidence) / (1 + hides + misses)
    share = upper_rate_bound(live.escalated_bad, live.escalated_reviewed, each) if hides else 1.0
    missed = upper_rate_bound(live.canaries_missed, live.canaries, each) if misses else 0.0
    return LiveBound(
        events=live.interventions + share * live.escalations,
        tasks=live.reviews + live.escalations,
        caught=max(1 - missed, 1e-9),
        each=each,
        confidence=confidence,
        widened=(*_escalated(live, share), *_missed(live, missed, misses=misses)),
    )


def _escalated(live: LiveStanding, share: float) -> list[str]:
    if not live.escalations:
        return []
    tasks = count_of(live.escalations, "task")
    verb = "was" if live.escalations == 1 else "were"
    if not live.escalated_reviewed:
        return [f"{tasks} {verb} escalated and never decided: each counts as bad until it is."]
    decided = count_of(live.escalated_reviewed, "escalated task")
    text = f"{tasks} {verb} escalated and never decided: {show_rate(share)} of them count as bad"
    return [f"{text}, as {live.escalated_bad:,} of {decided} that people decided were."]


def _missed(live: LiveStanding, missed: float, *, misses: bool) -> list[str]:
    if not misses:
        return []
    text = (
        f"Reviewers let {live.canaries_missed:,} of {live.canaries:,} planted bad actions through"
    )
    return [f"{text}: they may miss {show_rate(missed)}, and the bound is that much wider."]
