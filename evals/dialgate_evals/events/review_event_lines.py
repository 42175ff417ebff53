"""Review events from JSON Lines, row by row: every bad row is named, none is lost unreported.

Knows the keys and the rules of one row; leaves other formats to their readers and classes and
counting to `gate`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.bad_rows import refuse_bad
from dialgate_evals.events.moments import parse_moment, why_no_moment
from dialgate_evals.events.review_events import (
    DECISIONS_BY_MODE,
    EventSource,
    Mode,
    ProposedCall,
    ReviewDecision,
    ReviewEvent,
)
from dialgate_evals.files.json_text import (
    JsonTextError,
    canonical_json,
    parse_json,
    read_json_lines,
)
from dialgate_evals.files.problems import Problem, join_words, show_path, show_value

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

_REQUIRED = ("event_id", "occurred_at", "task_id", "release", "mode", "decision", "proposed")
_OPTIONAL = (
    "schema", "corrected", "reviewer", "reason", "latency_ms", "cost_usd", "review_s", "messages",
    "recordings", "canary", "source",
)  # fmt: skip


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
    except _RowError as error:
        return Problem(file=file, place=place, found=error.found, expected=error.expected)


class _RowError(Exception):
    def __init__(self, found: str, expected: str) -> None:
        self.found, self.expected = found, expected
        super().__init__(found)


def _parse(row: object, place: str) -> ReviewEvent:
    if isinstance(row, JsonTextError):
        raise _RowError(str(row), "strict JSON")
    if not isinstance(row, dict):
        raise _RowError(show_value(row), "a JSON object")
    unknown = [key for key in row if key not in _REQUIRED and key not in _OPTIONAL]
    if unknown:
        raise _RowError(f"the unknown key {show_value(unknown[0])}", "the keys of a review event")
    absent = [key for key in _REQUIRED if row.get(key) is None]
    if absent:
        raise _RowError(f"no {join_words(absent)}", "every required key")
    if row.get("schema", 1) != 1:
        raise _RowError(f"schema {show_value(row['schema'])}", "schema 1")
    mode, decision = _word(row, "mode", Mode), _word(row, "decision", ReviewDecision)
    source = EventSource.PRODUCTION
    if row.get("source") is not None:
        source = _word(row, "source", EventSource)
    if source is EventSource.ACCEPT and mode is not Mode.SHADOW:
        raise _RowError(f"source accept in mode {mode.value}", "mode shadow")
    if decision not in DECISIONS_BY_MODE[mode]:
        allowed = join_words(sorted(item.value for item in DECISIONS_BY_MODE[mode]))
        raise _RowError(f"decision {decision.value} in mode {mode.value}", allowed)
    corrected = None if row.get("corrected") is None else _call(row, "corrected")
    if decision is ReviewDecision.EDITED and corrected is None:
        raise _RowError("an edit without corrected", "the corrected call")
    return ReviewEvent(
        event_id=_text(row, "event_id"),
        occurred_at=_moment(row),
        task_id=_text(row, "task_id"),
        release=_text(row, "release"),
        mode=mode,
        decision=decision,
        proposed=_call(row, "proposed"),
        corrected=corrected,
        reviewer=None if row.get("reviewer") is None else _text(row, "reviewer"),
        reason=None if row.get("reason") is None else _text(row, "reason", least=0),
        latency_ms=_number(row, "latency_ms"),
        cost_usd=_number(row, "cost_usd"),
        review_s=_number(row, "review_s"),
        messages=_objects(row, "messages"),
        recordings=_objects(row, "recordings"),
        canary=_flag(row),
        source=source,
        place=place,
    )


def _text(row: dict[str, Any], key: str, least: int = 1) -> str:
    value = row[key]
    if not isinstance(value, str) or len(value) < least:
        raise _RowError(f"{key} {show_value(value)}", "a text")
    return value


def _word(row: dict[str, Any], key: str, words: Any) -> Any:  # noqa: ANN401 - an enum
    value = row[key]
    if not isinstance(value, str) or value not in set(words):
        listed = ", ".join(item.value for item in words)
        raise _RowError(f"{key} {show_value(value)}", f"one of {listed}")
    return words(value)


def _moment(row: dict[str, Any]) -> dt.datetime:
    value = row["occurred_at"]
    found = parse_moment(value) if isinstance(value, str) else None
    if found is None:
        why = why_no_moment(value)
        raise _RowError(f"occurred_at {show_value(value)}{why}", "an RFC 3339 time with its offset")
    return found


def _call(row: dict[str, Any], key: str) -> ProposedCall:
    value = row[key]
    if (
        not isinstance(value, dict)
        or set(value) != {"name", "arguments"}
        or not isinstance(value["name"], str)
        or not isinstance(value["arguments"], dict)
    ):
        raise _RowError(f"{key} {show_value(value)}", "an object with name and arguments")
    return ProposedCall(name=value["name"], arguments=value["arguments"])


def _number(row: dict[str, Any], key: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _RowError(f"{key} {show_value(value)}", "a number of 0 or more")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not 0 <= number < math.inf:
        raise _RowError(f"{key} {show_value(value)}", "a number of 0 or more")
    return number


def _objects(row: dict[str, Any], key: str) -> tuple[dict[str, Any], ...] | None:
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _RowError(f"{key} {show_value(value)}", "a list of objects")
    return tuple(value)


def _flag(row: dict[str, Any]) -> bool:
    value = row.get("canary", False)
    if not isinstance(value, bool):
        raise _RowError(f"canary {show_value(value)}", "true or false")
    return value
