"""What the next mode asks of live reviews, beside what the class shows of them.

Leaves the other conditions to `ladder.conditions` and counting to `live.live_reviews`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.ladder.conditions import Condition
from dialgate_gate.ladder.missing_live import asks_live, live_needs
from dialgate_gate.statistics.upper_rate import reviews_to_limit, upper_rate_bound
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_gate.live.live_reviews import LiveStanding
    from dialgate_gate.settings.policy import LadderStep


def live_conditions(step: LadderStep, live: LiveStanding, mode_words: str) -> list[Condition]:
    """Reviews and intervention rate in the mode in force, as far as the step asks for them."""
    if not asks_live(step):
        return []
    found = []
    needed = live_needs(step, live)
    if step.live_reviews:
        met = live.reviews >= step.live_reviews
        reviews = count_of(live.reviews, "live review")
        found.append(
            Condition(
                name="live_reviews",
                unit="reviews",
                met=met,
                sentence=f"{reviews} {mode_words} count; {step.live_reviews:,} are asked.",
                source="events",
                direction="at_least",
                shown=live.reviews,
                limit=step.live_reviews,
                needed={} if met else needed,
            )
        )
    if step.intervention_rate is not None:
        found.append(_rate(step, step.intervention_rate, live, needed))
    return found


def _rate(
    step: LadderStep, limit: float, live: LiveStanding, needed: Mapping[str, int | None]
) -> Condition:
    high = upper_rate_bound(live.interventions, live.reviews, step.confidence)
    low = 1 - upper_rate_bound(live.reviews - live.interventions, live.reviews, step.confidence)
    is_known = live.reviews > 0
    met = reviews_to_limit(
        live.interventions, live.reviews, limit=limit, confidence=step.confidence, least=0
    ) == (0, 0)
    counted = f"{live.interventions:,} of {count_of(live.reviews, 'live review')}"
    text = (
        f"{counted} were interventions; the rate is under {show_rate(high)} however often one looks"
        f" (confidence {step.confidence:g}); at most {show_rate(limit)} is allowed."
        if is_known
        else f"No live review counts; a rate of at most {show_rate(limit)} has to be shown."
    )
    return Condition(
        name="intervention_rate",
        unit="rate",
        met=met,
        sentence=text,
        source="events",
        direction="at_most",
        shown=high if is_known else None,
        limit=limit,
        observed=live.interventions / live.reviews if is_known else None,
        interval=(low, high) if is_known else None,
        confidence=step.confidence,
        needed={} if met else needed,
    )
