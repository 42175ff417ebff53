"""What moved between baseline and candidate, in short sentences for the first screen.

An average can improve while a class gets worse: both are said side by side. The same words in the
terminal, Markdown and HTML; decides nothing.
"""

from __future__ import annotations

from typing import Any

from dialgate_evals.files.plain_text import shorten
from dialgate_reports.words import figures
from dialgate_reports.words.cases_to_look_at import broken_cases
from dialgate_reports.words.figures import NO_LINE, Line

BAD_OUTCOMES = {
    "wrong_arguments": "wrong arguments",
    "unexpected": "unasked actions",
    "forbidden": "forbidden actions",
    "duplicate": "repeated actions",
    "under_escalated": "actions in place of an escalation",
    "missed": "missed actions",
    "over_escalated": "needless escalations",
}
_SOME = 0.005
"""A smaller difference of an average is none to speak of: half a point."""
_MOST_NAME = 100
"""Characters of a name that someone chose."""
_MOST_ANNOTATIONS = 4


def movement_lines(document: dict[str, Any], most: int = 5) -> list[Line]:
    """Up to seven sentences: the average, classes, cases and outcomes that moved, tags, labels.

    Where there is no baseline nothing can have moved, and only labels on record are left.
    """
    annotations = annotations_line(document)
    if document["baseline"] is None:
        return [annotations] if annotations else []
    lines = [
        _average(document),
        _classes_with(document, "broken", "Broken cases by class", most),
        _broken(document, most),
        _outcomes(document, 1, "More failures", most),
        _outcomes(document, -1, "Fewer failures", most),
        _tags(document, most),
        annotations,
    ]
    return [line for line in lines if line]


def _average(document: dict[str, Any]) -> Line:
    estimates = document["suite_estimates"]
    before, now = estimates["baseline"], estimates["candidate"]
    if not before["trials"] or not now["trials"]:
        return NO_LINE
    difference = now["passed"] / now["trials"] - before["passed"] / before["trials"]
    word = "is as it was"
    if abs(difference) >= _SOME:
        word = "improved" if difference > 0 else "fell"
    shares = f"{_share(before)} of the trials passed before, {_share(now)} now."
    return Line(f"The average {word}", shares)


def _share(side: dict[str, int]) -> str:
    return figures.percent(side["passed"] / side["trials"])


def _classes_with(document: dict[str, Any], key: str, words: str, most: int) -> Line:
    """The classes with cases that moved that way, those with the most first."""
    counts = [(len(item["cases"][key]), item["action_class"]) for item in document["classes"]]
    named = [f"{shorten(name, _MOST_NAME)} ({n})" for n, name in sorted(counts, key=_largest) if n]
    return Line(words, f"{_listed(named, most)}.") if named else NO_LINE


def _broken(document: dict[str, Any], most: int = 5) -> Line:
    """Cases that broke, by name, in the order in which to look at them."""
    named = [
        f"{shorten(entry['case'], _MOST_NAME)}{' (silent)' if entry['silent'] else ''}"
        for entry in broken_cases(document)
    ]
    if not named:
        return NO_LINE
    return Line("Look first at", f"{_listed(named, most)}.", names_broken=True)


def annotations_line(document: dict[str, Any]) -> Line:
    """The labels that recorded trials carry, such as a benchmark's own reward."""
    shown = [_annotation(item) for item in document.get("labels") or ()]
    if not shown:
        return NO_LINE
    listed = f"{_listed(shown, _MOST_ANNOTATIONS)}."
    return Line("Labels on record, shown and never used", listed)


def _annotation(item: dict[str, Any]) -> str:
    sides = [side for side in (item["baseline"], item["candidate"]) if side]
    if all(side["is_mark"] for side in sides):
        values = [f"{side['total']:.0f} of {side['trials']:,}" for side in sides]
    else:
        values = [f"{side['total'] / side['trials']:.3g} on average" for side in sides]
    return f"{shorten(item['label'], _MOST_NAME)} {' → '.join(values)}"


def _outcomes(document: dict[str, Any], sign: int, word: str, most: int) -> Line:
    """Bad outcomes that became more (sign 1) or fewer (-1), over classes, the largest first.

    By share of the class's trials; a class without trials on one side has not moved.
    """
    moved = []
    for item in document["classes"]:
        before, now = item["baseline"], item["candidate"]
        if not before or not before["trials"] or not now["trials"]:
            continue
        for outcome, words in BAD_OUTCOMES.items():
            old = before["outcomes"].get(outcome, 0)
            new = now["outcomes"].get(outcome, 0)
            difference = new / now["trials"] - old / before["trials"]
            if difference * sign > 0:
                name = shorten(item["action_class"], _MOST_NAME)
                text = f"{words} in {name} ({_counts(old, before, new, now)})"
                moved.append((abs(difference) * now["trials"], text))
    named = [text for _, text in sorted(moved, key=_largest)]
    return Line(word, f"{_listed(named, most)}.") if named else NO_LINE


def _counts(old: int, before: dict[str, Any], new: int, now: dict[str, Any]) -> str:
    """`3 → 2`; with the trials that they are counts of where the sides have not as many."""
    if before["trials"] == now["trials"]:
        return f"{old} → {new}"
    return f"{old} in {before['trials']:,} trials → {new} in {now['trials']:,}"


def _tags(document: dict[str, Any], most: int) -> Line:
    """Tags whose share of passed trials moved, the largest difference first.

    A tag that every trial has says no more than the average and is left out.
    """
    moved = []
    everything = document["suite_estimates"]["candidate"]["trials"]
    for item in document.get("tags") or ():
        before, now = item["baseline"], item["candidate"]
        if not before or not before["trials"] or now["trials"] in {0, everything}:
            continue
        difference = now["passed"] / now["trials"] - before["passed"] / before["trials"]
        if abs(difference) >= _SOME:
            shown = f"{shorten(item['tag'], _MOST_NAME)} {_fraction(before)} → {_fraction(now)}"
            moved.append((abs(difference), shown))
    named = [text for _, text in sorted(moved, key=_largest)]
    return Line("Passed by tag", f"{_listed(named, most)}.") if named else NO_LINE


def _fraction(side: dict[str, int]) -> str:
    return f"{side['passed']}/{side['trials']}"


def _largest(pair: tuple[float, str]) -> tuple[float, str]:
    return -pair[0], pair[1]


def _listed(named: list[str], most: int) -> str:
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return ", ".join(named[:most]) + more
