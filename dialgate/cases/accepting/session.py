"""A review as it stands: items, everybody's decisions, what may be decided next.

One object for the page and the terminal; every decision is on disk before it is answered. Leaves
how it looks to `item_view` and what is written at the end to `finishing`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dialgate.cases.accepting.journal import all_journals, journal_of
from dialgate.cases.accepting.refusing import OvertakenError, RefusedError
from dialgate_evals.events.accepting.agreement import Agreement, compare_reviewers
from dialgate_evals.events.accepting.asked import (
    RIGHT,
    Asked,
    Merged,
    asked_by,
    defects_of,
    merge,
    said_of,
)
from dialgate_evals.events.accepting.decisions import Book, Decision, Entry, Undo, UnfitError, Word
from dialgate_evals.events.accepting.documents import accepted_case
from dialgate_evals.suite.case import parse_case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dialgate.cases.accepting.found.queue import FoundQueue
    from dialgate.cases.accepting.journal import Journal
    from dialgate.cases.accepting.source import ReviewSource
    from dialgate_evals.events.accepting.review_item import ReviewItem
    from dialgate_evals.suite.case import Case

_LONGEST_LOOK_S = 3_600.0
"""A look that took longer was none: the page was left open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedCase:
    """A case with the decisions that count on it."""

    case: Case
    rows: tuple[tuple[Decision, ReviewItem, Asked], ...]
    merged: Merged
    # what they ask together


