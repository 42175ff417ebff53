"""What a save did, for the person who saved: what changed, what was run, each class before and now.

A pure function of the document of `dialgate_gate.verdict.documents.saved_run`.
"""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable
from dialgate_gate.wording import count_of
from dialgate_reports.words.case_text import describe_case, wrap
from dialgate_reports.words.figures import name_change

_MOST_CASES = 5
_MOST_CHANGES = 8


def render_save(document: dict[str, Any], *, width: int = 80) -> str:
    """A few lines, the newly broken cases last: that is where the eye is."""
    parts = [
        _changes(document, width),
        "\n".join(wrap(f"Not run: {text}", width, "", "  ") for text in document["problems"]),
        _run_line(document),
        _table(document),
        _failing(document, width),
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _changes(document: dict[str, Any], width: int) -> str:
    changes = document["changes"]
    lines = [
        wrap(f"{name_change(item)}: {item['kind']}. {item['detail']}", width, "- ")
        for item in changes[:_MOST_CHANGES]
    ]
    if len(changes) > _MOST_CHANGES:
        lines.append(f"  … and {len(changes) - _MOST_CHANGES} more")
    return "\n".join(lines)


def _run_line(document: dict[str, Any]) -> str:
    if document["problems"]:
        return ""
    if not document["run"]:
        return "No case is affected."
    errored = document["errored"]
    failed = f", {len(errored)} could not be run" if errored else ""
    return (
        f"{document['run']} of {count_of(document['total'], 'case')}, "
        f"{count_of(document['agent_calls'], 'agent call')}{failed}."
    )


def _table(document: dict[str, Any]) -> str:
    rows = [
        [
            printable(item["action_class"]),
            "–" if item["before"] is None else "/".join(map(str, item["before"])),
            "/".join(map(str, item["now"])),
            _moved(item),
        ]
        for item in document["classes"]
    ]
    if not rows:
        return ""
    table: str = tabulate(rows, headers=["action class", "before", "now", ""], tablefmt="simple")
    return table


def _moved(item: dict[str, Any]) -> str:
    parts = [f"{len(item[key])} {key}" for key in ("broken", "fixed") if item[key]]
    return ", ".join(parts)


def _failing(document: dict[str, Any], width: int) -> str:
    """The cases that broke with this save; on the first run those that fail."""
    broken = {*document["broken"], *(i for item in document["classes"] for i in item["broken"])}
    is_first = all(item["before"] is None for item in document["classes"])
    shown = [entry for entry in document["failing"] if is_first or entry["case"] in broken]
    lines = [line for entry in shown[:_MOST_CASES] for line in describe_case(entry, width)]
    if len(shown) > _MOST_CASES:
        lines.append(f"… and {len(shown) - _MOST_CASES} more")
    return "\n".join(lines)
