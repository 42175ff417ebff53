"""Review events from JSON Lines, row by row: every bad row is named, none is lost unreported.

Knows the keys and the rules of one row; leaves other formats to their readers and classes and
counting to `gate`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.bad_rows import refuse_bad
from dialgate_evals.events.moments import parse_moment, why_no_moment
from dialgate_evals.events.review_events import (
    EventSource,
    Mode,
    ProposedCall,
    ReviewDecision,
    ReviewEvent,
)
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.files.json_text import JsonTextError, canonical_json, parse_json
from dialgate_evals.files.problems import Problem, show_path, show_value
from dialgate_runtime.events.event_rows import NOTHING, RowError, check_row, number_of

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path


@dataclass(kw_only=True)
class EventLines:
    """What a file of events held; rows = events + bad + merged + not_live.

    Events from elsewhere than production are no live evidence: they are counted and not given,
    unless `takes_all` says that a reader wants every decision, whoever made it where.
    """

    events: list[ReviewEvent] = field(default_factory=list)
    bad: list[Problem] = field(default_factory=list)
    merged: int = 0
    # rows that say again, equally, what an earlier row said
    not_live: int = 0
    # events of another source than production, left out
    rows: int = 0
    takes_all: bool = False
    keeps_events: bool = True
    # False: each event is given once and not kept
    _digests: dict[str, bytes] = field(default_factory=dict, repr=False)

    def add(self, document: object, place: str, file: str) -> ReviewEvent | None:
        """Takes one row; the event where it is good and new."""
        self.rows += 1
        found = parse_event(document, file=file, place=place)
        if isinstance(found, Problem):
            self.bad.append(found)
            return None
        if found.source is not EventSource.PRODUCTION and not self.takes_all:
            # Whatever its id is: it neither repeats nor contradicts an event that counts.
            self.not_live += 1
            return None
        digest = blake2b(canonical_json(document).encode("ascii"), digest_size=16).digest()
        known = self._digests.get(found.event_id)
        if known == digest:
            self.merged += 1
            return None
        if known is not None:
            again = f"event_id {show_value(found.event_id)} a second time, otherwise"
            expected = "every event once"
            self.bad.append(Problem(file=file, place=place, found=again, expected=expected))
            return None
        self._digests[found.event_id] = digest
        if self.keeps_events:
            self.events.append(found)
        return found

    def add_line(self, line: bytes, place: str, file: str) -> ReviewEvent | None:
        """Takes one line of a file that grows."""
        try:
            document: Any = parse_json(line)
        except JsonTextError as error:
            document = error
        return self.add(document, place, file)

    def refuse(self) -> None:
        """Raises ConfigurationError where over 1 % of the rows are bad."""
        refuse_bad(self.bad, rows=self.rows - self.not_live, bad_rows=len(self.bad))


def read_event_lines(path: Path) -> EventLines:
    """Every event of a JSON Lines file. Raises ConfigurationError: unreadable, or over 1 % bad."""
    found = EventLines()
    file = show_path(path)
    try:
        for number, document in read_json_lines(path):
            found.add(document, f"line {number}", file)
    except OSError as error:
        problem = Problem(
            file=file, found=f"no readable file ({error.strerror})", expected="review events"
        )
        raise ConfigurationError([problem]) from None
    found.refuse()
    return found


def parse_event(document: object, *, file: str, place: str) -> ReviewEvent | Problem:
    """The row as an event, or the first thing that is wrong with it."""
    try:
        return _parse(document, f"{file}:{place.removeprefix('line ').removeprefix('row ')}")
    except RowError as error:
        shown = "" if error.value is NOTHING else f" {show_value(error.value)}"
        found = f"{error.what}{shown}"
        return Problem(file=file, place=place, found=found, expected=error.expected)


def _parse(row: object, place: str) -> ReviewEvent:
    if isinstance(row, JsonTextError):
        raise RowError(str(row), "strict JSON")
    if not isinstance(row, dict):
        raise RowError(show_value(row), "a JSON object")
    check_row(row)
    return ReviewEvent(
        event_id=row["event_id"],
        occurred_at=_moment(row),
        task_id=row["task_id"],
        release=row["release"],
        mode=Mode(row["mode"]),
        decision=ReviewDecision(row["decision"]),
        proposed=ProposedCall(**row["proposed"]),
        corrected=None if row.get("corrected") is None else ProposedCall(**row["corrected"]),
        reviewer=row.get("reviewer"),
        reason=row.get("reason"),
        latency_ms=number_of(row, "latency_ms"),
        cost_usd=number_of(row, "cost_usd"),
        review_s=number_of(row, "review_s"),
        messages=_objects(row, "messages"),
        recordings=_objects(row, "recordings"),
        canary=row.get("canary", False),
        source=EventSource(row.get("source") or EventSource.PRODUCTION),
        place=place,
    )


def _moment(row: dict[str, Any]) -> dt.datetime:
    value = row["occurred_at"]
    found = parse_moment(value) if isinstance(value, str) else None
    if found is None:
        expected = "an RFC 3339 time with its offset"
        raise RowError(f"occurred_at {show_value(value)}{why_no_moment(value)}", expected)
    return found


def _objects(row: dict[str, Any], key: str) -> tuple[dict[str, Any], ...] | None:
    value = row.get(key)
    return None if value is None else tuple(value)
