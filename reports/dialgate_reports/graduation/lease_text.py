"""What became of each class's lease, and what a mode in force has lost, for people at a terminal.

Pure, from the documents that `dial lease --json` and `dial recommend --json` write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.graduation import in_force_words as words
from dialgate_reports.graduation.graduation_words import mode, moment
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def render_leases(document: Mapping[str, Any], width: int = 80) -> str:
    """One row a class; beneath it what its mode has lost."""
    classes = document["classes"]
    if not classes:
        return "No class needs a lease: the agent acts first in none of them.\n"
    rows = [_row(item) for item in classes]
    heads = ["class", "dial", "lease", "until"]
    lines = [tabulate(rows, heads, tablefmt="simple", disable_numparse=True), ""]
    for item in classes:
        lines += lost_lines(item, width)
    if not document["required"]:
        lines.append(wrap(_NOT_REQUIRED, width))
    signed = f"Signed by key {document['keyid'][:16]}."
    return "\n".join([*lines, signed]) + "\n"


_NOT_REQUIRED = (
    "Leases are not required, so a class without one keeps what the dial says: set required = true "
    "in [lease] of policy.toml."
)


def lost_lines(item: Mapping[str, Any], width: int = 80) -> Iterator[str]:
    """What a class's mode has lost, and what that does; nothing where it has everything."""
    found = words.lost(item)
    if not found:
        return
    yield printable(f"{item['action_class']}: {words.lost_head(item)}:")
    for each in found:
        yield wrap(printable(words.lost_sentence(each)), width, "  - ", "    ")
    yield ""


def _row(item: Mapping[str, Any]) -> list[str]:
    return [
        shorten(printable(item["action_class"]), 28),
        mode(item["in_force"]["mode"]),
        "none" if item["lease"] is None else mode(item["lease"]),
        "–" if item["not_after"] is None else moment(item["not_after"]),
    ]
