"""Promote, hold or demote: what eval and live evidence say of each class's mode together.

Pure: evidence, readiness facts and the moment are given. People promote; this says what they may
rest on, and what is missing in figures. Leaves gathering to `dialgate.recommending`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from evals.problems import join_words
from evals.review_events import Mode
from gate.eval_bounds import bound_evals, missing_evals, missing_radius
from gate.live_reviews import LiveStanding
from gate.promotion import never_allowed
from gate.readiness import verify_readiness
from gate.rounding import count_of, show_rate
from gate.statistics.upper_rate import reviews_to_limit, upper_rate_bound

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from evals.action_classes import ActionClass
    from gate.comparison import ClassComparison
    from gate.demotion import Demotion
    from gate.eval_bounds import EvalBounds
    from gate.policy import LadderStep
    from gate.readiness import ReadinessFacts, ReadinessItem
    from gate.settings import GateSettings


@dataclass(frozen=True, kw_only=True)
class DialEvidence:
    """Everything that recommendations rest on."""

    evals: Mapping[str, ClassComparison]
    # by class, of one eval run of the current release
    eval_gaps: tuple[str, ...] = ()
    # sentences: why that run can't be trusted, or that there is none
    live: Mapping[str, LiveStanding] = field(default_factory=dict)
    demotions: Mapping[str, Demotion] = field(default_factory=dict)
    queue_warnings: tuple[str, ...] = ()
    # sentences: why reviewers' decisions are no evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The move of one class and why."""

    action_class: str
    mode: Mode
    recommended: Mode
    move: str
    # promote | hold | demote
    evidence: Mapping[str, Any]
    missing: tuple[str, ...] = ()
    # sentences; empty where the move is made
    reasons: tuple[str, ...] = ()
    # sentences behind a demotion
    readiness: tuple[ReadinessItem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """An entry of a `graduation` list."""
        return {
            "action_class": self.action_class,
            "mode": self.mode.value,
            "recommended": self.recommended.value,
            "move": self.move,
            "evidence": dict(self.evidence),
            "missing": list(self.missing),
            "reasons": list(self.reasons),
            "readiness": [item.as_json() for item in self.readiness],
        }


def recommend_moves(
    classes: Sequence[ActionClass],
    settings: GateSettings,
    evidence: DialEvidence,
    facts: ReadinessFacts,
    now: dt.datetime,
) -> tuple[Recommendation, ...]:
    """One recommendation a class, in their order; a demotion goes before everything else."""
    return tuple(_recommend(item, settings, evidence, facts, now) for item in classes)


def _recommend(
    action_class: ActionClass,
    settings: GateSettings,
    evidence: DialEvidence,
    facts: ReadinessFacts,
    now: dt.datetime,
) -> Recommendation:
    name, mode = action_class.name, settings.dial.mode_of(action_class)
    live = evidence.live.get(name, LiveStanding())
    following = next_mode(mode)
    step = settings.policy.ladder.get(following) if following else None
    bounds = bound_evals(evidence.evals.get(name), step.confidence if step else 0.95)
    figures = _figures(bounds, live)
    fallen = _fallen(action_class, settings, evidence.demotions.get(name))
    if fallen:
        lower = list(Mode)[mode.rank - 1]
        return Recommendation(
            action_class=name,
            mode=mode,
            recommended=lower,
            move="demote",
            evidence=figures,
            reasons=fallen,
        )
    if following is None:
        return _hold(name, mode, figures, (), ())
    forbidden = never_allowed(action_class, following)
    if forbidden is not None:
        return _hold(name, mode, figures, (forbidden, *_stale(live)), ())
    if step is None:
        text = f"policy.toml has no [ladder.{following}]: no evidence moves a class there."
        return _hold(name, mode, figures, (text,), ())
    readiness = verify_readiness(step.requires, name, facts)
    missing = (
        *evidence.eval_gaps,
        *missing_evals(step, bounds),
        *_missing_live(step, live, mode),
        *(evidence.queue_warnings if _asks_live(step) else ()),
        *missing_radius(step, action_class.blast_radius),
        *(item.detail for item in readiness if not item.met),
        *_cooling(name, settings, now),
    )
    if missing:
        return _hold(name, mode, figures, missing, readiness)
    return Recommendation(
        action_class=name,
        mode=mode,
        recommended=following,
        move="promote",
        evidence=figures,
        readiness=readiness,
    )


def next_mode(mode: Mode) -> Mode | None:
    """The mode with one step more autonomy; None after the last."""
    modes = list(Mode)
    return modes[mode.rank + 1] if mode.rank + 1 < len(modes) else None


def _hold(
    name: str,
    mode: Mode,
    figures: Mapping[str, Any],
    missing: tuple[str, ...],
    readiness: tuple[ReadinessItem, ...],
) -> Recommendation:
    return Recommendation(
        action_class=name,
        mode=mode,
        recommended=mode,
        move="hold",
        evidence=figures,
        missing=missing,
        readiness=readiness,
    )


def _fallen(
    action_class: ActionClass, settings: GateSettings, demotion: Demotion | None
) -> tuple[str, ...]:
    """Why the class is one mode too high; empty: it is not."""
    reasons = [] if demotion is None else [demotion.sentence]
    entry = settings.dial.entries.get(action_class.name)
    if entry is not None:
        forbidden = never_allowed(action_class, entry.mode)
        reasons += [forbidden] if forbidden else []
    return tuple(reasons)


def _figures(bounds: EvalBounds, live: LiveStanding) -> dict[str, Any]:
    high = upper_rate_bound(live.interventions, live.reviews, bounds.confidence)
    return {
        **bounds.as_json(),
        "live_reviews": live.reviews,
        "live_interventions": live.interventions,
        "live_escalations": live.escalations,
        "intervention_rate_high": round(high, 6) if live.reviews else None,
        "live_per_day": round(live.per_day, 3),
        "stale": [
            {
                "release": item.release,
                "reviews": item.reviews,
                "changed": None if item.changed is None else list(item.changed),
            }
            for item in live.stale
        ],
    }


def _asks_live(step: LadderStep) -> bool:
    return bool(step.live_reviews) or step.intervention_rate is not None


def _missing_live(step: LadderStep, live: LiveStanding, mode: Mode) -> list[str]:
    if not _asks_live(step):
        return []
    limit = 1.0 if step.intervention_rate is None else step.intervention_rate
    needed = reviews_to_limit(
        live.interventions,
        live.reviews,
        limit=limit,
        confidence=step.confidence,
        least=step.live_reviews or 0,
    )
    if needed == (0, 0):
        return []
    return [f"{_shown(step, live, mode)} {_needed(needed, live, limit)}", *_stale(live)]


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


def _needed(needed: tuple[int, int] | None, live: LiveStanding, limit: float) -> str:
    if needed is None:
        rate = live.interventions / live.reviews if live.reviews else 0.0
        return (
            f"Not reachable at the present rate of {show_rate(rate)} (limit {show_rate(limit)}): "
            "fewer interventions are needed."
        )
    more, most = needed
    held = "" if limit >= 1 else f" with at most {count_of(most, 'intervention')}"
    if not live.per_day:
        return f"{count_of(more, 'more review')}{held}; there is no volume yet to say how long."
    days = ceil(more / live.per_day)
    volume = f"about {count_of(days, 'day')} at the present volume"
    return f"{count_of(more, 'more review')}{held}; {volume}."


def _stale(live: LiveStanding) -> list[str]:
    found = []
    for item in live.stale:
        if not item.reviews:
            continue
        why = (
            "which no record or release file here knows"
            if item.changed is None
            else f"whose {join_words(item.changed)} {_differ(item.changed)}"
        )
        found.append(
            f"{count_of(item.reviews, 'review')} under release {item.release}, {why}, "
            "don't count for this one."
        )
    return found


def _differ(components: tuple[str, ...]) -> str:
    return "differs" if components in {("model",), ("code",)} else "differ"


def _cooling(name: str, settings: GateSettings, now: dt.datetime) -> list[str]:
    entry, demote = settings.dial.entries.get(name), settings.policy.demote
    if entry is None or demote is None:
        return []
    seconds = demote.cool_down_days * 86_400 - (now - entry.since).total_seconds()
    if seconds <= 0:
        return []
    asked, left = count_of(demote.cool_down_days, "day"), count_of(ceil(seconds / 86_400), "day")
    text = f"In this mode since {entry.since:%Y-%m-%d}: the policy asks for {asked} before the next"
    return [f"{text} promotion, {left} more."]
