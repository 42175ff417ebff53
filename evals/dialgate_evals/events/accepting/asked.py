"""What decisions ask of a case: calls that should follow, calls that must not; or a contradiction.

Pure; leaves documents to `accepting.documents`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.actions.matching import match_any_order
from dialgate_evals.events.accepting.decisions import UnfitError, Word
from dialgate_evals.files.json_text import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from dialgate_evals.events.accepting.decisions import Decision
    from dialgate_evals.events.accepting.review_item import ReviewItem
    from dialgate_evals.events.deriving.calls import Call, CallJudge

Pattern = dict[str, "Any"]
"""A call as a case forbids it: with its arguments, or the tool alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one decision asks of the case."""

    follow: tuple[Call, ...] | None
    # the actions that should follow, () for none; None: it only says what is wrong
    forbid: tuple[Pattern, ...] = ()


def asked_by(decision: Decision, item: ReviewItem, judge: CallJudge) -> Asked:
    """What the decision asks. A decision that doesn't fit the item raises UnfitError."""
    calls = item.calls
    match decision.word:
        case Word.RIGHT:
            return Asked(follow=calls)
        case Word.WRONG:
            if not calls:
                raise UnfitError(
                    "it took no action, so there is none to be wrong: say what it should be"
                )
            return Asked(follow=None, forbid=distinct(calls, judge))
        case Word.NOTHING:
            return Asked(follow=())
        case Word.SHOULD_BE:
            left = [
                call
                for call in left_over(calls, decision.calls, judge)
                # Done twice where once is right: a second one is a duplicate, and not forbidden.
                if not judge.is_among(call, decision.calls)
            ]
            return Asked(follow=decision.calls, forbid=distinct(left, judge))
        case Word.FORBID:
            return _forbidding(decision, calls, judge)


def _forbidding(decision: Decision, calls: tuple[Call, ...], judge: CallJudge) -> Asked:
    at = decision.forbid
    if at is None or at >= len(calls):
        raise UnfitError("it has no such action to forbid")
    bad = calls[at]
    if decision.any_arguments:
        rest = tuple(call for call in calls if call["name"] != bad["name"])
        return Asked(follow=rest, forbid=({"name": bad["name"]},))
    rest = tuple(call for call in calls if not judge.are_same(call, bad))
    return Asked(follow=rest, forbid=(bad,))


def left_over(calls: Sequence[Call], others: Sequence[Call], judge: CallJudge) -> list[Call]:
    """The calls that have no equal of their own among the others."""
    partners = pair(calls, others, judge)
    return [call for call, partner in zip(calls, partners, strict=True) if partner is None]


def pair(calls: Sequence[Call], others: Sequence[Call], judge: CallJudge) -> list[int | None]:
    """For each call the number of its equal among the others, each of which is used once.

    One with the same words comes before one that a judge would have to compare.
    """
    edges = [
        [index for index, other in enumerate(others) if judge.are_same(call, other)]
        for call in calls
    ]
    partners = list(match_any_order(edges, len(others)))
    for index, before in enumerate(partners):
        if before is None or not judge.says_otherwise(calls[index], others[before]):
            continue
        for other in edges[index]:
            owner = partners.index(other) if other in partners else None
            is_better = not judge.says_otherwise(calls[index], others[other]) and (
                owner is None
                or (judge.says_otherwise(calls[owner], others[other]) and before in edges[owner])
            )
            if is_better:
                partners[index] = other
                if owner is not None:
                    partners[owner] = before
                break
    return partners


def are_same_lists(ones: Sequence[Call], others: Sequence[Call], judge: CallJudge) -> bool:
    """Whether both hold the same calls, in any order."""
    return len(ones) == len(others) and None not in pair(ones, others, judge)


def are_as_done(ones: Sequence[Call], others: Sequence[Call], judge: CallJudge) -> bool:
    """Whether both hold the same calls with the same words in what judges compare."""
    return are_same_lists(ones, others, judge) and not reworded(ones, others, judge)


def reworded(calls: Sequence[Call], others: Sequence[Call], judge: CallJudge) -> list[Call]:
    """Those of the others that are a call with other words in what judges compare."""
    return [
        others[partner]
        for call, partner in zip(calls, pair(calls, others, judge), strict=True)
        if partner is not None and judge.says_otherwise(call, others[partner])
    ]