@dataclass(kw_only=True)
class Session:
    """One reviewer's session on a source; `folder` holds everybody's journals."""

    source: ReviewSource
    reviewer: str
    folder: Path
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    found: FoundQueue | None = None
    # cases that wait for a person; None: there are none
    _mine: Journal = field(init=False)
    _others: list[Journal] = field(init=False)
    _places: dict[str, int] = field(init=False)
    _known: dict[str, tuple[tuple[Decision, ...], DecidedCase]] = field(default_factory=dict)
    _said_before: dict[tuple[str, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        run = self.source.run
        self._mine = journal_of(self.folder, self.reviewer, run)
        self._mine.read()
        self._others = []
        self._places = {item.id: index for index, item in enumerate(self.source.items)}
        self.refresh()

    def refresh(self) -> None:
        """Takes what other reviewers decided since."""
        self._mine.read()
        known = {journal.path: journal for journal in self._others}
        for journal in all_journals(self.folder, self.source.run):
            if journal.path != self._mine.path and journal.path not in known:
                self._others.append(journal)
        for journal in known.values():
            journal.read()

    @property
    def books(self) -> list[Book]:
        """Everybody's decisions, by name."""
        journals = sorted([self._mine, *self._others], key=lambda item: item.book.reviewer)
        return [journal.book for journal in journals]

    @property
    def items(self) -> list[ReviewItem]:
        """What is looked at, in order."""
        return self.source.items

    def place_of(self, item_id: str) -> int | None:
        """The number of an item, from 0; None where the source has no such item."""
        return self._places.get(item_id)

    def mine(self, *, settles: bool = False) -> Mapping[str, Decision]:
        """This reviewer's decision on each item."""
        return self._mine.book.standing(settles=settles)

    @property
    def last(self) -> Decision | None:
        """What undo would take back."""
        return self._mine.book.last

    def decide(
        self, item_id: str, choice: Mapping[str, Any], *, seen: int,
        settles: bool = False, review_s: float | None = None,
    ) -> Decision:  # fmt: skip
        """Keeps a decision; `seen` is the seq of the one it replaces, 0 for none.

        Raises RefusedError, OvertakenError.
        """
        place = self._places.get(item_id)
        if place is None:
            raise RefusedError("There is no such trajectory in this review.")
        item = self.items[place]
        draft = Decision(
            seq=1, item=item_id, reviewer=self.reviewer, at=self._moment(), settles=settles,
            review_s=_bounded(review_s), **choice,
        )  # fmt: skip
        why = self.why_not(item, draft)
        if why is not None:
            raise RefusedError(why)

        def make(book: Book) -> Entry:
            current = book.standing(settles=settles).get(item_id)
            if (current.seq if current else 0) != seen:
                raise OvertakenError("This trajectory was decided elsewhere meanwhile.")
            return replace(draft, seq=book.entries + 1)

        made = self._mine.append(make)
        assert isinstance(made, Decision)
        return made

    def undo(self, *, seen: int) -> Decision:
        """Takes back the last decision, which has that seq. Raises RefusedError, OvertakenError."""
        taken: list[Decision] = []

        def make(book: Book) -> Entry:
            last = book.last
            if last is None:
                raise RefusedError("There is nothing to undo.")
            if last.seq != seen:
                raise OvertakenError("Something else was decided since.")
            taken.append(last)
            return Undo(seq=book.entries + 1, at=self._moment(), undoes=last.seq)

        self._mine.append(make)
        return taken[0]

    def _moment(self) -> str:
        return (
            self.now().astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )

    def why_not(self, item: ReviewItem, decision: Decision) -> str | None:
        """Why this can't be decided of the item; None where it can."""
        judge = self.source.reader.judge
        try:
            asked = asked_by(decision, item, judge)
        except UnfitError as error:
            return _sentence(str(error))
        defects = defects_of(asked, judge)
        if defects:
            return _sentence(f"No case can expect that: {'; '.join(defects)}")
        if decision.word is Word.RIGHT and item.unmet:
            where = item.case.place or item.case.id
            return _sentence(
                f"It fails whatever its actions: {'; '.join(item.unmet)}. Decide otherwise, or "
                f"edit the case ({where})"
            )
        if decision.word is Word.RIGHT and not self._passes(item, decision, asked):
            return "The scorer would fail it all the same, so it can't be accepted as it is."
        return None

    def _passes(self, item: ReviewItem, decision: Decision, asked: Asked) -> bool:
        reader = self.source.reader
        merged = merge([(decision, asked)], reader.judge)
        document = accepted_case(
            item.case, merged, [(decision, item, asked)], reader.judge, self.source.version
        )
        score = reader.score(parse_case(document), self.source.spool.get(item.id))
        return bool(score.passed)

    def counting(self, item_id: str) -> list[Decision]:
        """The decisions that count on an item, by reviewer; of several adjudications the last."""
        settled = [
            decision
            for book in self.books
            if (decision := book.standing(settles=True).get(item_id)) is not None
        ]
        if settled:
            return [max(settled, key=lambda decision: (decision.at, decision.reviewer))]
        return [
            decision
            for book in self.books
            if (decision := book.standing().get(item_id)) is not None
        ]

    def decided_cases(self) -> dict[str, DecidedCase]:
        """Every case with a decision: what counts on it, and what that asks together."""
        counting: dict[str, list[tuple[Decision, ReviewItem]]] = {}
        for item in self.items:
            rows = [(decision, item) for decision in self.counting(item.id)]
            if rows:
                counting.setdefault(item.case.id, []).extend(rows)
        return {case_id: self._decided(case_id, rows) for case_id, rows in counting.items()}

    def _decided(self, case_id: str, rows: list[tuple[Decision, ReviewItem]]) -> DecidedCase:
        """Worked out once for the same decisions: a state is asked for after each of them."""
        decisions = tuple(decision for decision, _ in rows)
        known = self._known.get(case_id)
        if known is not None and known[0] == decisions:
            return known[1]
        judge = self.source.reader.judge
        asked = [(decision, item, asked_by(decision, item, judge)) for decision, item in rows]
        merged = merge([(decision, wish) for decision, _, wish in asked], judge)
        found = DecidedCase(case=rows[0][1].case, rows=tuple(asked), merged=merged)
        self._known[case_id] = (decisions, found)
        return found

    def conflicts(self) -> dict[str, str]:
        """Cases whose decisions can't all be met, each with the sentence that says why."""
        return {
            case_id: found.merged.contradiction
            for case_id, found in self.decided_cases().items()
            if found.merged.contradiction is not None
        }

    def agreements(self) -> list[Agreement]:
        """Each pair of reviewers on what both decided themselves, adjudications left out."""
        said = {book.reviewer: self._said(book) for book in self.books}
        said = {name: items for name, items in said.items() if items}
        names = list(said)
        return [
            compare_reviewers(one, said[one], other, said[other], RIGHT)
            for index, one in enumerate(names)
            for other in names[index + 1 :]
        ]

    def _said(self, book: Book) -> dict[str, str]:
        found = {}
        for item_id, decision in book.standing().items():
            place = self._places.get(item_id)
            if place is not None:
                found[item_id] = self._says(decision, self.items[place])
        return found

    def _says(self, decision: Decision, item: ReviewItem) -> str:
        key = (decision.reviewer, decision.seq)
        if key not in self._said_before:
            judge = self.source.reader.judge
            self._said_before[key] = said_of(asked_by(decision, item, judge), item, judge)
        return self._said_before[key]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _bounded(review_s: float | None) -> float | None:
    if review_s is None or not 0 <= review_s <= _LONGEST_LOOK_S:
        return None
    return round(review_s, 1)
