"""What live evidence lacks for the next mode, in figures, days and sentences.

Knows a ladder's step and a standing; leaves counting to `dialgate_gate.live.live_reviews`.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from dialgate_evals.files.problems import join_words

from dialgate_gate.statistics.upper_rate import reviews_to_limit, upper_rate_bound
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.events.review_events import Mode

    from dialgate_gate.live.live_reviews import LiveStanding
    from dialgate_gate.settings.policy import LadderStep


def asks_live(step: LadderStep) -> bool:
    """Whether the step asks for live reviews or their rate."""
    return bool(step.live_reviews) or step.intervention_rate is not None


def live_needs(step: LadderStep, live: LiveStanding) -> dict[str, int | None]:
    """Reviews, the interventions they may hold, and days at the present volume.

    `days` is None where there is no volume yet. Empty: nothing is needed, or no number of reviews
    would do at the present rate.
    """
    needed = _to_limit(step, live) if asks_live(step) else None
    if needed is None or needed == (0, 0):
        return {}
    more, most = needed
    days = ceil(more / live.per_day) if live.per_day else None
    return {"reviews": more, "interventions": most, "days": days}


def missing_live(step: LadderStep, live: LiveStanding, mode: Mode) -> list[str]:
    """A sentence on what is shown and asked, and one on each release whose reviews don't count."""
    if not asks_live(step) or _to_limit(step, live) == (0, 0):
        return []
    return [f"{_shown(step, live, mode)} {_needed(step, live)}", *stale_sentences(live)]


def _to_limit(step: LadderStep, live: LiveStanding) -> tuple[int, int] | None:
    return reviews_to_limit(
        live.interventions,
        live.reviews,
        limit=_limit(step),
        confidence=step.confidence,
        least=step.live_reviews or 0,
    )


def _limit(step: LadderStep) -> float:
    return 1.0 if step.intervention_rate is None else step.intervention_rate


def _shown(step: LadderStep, live: LiveStanding, mode: Mode) -> str:
    text = f"{count_of(live.reviews, 'live review')} {mode.value.replace('_', ' ')}"
    if live.reviews:
        text += f" with {count_of(live.interventions, 'intervention')}"
    if step.intervention_rate is not None and live.reviews:
        high = upper_rate_bound(live.interventions, live.reviews, step.confidence)
        text += f" show a rate under {show_rate(high)} (confidence {step.confidence:g})"
    asked = [f"{step.live_reviews:,} reviews"] if step.live_reviews else []
    if step.intervention_rate is not None:
        asked.append(f"at most {show_rate(step.intervention_rate)}")
    return f"{text}; asked: {join_words(asked)}."


def _needed(step: LadderStep, live: LiveStanding) -> str:
    needed, limit = live_needs(step, live), _limit(step)
    if not needed:
        rate = live.interventions / live.reviews if live.reviews else 0.0
        return (
            f"Not reachable at the present rate of {show_rate(rate)} (limit {show_rate(limit)}): "
            "fewer interventions are needed."
        )
    more, most, days = needed["reviews"] or 0, needed["interventions"] or 0, needed["days"]
    held = "" if limit >= 1 else f" with at most {count_of(most, 'intervention')}"
    if days is None:
        return f"{count_of(more, 'more review')}{held}; there is no volume yet to say how long."
    volume = f"about {count_of(days, 'day')} at the present volume"
    return f"{count_of(more, 'more review')}{held}; {volume}."


def stale_sentences(live: LiveStanding) -> list[str]:
    """A sentence on each release whose reviews don't count, and which components changed."""
    found = []
    for item in live.stale:
        if not item.reviews:
            continue
        why = (
            "which no record or release file here knows"
            if item.changed is None
            else f"whose {join_words(item.changed)} {differ(item.changed)}"
        )
        found.append(
            f"{count_of(item.reviews, 'review')} under release {item.release}, {why}, "
            "don't count for this one."
        )
    return found


def differ(components: Sequence[str]) -> str:
    """The verb behind these components' names."""
    return "differs" if list(components) in (["model"], ["code"]) else "differ"