def distinct(calls: Iterable[Call], judge: CallJudge) -> tuple[Call, ...]:
    """The calls without those that the judge takes for equal to an earlier one."""
    found: list[Call] = []
    for call in calls:
        if not judge.is_among(call, found):
            found.append(call)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What all decisions on a case ask together."""

    lists: tuple[tuple[Call, ...], ...] = ()
    # any of them is as good; at least one where nothing contradicts
    forbid: tuple[Pattern, ...] = ()
    contradiction: str | None = None
    # why no case can ask for all of it; then the rest is empty


def merge(decided: Sequence[tuple[Decision, Asked]], judge: CallJudge) -> Merged:
    """Decisions on one case, one an item and reviewer, put together."""
    for index, (decision, asked) in enumerate(decided):
        for other, before in decided[:index]:
            if other.item == decision.item and _ask_otherwise(before, asked, judge):
                return Merged(contradiction=_sentence(other, decision))
    lists: list[tuple[Call, ...]] = []
    forbid: list[Pattern] = []
    for decision, asked in decided:
        _add_list(lists, decision, asked, judge)
        forbid += [item for item in asked.forbid if not _is_listed(item, forbid, judge)]
    if () in lists and len(lists) > 1:
        nothing = next(d for d, asked in decided if asked.follow == ())
        other = next(d for d, asked in decided if asked.follow)
        return Merged(contradiction=_sentence(nothing, other))
    for calls in lists:
        for call in calls:
            if any(is_forbidden(call, item, judge) for item in forbid):
                return Merged(contradiction=_forbidden(call, decided, judge))
    return Merged(lists=tuple(lists) or ((),), forbid=tuple(forbid))


def _add_list(
    lists: list[tuple[Call, ...]], decision: Decision, asked: Asked, judge: CallJudge
) -> None:
    """Adds what should follow; words that a person wrote stand before those of an agent."""
    if asked.follow is None:
        return
    for number, known in enumerate(lists):
        if are_same_lists(asked.follow, known, judge):
            if decision.word is Word.SHOULD_BE and reworded(known, asked.follow, judge):
                lists[number] = asked.follow
            return
    lists.append(asked.follow)


def _ask_otherwise(one: Asked, other: Asked, judge: CallJudge) -> bool:
    """Whether both say what should follow, and not the same."""
    if one.follow is None or other.follow is None:
        return False
    return not are_same_lists(one.follow, other.follow, judge)


def is_forbidden(call: Call, pattern: Pattern, judge: CallJudge) -> bool:
    """Whether the pattern forbids the call."""
    if call["name"] != pattern["name"]:
        return False
    return "arguments" not in pattern or judge.are_same(call, pattern)


def _is_listed(pattern: Pattern, known: Sequence[Pattern], judge: CallJudge) -> bool:
    return any(
        ("arguments" in pattern) is ("arguments" in item) and is_forbidden(pattern, item, judge)
        for item in known
    )


def _forbidden(call: Call, decided: Sequence[tuple[Decision, Asked]], judge: CallJudge) -> str:
    wants = next(d for d, a in decided if a.follow and judge.is_among(call, a.follow))
    bars = next(d for d, a in decided if any(is_forbidden(call, p, judge) for p in a.forbid))
    return _sentence(wants, bars)


def _sentence(one: Decision, other: Decision) -> str:
    words = [f"{item.reviewer}: {item.word.value.replace('_', ' ')}" for item in (one, other)]
    where = "on the same trajectory" if one.item == other.item else "on two trials of the case"
    return f"{words[0]} and {words[1]}, {where}, can't both be met"


RIGHT = "right"
"""What `said_of` gives where the agent did what should happen."""


def said_of(asked: Asked, item: ReviewItem, judge: CallJudge) -> str:
    """What a decision says of the item, so that two reviewers' can be compared."""
    if asked.follow is not None and are_as_done(item.calls, asked.follow, judge):
        return RIGHT
    follow = None if asked.follow is None else sorted(map(canonical_json, asked.follow))
    return canonical_json([follow, sorted(map(canonical_json, asked.forbid))])


def defects_of(asked: Asked, judge: CallJudge) -> list[str]:
    """Why no case could ask for these calls, a sentence each; empty where one can."""
    found = []
    for call in asked.follow or ():
        defect = judge.defect(call)
        if defect is not None:
            found.append(f"it {defect}")
        elif judge.is_read(call):
            found.append(f"{call['name']} only reads, and reads are never scored")
    return found
