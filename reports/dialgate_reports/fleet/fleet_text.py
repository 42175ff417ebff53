"""The fleet at a terminal: what needs a decision, then every suite by risk; 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_gate.wording import count_of
from dialgate_reports.fleet import fleet_words as words
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WIDTH = 80
_MOST_DECISIONS = 6
_HEADS = ["suite", "needs", "does alone", "people step in", "last gate"]
_ROOM = [18, 13, 15, 14, 12]


def render_fleet(document: Mapping[str, Any], *, verbose: bool = False) -> str:
    """The text; `verbose` shows every decision, and the order of risk."""
    parts = ["\n".join(_head(document)), "\n".join(_decisions(document, verbose=verbose))]
    parts += [_table(document)]
    if verbose:
        parts.append("\n".join(["Order of risk:", *(_item(text) for text in document["order"])]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"{words.headline(document)}."
    kinds = words.kinds_line(document)
    if kinds:
        yield _wrapped(f"By risk: {kinds}.")
    yield _wrapped(words.events_line(document))
    yield from (_wrapped(note) for note in document["notes"])


def _decisions(document: Mapping[str, Any], *, verbose: bool) -> Iterator[str]:
    found = document["decisions"]
    shown = found if verbose else found[:_MOST_DECISIONS]
    for number, item in enumerate(shown, start=1):
        about = words.about(item)
        where = f"{item['suite']}: {about}" if about else item["suite"]
        yield _wrapped(f"{number}. {item['kind'].upper()} {shorten(printable(where), 90)}")
        yield _item(shorten(printable(item["sentence"]), 400))
        yield _item(shorten(printable(words.whose(item)), 120))
        if item["command"]:
            # A command is one line, whatever its length: it is copied.
            yield f"   $ {shorten(printable(item['command']), 400)}"
    if len(found) > len(shown):
        yield f"… and {count_of(len(found) - len(shown), 'more decision')}: --verbose, or --html."


def _table(document: Mapping[str, Any]) -> str:
    rows = [
        [_cut(printable(text), room) for text, room in zip(_cells(suite), _ROOM, strict=True)]
        for suite in document["suites"]
    ]
    return tabulate(rows, _HEADS, tablefmt="simple", disable_numparse=True)


def _cells(suite: Mapping[str, Any]) -> list[str]:
    """The row; the rate is that of the class with the highest bound."""
    rated = words.most_stopped(suite)
    gate = suite["gate"]
    verdict = "–" if gate is None else gate["verdict"] if gate["is_current"] else "other"
    return [
        words.name(suite),
        words.first_need(suite),
        words.alone(suite),
        "–" if rated is None else words.rate(rated, suite),
        verdict,
    ]


def _cut(text: str, room: int) -> str:
    """The text in its column; the page has it whole."""
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _wrapped(text: str) -> str:
    return wrap(shorten(printable(text), 600), _WIDTH)


def _item(text: str) -> str:
    lines = wrap(text, _WIDTH - 3).splitlines()
    return "\n".join(f"   {line}" for line in lines)
