"""One trajectory as the page and the terminal show it: plain data, every text harmless.

Leaves drawing to the page and deciding to the session.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import CONTENT_FILTER, CUT_OFF, Trajectory
from dialgate_evals.dialects.reading import FoundCall, as_data
from dialgate_evals.events.accepting.asked import asked_by
from dialgate_evals.events.accepting.tool_form import form_of
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.page.trajectory_steps import shown, steps_of
from dialgate_reports.words.case_text import call_text, expected_lines

if TYPE_CHECKING:
    from dialgate.cases.accepting.session import Session
    from dialgate_evals.events.accepting.decisions import Decision
    from dialgate_evals.events.accepting.review_item import ReviewItem

MOST_STEPS = 400
"""Steps of one trajectory, the last ones; the number of the others is said."""
_WIDTH = 2_000
_SHORT = 76
"""Characters of arguments that stay on one line."""

WORDS = {
    "right": "right", "wrong": "wrong", "should_be": "should be",
    "nothing": "nothing should happen", "forbid": "forbid this",
}  # fmt: skip


def view_item(session: Session, place: int) -> dict[str, Any]:
    """Everything of the item with that number."""
    item = session.items[place]
    trajectory = session.source.spool.get(item.id)
    case = item.case
    steps, left_out = _own_steps(session, item, trajectory)
    mine = session.mine().get(item.id)
    settled = session.mine(settles=True).get(item.id)
    tools = session.source.release.tools
    return {
        "n": place,
        "id": item.id,
        "case": _line(case.id),
        "place": _line(case.place or ""),
        "marks": [
            case.origin.value,
            *map(_line, case.tags),
            *(["critical"] if case.critical else []),
        ],
        "trials": sorted(item.trials),
        "context": _context(item),
        "steps": steps,
        "steps_left_out": left_out,
        "actions": [
            {
                "name": action.call["name"],
                "tool": _line(action.call["name"]),
                "class": _line(action.action_class),
                "text": shown(_call(action.call)),
                "fields": form_of(tools.get(action.call["name"]), action.call["arguments"]),
            }
            for action in item.actions
        ],
        "expected": _expected(item),
        "passes": item.passes,
        "unmet": [_line(text) for text in item.unmet],
        "mine": _decision(session, item, mine),
        "settled": _decision(session, item, settled),
    }


def view_conflict(session: Session, place: int) -> list[dict[str, Any]]:
    """What everybody decided on the item and on other trials of its case, for an adjudicator."""
    item = session.items[place]
    found = []
    for other in session.items:
        if other.case is not item.case:
            continue
        for book in session.books:
            decision = book.standing().get(other.id)
            if decision is None:
                continue
            view = _decision(session, other, decision) or {}
            take = {"reviewer": book.reviewer, "seq": decision.seq}
            here = {"n": session.place_of(other.id), "here": other is item, "take": take}
            found.append({**view, **here})
    return found


def _context(item: ReviewItem) -> list[dict[str, Any]]:
    given = Trajectory(case_id=item.case.id, trial=0, messages=item.case.messages)
    return [{k: v for k, v in step.items() if k != "key"} for step in steps_of(given)]


def _own_steps(
    session: Session, item: ReviewItem, trajectory: Trajectory
) -> tuple[list[dict[str, Any]], int]:
    by_position = {action.position: index for index, action in enumerate(item.actions)}
    found: list[dict[str, Any]] = []
    position = 0
    for step in session.source.reader.steps(item.case, trajectory):
        if isinstance(step, FoundCall):
            found.append(_call_step(session, step, by_position.get(position)))
            position += 1
        elif step.text.strip():
            found.append({"role": step.role, "text": shown(step.text)})
    if trajectory.failure is not None:
        why = {CUT_OFF: "it was cut off", CONTENT_FILTER: "a content filter ended it"}
        text = shown(why.get(trajectory.failure, trajectory.failure))
        found.append({"role": "broke off", "text": text, "error": True})
    return found[-MOST_STEPS:], max(0, len(found) - MOST_STEPS)


def _call_step(session: Session, step: FoundCall, action: int | None) -> dict[str, Any]:
    view: dict[str, Any] = {
        "role": "call",
        "tool": _line(step.name),
        "text": shown(_arguments(step)),
        "action": action,
    }
    if step.answer is not None:
        view["answer"] = shown(step.answer)
        view["error"] = step.failed
    if action is None:
        view["note"] = _why_no_action(session, step)
    return view


def _why_no_action(session: Session, step: FoundCall) -> str:
    """Why a call is not among the actions, by what the scorer sees."""
    if step.unmatched:
        return "a read that nothing answers"
    tool = session.source.release.tools.get(step.name)
    arguments = as_data(step.arguments)
    if tool is None:
        return "no tool of the release: no effect"
    if not isinstance(arguments, dict) or not tool.accepts(arguments):
        return "breaks its schema: no effect"
    if step.failed:
        return "answered with an error: no effect"
    call = {"name": step.name, "arguments": arguments}
    return "a read" if session.source.reader.judge.is_read(call) else "a repeat: no effect"


def _expected(item: ReviewItem) -> list[str]:
    """What the case expects as it stands, a line each."""
    return [shorten(printable(line), _WIDTH) for line in expected_lines(item.case.document)]


def _decision(
    session: Session, item: ReviewItem, decision: Decision | None
) -> dict[str, Any] | None:
    if decision is None:
        return None
    asked = asked_by(decision, item, session.source.reader.judge)
    lines = []
    if asked.follow is not None:
        lines += [f"should follow: {call_text(call)}" for call in asked.follow] or [
            "nothing should happen"
        ]
    lines += [f"must not happen: {call_text(call)}" for call in asked.forbid]
    return {
        "seq": decision.seq,
        "word": decision.word.value,
        "words": WORDS[decision.word.value],
        "reviewer": _line(decision.reviewer),
        "at": decision.at,
        "reason": shown(decision.reason or ""),
        "lines": [shorten(printable(line), _WIDTH) for line in lines],
    }


def _arguments(step: FoundCall) -> str:
    data = as_data(step.arguments)
    return data if isinstance(data, str) else _json(data)


def _call(call: dict[str, Any]) -> str:
    return _json(call["arguments"])


def _json(value: object) -> str:
    short = json.dumps(value, ensure_ascii=False)
    return short if len(short) <= _SHORT else json.dumps(value, indent=1, ensure_ascii=False)


def _line(text: object) -> str:
    return shorten(printable(str(text)), 300)
