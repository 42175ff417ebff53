"""Decisions as the documents that gate and dial read: a case's new expectation, review events.

Pure: the same decisions give the same bytes. Leaves files to `dialgate.cases.accepting`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.accepting.asked import (
    are_as_done,
    is_forbidden,
    left_over,
    pair,
    reworded,
)
from dialgate_evals.events.accepting.decisions import Word
from dialgate_evals.events.review_events import EventSource, Mode, ReviewDecision
from dialgate_evals.scoring.expected_actions import prepare_case
from dialgate_evals.suite.case import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.events.accepting.asked import Asked, Merged
    from dialgate_evals.events.accepting.decisions import Decision
    from dialgate_evals.events.accepting.review_item import ReviewItem
    from dialgate_evals.events.deriving.calls import Call, CallJudge
    from dialgate_evals.suite.case import Case

Document = dict[str, Any]

EVENT_PREFIX = "accept-"

_OWN = frozenset(
    "event_id decision reviewer occurred_at release mode task_id proposed corrected reason merged "
    "overruled derived".split()
)
"""What a decision writes into a case's source; other keys of it stay."""


def accepted_case(
    case: Case, merged: Merged, decided: Sequence[tuple[Decision, ReviewItem, Asked]],
    judge: CallJudge, release: str,
) -> Document:  # fmt: skip
    """The case as the decisions ask for it; its context, checks and marks stay as they are.

    A list that the case expects already stays as a person wrote it, with its patterns.
    """
    before = case.document["expect"]
    known = _known_lists(case, judge)
    own = [
        call
        for decision, item, asked in decided
        if decision.word is Word.SHOULD_BE and asked.follow is not None
        for call in reworded(item.calls, asked.follow, judge)
    ]
    lists = [_written(calls, known, own, judge) for calls in merged.lists]
    # What a person forbade stays forbidden, unless a decision now asks for it.
    kept = [
        item
        for item in before.get("forbid") or ()
        if not any(_bars(item, call, case, judge) for calls in merged.lists for call in calls)
    ]
    new = [item for item in merged.forbid if not _stands(item, kept, judge)]
    expect = {**before, "actions": lists[0], "alternatives": lists[1:], "forbid": [*kept, *new]}
    if not lists[1:] and "alternatives" not in before:
        del expect["alternatives"]
    if not expect["forbid"] and "forbid" not in before:
        del expect["forbid"]
    if _same_expectation(expect, before) and not _may_be_marked(case):
        return dict(case.document)
    is_golden = all(are_all_right(asked, item, judge) for _, item, asked in decided)
    origin = Origin.GOLDEN if is_golden else Origin.REVIEWER
    source = {key: item for key, item in (case.source or {}).items() if key not in _OWN}
    first, *others = [
        row for decision, item, asked in decided
        for row in _sources(decision, item, asked, judge, release)
    ]  # fmt: skip
    return {
        **case.document,
        "origin": origin.value,
        "expect": expect,
        "source": {**source, **first, **({"merged": others} if others else {})},
    }


def _same_expectation(one: Document, other: Document) -> bool:
    keys = {*one, *other}
    return all((one.get(key) or None) == (other.get(key) or None) for key in keys)


def _may_be_marked(case: Case) -> bool:
    """Whether the case's source may be written: an import's, or an earlier decision of this kind.

    What a person wrote, or production's reviewers decided, stays as it is where nothing changes.
    """
    source = case.source
    if source is None:
        return False
    if "decision" not in source:
        return True
    event_id = source.get("event_id")
    return event_id is None or str(event_id).startswith(EVENT_PREFIX)


def are_all_right(asked: Asked, item: ReviewItem, judge: CallJudge) -> bool:
    """Whether the decision asks for just what the agent did."""
    return asked.follow is not None and are_as_done(item.calls, asked.follow, judge)


def _known_lists(case: Case, judge: CallJudge) -> list[tuple[Any, Any]]:
    expected = prepare_case(case, tools=judge.tools, actions=judge.actions)
    documents = [case.document["expect"]["actions"]]
    documents += case.document["expect"].get("alternatives") or []
    return list(zip(expected.lists, documents, strict=True))


def _written(
    calls: Sequence[Call], known: Sequence[Any], own: Sequence[Call], judge: CallJudge
) -> list[Document]:
    """The list as it stands where the calls meet it; else the calls themselves.

    `own` are calls with words that a person wrote: theirs stand then instead of the case's.
    """
    for patterns, document in known:
        free = list(calls)
        found = []
        for pattern, item in zip(patterns, document, strict=True):
            met = next((call for call in free if pattern.matches(judge.made(call))), None)
            if met is None:
                break
            free.remove(met)
            is_own = met in own and item.get("arguments") is not None
            found.append({**item, "arguments": met["arguments"]} if is_own else dict(item))
        else:
            if not free and len(patterns) == len(calls):
                return found
    return [dict(call) for call in calls]


