"""What moved between baseline and candidate, in short sentences for the first screen.

An average can improve while a class gets worse: both are said side by side. The same words in the
terminal, Markdown and HTML; decides nothing.
"""

from __future__ import annotations

from typing import Any

from reports import figures

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


def movement_lines(document: dict[str, Any], most: int = 5) -> list[str]:
    """Up to four sentences: the average, the classes and outcomes that moved, the tags.

    Empty where there is no baseline: then nothing can have moved.
    """
    if document["baseline"] is None:
        return []
    lines = [
        _average(document),
        _classes_with(document, "broken", "Cases broke in", most),
        _outcomes(document, 1, "More", most),
        _outcomes(document, -1, "Fewer", most),
        _tags(document, most),
    ]
    return [line for line in lines if line]


def _average(document: dict[str, Any]) -> str:
    difference = document["suite_estimates"]["difference"]
    if difference is None:
        return ""
    estimates = document["suite_estimates"]
    word = "is as it was"
    if abs(difference) >= _SOME:
        word = "improved" if difference > 0 else "fell"
    return (
        f"The average {word}: {_share(estimates['baseline'])} of the trials passed before, "
        f"{_share(estimates['candidate'])} now."
    )


def _share(side: dict[str, int]) -> str:
    return figures.percent(side["passed"] / side["trials"]) if side["trials"] else "none"


def _classes_with(document: dict[str, Any], key: str, words: str, most: int) -> str:
    """The classes with cases that moved that way, those with the most first."""
    counts = [(len(item["cases"][key]), item["action_class"]) for item in document["classes"]]
    named = [f"{name} ({n})" for n, name in sorted(counts, key=_largest) if n]
    return f"{words} {_listed(named, most)}." if named else ""


def _outcomes(document: dict[str, Any], sign: int, word: str, most: int) -> str:
    """Bad outcomes that became more (sign 1) or fewer (-1), over classes, the largest first."""
    moved = []
    for item in document["classes"]:
        before, now = item["baseline"] or {}, item["candidate"]
        for outcome, words in BAD_OUTCOMES.items():
            old = before.get("outcomes", {}).get(outcome, 0)
            new = now["outcomes"].get(outcome, 0)
            if (new - old) * sign > 0:
                text = f"{words} in {item['action_class']} ({old} → {new})"
                moved.append((abs(new - old), text))
    named = [text for _, text in sorted(moved, key=_largest)]
    return f"{word}: {_listed(named, most)}." if named else ""


def _tags(document: dict[str, Any], most: int) -> str:
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
            shown = f"{item['tag']} {_fraction(before)} → {_fraction(now)}"
            moved.append((abs(difference), shown))
    named = [text for _, text in sorted(moved, key=_largest)]
    return f"Passed by tag: {_listed(named, most)}." if named else ""


def _fraction(side: dict[str, int]) -> str:
    return f"{side['passed']}/{side['trials']}"


def _largest(pair: tuple[float, str]) -> tuple[float, str]:
    return -pair[0], pair[1]


def _listed(named: list[str], most: int) -> str:
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return ", ".join(named[:most]) + more
