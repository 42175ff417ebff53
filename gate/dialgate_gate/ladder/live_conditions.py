"""What a mode asks of live reviews, beside what the class shows of them, and what they lack.

Leaves counting to `dialgate_gate.live.live_reviews`.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from dialgate_evals.files.problems import join_words
from dialgate_gate.conditions.condition import (
    Condition,
    ConditionKind,
    plain_condition,
)
from dialgate_gate.live.live_bound import live_bound
from dialgate_gate.statistics.upper_rate import reviews_to_limit, upper_rate_bound
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.events.review_events import Mode
    from dialgate_gate.live.live_reviews import LiveStanding
    from dialgate_gate.settings.ladder_policy import LadderStep


def asks_live(step: LadderStep) -> bool:
    """Whether the step asks for live reviews or their rate."""
    return bool(step.live_reviews) or step.intervention_rate is not None


def live_conditions(
    step: LadderStep, live: LiveStanding, mode: Mode, queue_warnings: Sequence[str]
) -> list[Condition]:
    """Reviews, their rate and the review queue, as far as the step asks for them.

    Reviews and rate share one sentence on what is missing: it takes both to say how many more.
    """
    if not asks_live(step):
        return []
    needed = live_needs(step, live)
    missing = (
        f"{_shown(step, live, mode)} {_needed(step, live)}",
        *_widened(step, live),
        *stale_sentences(live),
    )
    found = []
    if step.live_reviews:
        found.append(_reviews(step.live_reviews, live, mode, needed, missing))
    if step.intervention_rate is not None:
        found.append(_rate(step.intervention_rate, step.confidence, live, needed, missing))
    good = "No sign that reviewers wave actions through."
    return [*found, plain_condition(ConditionKind.REVIEW_QUEUE, queue_warnings, good)]


def live_not_given(step: LadderStep) -> list[Condition]:
    """The reviews that a step asks for, where nobody gave any."""
    if not step.live_reviews:
        return []
    text = (
        f"{step.live_reviews:,} live reviews are asked; this check was given no review events. "
        "Run dialgate dial recommend with them."
    )
    return [
        Condition(
            kind=ConditionKind.LIVE_REVIEWS,
            met=False,
            sentence=text,
            missing=(text,),
            limit=step.live_reviews,
        )
    ]


def _reviews(
    least: int,
    live: LiveStanding,
    mode: Mode,
    needed: Mapping[str, int | None],
    missing: tuple[str, ...],
) -> Condition:
    met = live.reviews >= least
    reviews = count_of(live.reviews, "live review")
    return Condition(
        kind=ConditionKind.LIVE_REVIEWS,
        met=met,
        sentence=f"{reviews} {_words(mode)} count; {least:,} are asked.",
        missing=() if met else missing,
        shown=live.reviews,
        limit=least,
        needed={} if met else needed,
    )


def _rate(
    limit: float,
    confidence: float,
    live: LiveStanding,
    needed: Mapping[str, int | None],
    missing: tuple[str, ...],
) -> Condition:
    bound = live_bound(live, confidence)
    high = bound.high
    low = 1 - upper_rate_bound(live.reviews - live.interventions, live.reviews, confidence)
    is_known = live.reviews > 0
    met = is_known and reviews_to_limit(
        bound.events, bound.tasks, limit=bound.scaled(limit), confidence=bound.each, least=0
    ) == (0, 0)
    counted = f"{live.interventions:,} of {count_of(live.reviews, 'live review')}"
    text = (
        f"{counted} were interventions; the rate is under {show_rate(high)} however often one looks"
        f" (confidence {confidence:g}); at most {show_rate(limit)} is allowed."
        + "".join(f" {text}" for text in (*bound.widened, *_young(live)))
        if is_known
        else f"No live review counts; a rate of at most {show_rate(limit)} has to be shown."
    )
    return Condition(
        kind=ConditionKind.INTERVENTION_RATE,
        met=met,
        sentence=text,
        missing=() if met else missing,
        shown=high if is_known else None,
        limit=limit,
        observed=live.interventions / live.reviews if is_known else None,
        interval=(low, high) if is_known else None,
        confidence=confidence,
        needed={} if met else needed,
    )


def live_needs(step: LadderStep, live: LiveStanding) -> dict[str, int | None]:
    """Reviews, the interventions they may hold, and days at the present volume.

    `days` is None where there is no volume yet. Empty: nothing is needed, or no number of reviews
    would do at the present rate.
    """
    needed = _to_limit(step, live)
    if needed is None or needed == (0, 0):
        return {}
    more, most = needed
    days = ceil(more / live.per_day) if live.per_day else None
    return {"reviews": more, "interventions": most, "days": days}


def _to_limit(step: LadderStep, live: LiveStanding) -> tuple[int, int] | None:
    bound = live_bound(live, step.confidence)
    return reviews_to_limit(
        bound.events,
        bound.tasks,
        limit=bound.scaled(_limit(step)),
        confidence=bound.each,
        # Escalations that nobody decided are tasks, and no reviews.
        least=(step.live_reviews or 0) + live.escalations if step.live_reviews else 0,
    )


def _widened(step: LadderStep, live: LiveStanding) -> tuple[str, ...]:
    """What keeps the bound wider than the interventions alone would have it."""
    if step.intervention_rate is None:
        return tuple(_young(live))
    return (*live_bound(live, step.confidence).widened, *_young(live))


def _young(live: LiveStanding) -> list[str]:
    """That tasks are too young to count, and from when on they do."""
    if not live.young:
        return []
    verb = "is" if live.young == 1 else "are"
    return [f"{count_of(live.young, 'reviewed task')} {verb} too young. {live.settling.sentence}"]


def _limit(step: LadderStep) -> float:
    return 1.0 if step.intervention_rate is None else step.intervention_rate


def _words(mode: Mode) -> str:
    return mode.value.replace("_", " ")


def _shown(step: LadderStep, live: LiveStanding, mode: Mode) -> str:
    text = f"{count_of(live.reviews, 'live review')} {_words(mode)}"
    if live.reviews:
        text += f" with {count_of(live.interventions, 'intervention')}"
    if step.intervention_rate is not None and live.reviews:
        high = live_bound(live, step.confidence).high
        text += f" show a rate under {show_rate(high)} (confidence {step.confidence:g})"
    asked = [f"{step.live_reviews:,} reviews"] if step.live_reviews else []
    if step.intervention_rate is not None:
        asked.append(f"at most {show_rate(step.intervention_rate)}")
    return f"{text}; asked: {join_words(asked)}."


def _needed(step: LadderStep, live: LiveStanding) -> str:
    needed, limit = live_needs(step, live), _limit(step)
    if not needed:
        bound = live_bound(live, step.confidence)
        rate = bound.events / bound.tasks / bound.caught if bound.tasks else 0.0
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
