"""What `dialgate accept` wrote, and what it left for a person, in lines of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_gate.wording import count_of
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 20
"""Of each list that are shown; the others are counted."""


def render_accepted(document: dict[str, Any]) -> str:
    """What a review wrote, left and found contradicted, for a terminal."""
    cases = document["cases"]
    whole = f"{document['trajectories']:,}"
    things = "trajectory" if document["trajectories"] == 1 else "trajectories"
    decided = f"{document['decided']:,} of {whole} {things} decided"
    text = (
        f"{decided}: {count_of(len(cases['written']), 'case')} written, "
        f"{count_of(len(cases['unchanged']), 'case')} already as decided."
    )
    lines = [wrap(text, 80)] if document["trajectories"] else []
    lines += _listed(
        "Decisions contradict; adjudicate on the page (c)",
        [f"{item['case']}: {item['why']}" for item in document["conflicts"]],
    )
    lines += _listed("Edited since the review began, and not touched", cases["edited"])
    lines += _listed(
        "In YAML, to be edited by hand",
        [f"{item['case']} ({item['place']})" for item in cases["in_yaml"]],
    )
    lines += _found(document["found"])
    if document["unknown"]:
        text = f"{count_of(document['unknown'], 'decision')} on trajectories that are not here"
        lines.append(wrap(f"{text}: left in the journal.", 80))
    left = [f"{item['place']}: {item['why']}" for item in document["left"]]
    lines += _listed("Not looked at", left, document["unlisted"])
    lines += [wrap(agreement_line(item), 80) for item in document["agreement"]]
    lines += [f"wrote {printable(name)}" for name in document["files"]]
    return "\n".join(lines)


def _found(found: dict[str, Any] | None) -> Iterator[str]:
    """What became of found cases; nothing where there were none."""
    if found is None:
        return
    taken, left, waits = (len(found[key]) for key in ("taken", "left", "open"))
    yield wrap(
        f"{count_of(taken, 'found case')} taken into the suite, {left:,} left out, {waits:,} "
        "undecided.",
        80,
    )
    yield from _listed("Taken by one reviewer and left out by another", found["contested"])


def _listed(title: str, items: list[str], more: int = 0) -> Iterator[str]:
    if not items:
        return
    yield f"{title} ({len(items) + more:,}):"
    for item in items[:_MOST]:
        yield wrap(shorten(item, 400), 80, "  ", "    ")
    rest = len(items) + more - _MOST
    if rest > 0:
        yield f"  and {rest:,} more"


def agreement_line(item: dict[str, Any]) -> str:
    """How far two reviewers agree, with every count.

    >>> agreement_line({"reviewers": ["Ada", "Bob"], "items": 0})
    'Ada and Bob decided nothing in common.'
    """
    one, other = item["reviewers"]
    if not item["items"]:
        return f"{one} and {other} decided nothing in common."
    alike = item["both_right"] + item["both_not"]
    kappa = "has no value: both used one word only"
    if item["kappa"] is not None:
        kappa = f"{item['kappa']:.2f}"
    differing = (
        f", {item['differ_in_what']:,} of these with different wishes"
        if item["differ_in_what"]
        else ""
    )
    return (
        f"{one} and {other} both decided {item['items']:,}, {alike:,} alike: "
        f"{item['both_right']:,} right, {item['both_not']:,} not{differing}; right by {one} alone "
        f"{item['only_first']:,}, by {other} alone {item['only_second']:,}. Cohen's kappa {kappa}."
    )
