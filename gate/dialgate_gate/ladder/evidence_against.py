"""The cases and events that speak most against giving a class more autonomy.

Knows which weigh more; leaves gathering them to `dialgate` and showing to `reports`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import Kind, Outcome
from dialgate_evals.events.foremost import weight
from dialgate_evals.files.plain_text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_evals.actions.outcomes import Decision, TrialScore
    from dialgate_evals.events.review_events import ReviewEvent

MOST = 5
"""Of cases and events together."""
_MOST_CASES = 3
"""Of these where there are events too: neither kind hides the other."""
_CALL_WIDTH, _TEXT_WIDTH = 800, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAgainst:
    """A case of the eval run with an outcome of the class that is not correct."""

    case_id: str
    outcome: Outcome
    critical: bool
    trial: int
    failed: int
    trials: int
    # of the case, with such an outcome and all that could be run
    expected: str | None
    actual: str | None
    # JSON text of the calls; None: no call

    def as_json(self) -> dict[str, Any]:
        """The case as recommendations write it."""
        return {
            "kind": "case",
            "id": self.case_id,
            "outcome": self.outcome.value,
            "silent": self.outcome.kind is Kind.SILENT,
            "critical": self.critical,
            "trial": self.trial,
            "failed": self.failed,
            "trials": self.trials,
            "expected": None if self.expected is None else _call(json.loads(self.expected)),
            "actual": None if self.actual is None else _call(json.loads(self.actual)),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAgainst:
    """An intervention on an action of the class."""

    event: ReviewEvent
    counts: bool
    # whether it counts for the next move

    def as_json(self) -> dict[str, Any]:
        """The event as recommendations write it."""
        event = self.event
        return {
            "kind": "event",
            "id": shorten(event.event_id, _TEXT_WIDTH),
            "at": event.occurred_at.isoformat(),
            "decision": event.decision.value,
            "release": shorten(event.release, _TEXT_WIDTH),
            "mode": event.mode.value,
            "counts": self.counts,
            "reviewer": None if event.reviewer is None else shorten(event.reviewer, _TEXT_WIDTH),
            "reason": None if event.reason is None else shorten(event.reason, _TEXT_WIDTH),
            "proposed": _call(event.proposed.as_json()),
            "corrected": None if event.corrected is None else _call(event.corrected.as_json()),
            "place": event.place,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAgainst:
    """The weightiest of them, and how many there are."""

    cases: int
    events: int
    shown: tuple[CaseAgainst | EventAgainst, ...]

    def as_json(self) -> dict[str, Any]:
        """As recommendations write it."""
        return {
            "cases": self.cases,
            "events": self.events,
            "shown": [item.as_json() for item in self.shown],
        }


def evidence_against(
    cases: Sequence[CaseAgainst], events: Sequence[EventAgainst], all_events: int | None = None
) -> EvidenceAgainst:
    """At most five: critical and silent cases first, then stopped actions, the latest first.

    `all_events`: how many there are where `events` are the foremost of them only.
    """
    ranked_cases = sorted(cases, key=_case_weight)
    ranked_events = sorted(events, key=_event_weight)
    room = max(_MOST_CASES, MOST - len(ranked_events))
    shown_cases = ranked_cases[:room]
    shown: tuple[CaseAgainst | EventAgainst, ...] = (
        *shown_cases,
        *ranked_events[: MOST - len(shown_cases)],
    )
    return EvidenceAgainst(cases=len(cases), events=all_events or len(events), shown=shown)


def cases_against(
    action_class: str, by_case: Mapping[str, Iterable[TrialScore]], critical: frozenset[str]
) -> list[CaseAgainst]:
    """Every case with an outcome of the class that is not correct, each by its worst one."""
    found = []
    for case_id, scores in by_case.items():
        ran = [score for score in scores if score.passed is not None]
        bad = [
            (score.trial, decision)
            for score in ran
            for decision in score.decisions
            if decision.action_class == action_class and decision.outcome is not Outcome.CORRECT
        ]
        if not bad:
            continue
        trial, worst = min(bad, key=_worse)
        found.append(
            CaseAgainst(
                case_id=case_id,
                outcome=worst.outcome,
                critical=case_id in critical,
                trial=trial,
                failed=len({number for number, _ in bad}),
                trials=len(ran),
                expected=worst.expected,
                actual=worst.actual,
            )
        )
    return found


def _worse(item: tuple[int, Decision]) -> tuple[bool, int]:
    trial, decision = item
    return decision.outcome.kind is not Kind.SILENT, trial


def _case_weight(item: CaseAgainst) -> tuple[bool, bool, float, str]:
    return (
        item.outcome.kind is not Kind.SILENT,
        not item.critical,
        -item.failed / item.trials,
        item.case_id,
    )


def _event_weight(item: EventAgainst) -> tuple[bool, bool, int, str]:
    return weight(item.event, counts=item.counts)


def _call(call: Mapping[str, Any]) -> str:
    """`tool({…})`, or `tool where {…}` for an expectation that is looser; shortened."""
    if "where" in call:
        return shorten(f"{call.get('name')} where {_json(call['where'])}", _CALL_WIDTH)
    arguments = _json(call["arguments"]) if "arguments" in call else ""
    return shorten(f"{call.get('name')}({arguments})", _CALL_WIDTH)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
