"""What a row of review events must be, but for how its time is written.

One place for whoever writes rows and whoever reads them; leaves times to both, and meaning to the
whole of dialgate.
"""

from __future__ import annotations

import math

from dialgate_runtime.events.words import DECISIONS_BY_MODE, EventSource, ReviewDecision
from dialgate_runtime.mode import Mode

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from enum import StrEnum
    from typing import TypeVar

    Word = TypeVar("Word", bound=StrEnum)

REQUIRED = ("event_id", "occurred_at", "task_id", "release", "mode", "decision", "proposed")
OPTIONAL = (
    "schema", "corrected", "reviewer", "reason", "latency_ms", "cost_usd", "review_s", "messages",
    "recordings", "canary", "source",
)  # fmt: skip
NOTHING = object()
"""Where the problem is no value."""


class RowError(ValueError):
    """The first thing that is wrong with a row."""

    def __init__(self, what: str, expected: str, value: object = NOTHING) -> None:
        self.what, self.expected, self.value = what, expected, value
        super().__init__(f"{what}; expected {expected}")


def check_row(row: Mapping[str, object]) -> None:
    """Raises RowError for the first thing that is wrong with the row."""
    unknown = [key for key in row if key not in REQUIRED and key not in OPTIONAL]
    if unknown:
        raise RowError("the unknown key", "the keys of a review event", unknown[0])
    absent = [key for key in REQUIRED if row.get(key) is None]
    if absent:
        raise RowError(f"no {_joined(absent)}", "every required key")
    if row.get("schema", 1) != 1:
        raise RowError("schema", "schema 1", row["schema"])
    _check_words(row)
    _check_values(row)


def _check_values(row: Mapping[str, object]) -> None:
    for key in ("event_id", "task_id", "release"):
        _check_text(row, key)
    for key in ("proposed", "corrected"):
        _check_call(row, key)
    if row["decision"] == ReviewDecision.EDITED and row.get("corrected") is None:
        raise RowError("an edit without corrected", "the corrected call")
    for key, least in (("reviewer", 1), ("reason", 0)):
        if row.get(key) is not None:
            _check_text(row, key, least)
    for key in ("latency_ms", "cost_usd", "review_s"):
        number_of(row, key)
    for key in ("messages", "recordings"):
        _check_objects(row, key)
    if not isinstance(row.get("canary", False), bool):
        raise RowError("canary", "true or false", row["canary"])


def _check_words(row: Mapping[str, object]) -> None:
    mode, decision = word_of(row, "mode", Mode), word_of(row, "decision", ReviewDecision)
    source = EventSource.PRODUCTION
    if row.get("source") is not None:
        source = word_of(row, "source", EventSource)
    if source is EventSource.ACCEPT and mode is not Mode.SHADOW:
        raise RowError(f"source accept in mode {mode.value}", "mode shadow")
    if decision not in DECISIONS_BY_MODE[mode]:
        allowed = sorted(item.value for item in DECISIONS_BY_MODE[mode])
        raise RowError(f"decision {decision.value} in mode {mode.value}", _joined(allowed))


def word_of(row: Mapping[str, object], key: str, words: type[Word]) -> Word:
    """The word at the key. Raises RowError where it is none of them."""
    value = row[key]
    if not isinstance(value, str) or value not in set(words):
        raise RowError(key, f"one of {', '.join(item.value for item in words)}", value)
    return words(value)


def _check_text(row: Mapping[str, object], key: str, least: int = 1) -> None:
    value = row[key]
    if not isinstance(value, str) or len(value) < least:
        raise RowError(key, "a text", value)


def _check_call(row: Mapping[str, object], key: str) -> None:
    value = row.get(key)
    if value is None:
        return
    if (
        not isinstance(value, dict)
        or set(value) != {"name", "arguments"}
        or not isinstance(value["name"], str)
        or not isinstance(value["arguments"], dict)
    ):
        raise RowError(key, "an object with name and arguments", value)


def number_of(row: Mapping[str, object], key: str) -> float | None:
    """The number at the key, 0 or more; None: it is absent. Raises RowError."""
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RowError(key, "a number of 0 or more", value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not 0 <= number < math.inf:
        raise RowError(key, "a number of 0 or more", value)
    return number


def _check_objects(row: Mapping[str, object], key: str) -> None:
    value = row.get(key)
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise RowError(key, "a list of objects", value)


def _joined(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