def _bars(pattern: Document, call: Call, case: Case, judge: CallJudge) -> bool:
    if "where" in pattern:
        expected = prepare_case(case, tools=judge.tools, actions=judge.actions)
        made = judge.made(call)
        documents = case.document["expect"]["forbid"]
        return any(
            item.matches(made)
            for item, document in zip(expected.forbid, documents, strict=True)
            if document == pattern
        )
    return is_forbidden(call, pattern, judge)


def _stands(pattern: Document, kept: Sequence[Document], judge: CallJudge) -> bool:
    if "arguments" not in pattern:
        return pattern in kept
    plain = [item for item in kept if "where" not in item]
    return any(is_forbidden(pattern, item, judge) for item in plain)


def _sources(
    decision: Decision, item: ReviewItem, asked: Asked, judge: CallJudge, release: str
) -> Iterator[Document]:
    """What the case keeps of a decision: its events without the context, or that there is none."""
    rows = list(events_of(decision, item, asked, judge, release))
    if not rows:
        made = {
            "decision": _decision_word(are_all_right(asked, item, judge)),
            "reviewer": decision.reviewer,
            "occurred_at": decision.at,
            "release": release,
            "mode": Mode.SHADOW.value,
            "task_id": _task(item),
            "proposed": None,
        }
        yield {**made, **({"reason": decision.reason} if decision.reason else {})}
    left_out = ("schema", "source", "messages", "recordings", "review_s")
    for row in rows:
        yield {key: value for key, value in row.items() if key not in left_out}


def events_of(
    decision: Decision, item: ReviewItem, asked: Asked, judge: CallJudge, release: str
) -> Iterator[Document]:
    """A review event for each action that the agent took; none where it took none."""
    corrections = _corrections(asked, item.calls, judge)
    for index, call in enumerate(item.calls):
        is_right, corrected = corrections[index]
        row: Document = {
            "schema": 1,
            "event_id": _event_id(decision, item, index),
            "occurred_at": decision.at,
            "task_id": _task(item),
            "release": release,
            "mode": Mode.SHADOW.value,
            "decision": _decision_word(is_right),
            "proposed": dict(call),
            "reviewer": decision.reviewer,
            "source": EventSource.ACCEPT.value,
            "messages": list(item.case.messages),
            "recordings": list(item.case.document.get("recordings") or ()),
        }
        if corrected is not None:
            row["corrected"] = dict(corrected)
        if decision.reason:
            row["reason"] = decision.reason
        if decision.review_s is not None:
            # One look at a trajectory decides all of its actions.
            row["review_s"] = round(decision.review_s / len(item.calls), 1)
        yield row


def _corrections(
    asked: Asked, calls: Sequence[Call], judge: CallJudge
) -> list[tuple[bool, Call | None]]:
    """For each action whether it was right, and what should have been, where that is said."""
    if asked.follow is None:
        return [(False, None)] * len(calls)
    follow = asked.follow
    partners = pair(calls, follow, judge)
    free = left_over(follow, calls, judge)
    wrong = [index for index, partner in enumerate(partners) if partner is None]
    instead: dict[int, Call] = {}
    for same_tool in (True, False):
        for index in wrong:
            if index in instead:
                continue
            fits = [c for c in free if not same_tool or c["name"] == calls[index]["name"]]
            # Of another tool only where nothing is left to choose.
            if fits and (same_tool or len(free) == 1 == len(wrong) - len(instead)):
                instead[index] = fits[0]
                free.remove(fits[0])
    for index, partner in enumerate(partners):
        if partner is not None and judge.says_otherwise(calls[index], follow[partner]):
            instead[index] = follow[partner]
    return [
        (partner is not None and index not in instead, instead.get(index))
        for index, partner in enumerate(partners)
    ]


def _decision_word(is_right: bool) -> str:
    return (ReviewDecision.AGREED if is_right else ReviewDecision.DIFFERED).value


def _task(item: ReviewItem) -> str:
    return f"{item.case.id} trial {min(item.trials)}"


def _event_id(decision: Decision, item: ReviewItem, index: int) -> str:
    """The same for the same decision, whenever it is written; another for another decision."""
    text = f"{decision.reviewer}\n{item.id}\n{decision.at}\n{decision.seq}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
    return f"{EVENT_PREFIX}{digest}-{index + 1}"
