"""One reviewer's decisions in the order they were made, with undo: a pure fold over entries.

Knows when an entry may follow and what stands after it; leaves files to `dialgate.cases.accepting`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.events.deriving.calls import Call

MOST_CALLS = 100
"""Calls of one decision."""
MOST_TEXT = 2_000
"""Characters of a reason."""


class UnfitError(ValueError):
    """Not a decision, or none that can be made of the item; the message says why."""


class Word(StrEnum):
    """What a reviewer says of one trajectory."""

    RIGHT = "right"
    # what it did is what should happen
    WRONG = "wrong"
    # none of what it did may happen; what should isn't said
    SHOULD_BE = "should_be"
    # these calls should happen
    NOTHING = "nothing"
    # no action should happen
    FORBID = "forbid"
    # one of its actions must never happen here; its others should


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision on one item."""

    seq: int
    # from 1, by reviewer
    item: str
    word: Word
    reviewer: str
    at: str
    # RFC 3339, UTC
    calls: tuple[Call, ...] = ()
    # should_be: what should happen
    forbid: int | None = None
    # forbid: which of the item's actions, from 0
    any_arguments: bool = False
    # forbid: the tool whatever its arguments
    reason: str | None = None
    review_s: float | None = None
    settles: bool = False
    # an adjudication: it counts instead of everybody's decision on the item

    def as_json(self) -> dict[str, Any]:
        """The entry as the journal holds it."""
        document: dict[str, Any] = {
            "do": "decide", "seq": self.seq, "at": self.at, "item": self.item,
            "word": self.word.value,
        }  # fmt: skip
        if self.word is Word.SHOULD_BE:
            document["calls"] = [dict(call) for call in self.calls]
        if self.word is Word.FORBID:
            document["forbid"] = self.forbid
            document["any_arguments"] = self.any_arguments
        for key in ("reason", "review_s"):
            if getattr(self, key) is not None:
                document[key] = getattr(self, key)
        return {**document, "settles": True} if self.settles else document


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Takes back the reviewer's last decision that still stands."""

    seq: int
    at: str
    undoes: int
    # the decision's seq

    def as_json(self) -> dict[str, Any]:
        """The entry as the journal holds it."""
        return {"do": "undo", "seq": self.seq, "at": self.at, "undoes": self.undoes}


Entry = Decision | Undo


class OutOfStepError(Exception):
    """An entry that can't follow what stands: another tab was faster, or a file was changed."""


@dataclass(kw_only=True)
class Book:
    """One reviewer's entries so far and what stands of them."""

    reviewer: str
    entries: int = 0
    _stack: list[Decision] = field(default_factory=list)
    # decisions that were not undone, in order
    _standing: dict[bool, dict[str, Decision]] = field(default_factory=dict, compare=False)
    # what was worked out of the stack since it last changed

    def add(self, entry: Entry) -> None:
        """Takes the next entry. Raises OutOfStepError, having taken nothing."""
        self.refuse_out_of_step(entry)
        if isinstance(entry, Decision):
            self._stack.append(entry)
        else:
            self._stack.pop()
        self.entries = entry.seq
        self._standing.clear()

    def refuse_out_of_step(self, entry: Entry) -> None:
        """Raises OutOfStepError where the entry can't be the next one."""
        if entry.seq != self.entries + 1:
            raise OutOfStepError(f"entry {entry.seq} after {self.entries} entries")
        if isinstance(entry, Undo) and (self.last is None or self.last.seq != entry.undoes):
            raise OutOfStepError(f"undo of {entry.undoes}, which is not the last decision")

    @property
    def last(self) -> Decision | None:
        """What undo would take back."""
        return self._stack[-1] if self._stack else None

    def standing(self, *, settles: bool = False) -> Mapping[str, Decision]:
        """The decision that counts on each item: the last; or the last that settles."""
        found = self._standing.get(settles)
        if found is None:
            found = {item.item: item for item in self._stack if item.settles is settles}
            self._standing[settles] = found
        return found


def parse_entry(document: Any, reviewer: str) -> Entry:  # noqa: ANN401 - unchecked JSON
    """The entry that a journal's line says. Raises UnfitError with what is wrong."""
    if not isinstance(document, dict):
        raise UnfitError("no object")
    kind = document.get("do")
    if kind == "undo":
        _refuse_others(document, {"do", "seq", "at", "undoes"})
        return Undo(
            seq=_number(document, "seq"), at=_text(document, "at"),
            undoes=_number(document, "undoes"),
        )  # fmt: skip
    if kind != "decide":
        raise UnfitError(f"do {kind!r}, neither decide nor undo")
    _refuse_others(document, _KEYS)
    review_s = document.get("review_s")
    if review_s is not None and (
        isinstance(review_s, bool) or not isinstance(review_s, int | float)
    ):
        raise UnfitError("review_s that is no number")
    return Decision(
        seq=_number(document, "seq"),
        item=_text(document, "item"),
        reviewer=reviewer,
        at=_text(document, "at"),
        review_s=review_s,
        settles=_flag(document, "settles"),
        **parse_choice(document),
    )


_KEYS = {
    "do", "seq", "at", "item", "word", "calls", "forbid", "any_arguments", "reason", "review_s",
    "settles",
}  # fmt: skip


def parse_choice(document: Mapping[str, Any]) -> dict[str, Any]:
    """Word, calls, forbid and reason, checked together. Raises UnfitError."""
    word = document.get("word")
    if not isinstance(word, str) or word not in set(Word):
        raise UnfitError(f"the word {word!r}; there are {', '.join(Word)}")
    reason = document.get("reason")
    if reason is not None and (not isinstance(reason, str) or len(reason) > MOST_TEXT):
        raise UnfitError(f"a reason that is no text of up to {MOST_TEXT:,} characters")
    found: dict[str, Any] = {"word": Word(word), "reason": reason or None}
    calls, forbid = document.get("calls"), document.get("forbid")
    if (word == Word.SHOULD_BE) is (calls is None) or (word == Word.FORBID) is (forbid is None):
        raise UnfitError(f"{word} with other parts than it has")
    if calls is not None:
        found["calls"] = _calls(calls)
    if forbid is not None:
        if isinstance(forbid, bool) or not isinstance(forbid, int) or forbid < 0:
            raise UnfitError("forbid that is no number of an action")
        found |= {"forbid": forbid, "any_arguments": _flag(document, "any_arguments")}
    return found


def _calls(value: object) -> tuple[Call, ...]:
    if not isinstance(value, list) or len(value) > MOST_CALLS:
        raise UnfitError(f"calls that are no list of up to {MOST_CALLS}")
    for call in value:
        is_call = (
            isinstance(call, dict)
            and set(call) == {"name", "arguments"}
            and isinstance(call["name"], str)
            and isinstance(call["arguments"], dict)
        )
        if not is_call:
            raise UnfitError("a call without just a name and arguments")
    return tuple(value)


def _refuse_others(document: Mapping[str, Any], keys: set[str]) -> None:
    unknown = sorted(set(document) - keys)
    if unknown:
        raise UnfitError(f"the unknown key {unknown[0]!r}")


def _number(document: Mapping[str, Any], key: str) -> int:
    value = document.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UnfitError(f"{key} that is no number from 1")
    return value


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value:
        raise UnfitError(f"no {key}")
    return value


def _flag(document: Mapping[str, Any], key: str) -> bool:
    value = document.get(key, False)
    if not isinstance(value, bool):
        raise UnfitError(f"{key} that is neither true nor false")
    return value
