"""Tool-schema drift as a JSON document, for a terminal in 80 columns, and as Markdown.

Knows how findings are laid out, worst first; leaves finding them to `tool_drift.schema_drift`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_gate.changes.tool_drift.schema_drift import REGISTRY, Drift, worst
from dialgate_reports.words.case_text import wrap
from dialgate_reports.words.markdown_text import cell, code, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.changes.invalidated_cases import InvalidatedCall
    from dialgate_gate.changes.tool_drift.schema_drift import ToolDrift

_MOST_ROWS = 60
_MOST_CALLS = 20
_DETAIL = 400
_SENTENCES = {
    Drift.BREAKING: "BREAKING: calls that were valid are refused now",
    Drift.UNDECIDED: "UNDECIDED: it can't be shown that every valid call stays valid",
    Drift.BREAKING_FOR_CALLERS: "BREAKING FOR CALLERS: calls are gone, or mean something else",
    Drift.NEW_ARGUMENT: "NEW ARGUMENT: only calls with undeclared arguments may notice",
    Drift.WIDENING: "WIDENING: every valid call stays valid, and more is",
    Drift.TEXT: "TEXT: the same calls are valid; what a model reads differs",
    Drift.COMPATIBLE: "COMPATIBLE: written in another way, the same calls are valid",
}


def drift_document(
    drifts: Sequence[ToolDrift],
    *,
    baseline: str,
    candidate: str,
    invalidated: Sequence[InvalidatedCall] = (),
) -> dict[str, Any]:
    """Everything that differs; `alarm` is whether those who call the tools must look."""
    kind = worst(drifts)
    return {
        "schema": 1,
        "baseline": baseline,
        "candidate": candidate,
        "kind": None if kind is None else kind.value,
        "alarm": bool(invalidated) or (kind is not None and kind.is_alarm),
        "tools": [
            {
                "tool": drift.name,
                "was": drift.was,
                "kind": drift.kind.value,
                "findings": [
                    {
                        "path": drift.place(finding),
                        "kind": finding.kind.value,
                        "detail": finding.detail,
                    }
                    for finding in drift.findings
                ],
            }
            for drift in drifts
        ],
        "invalidated": [call.as_json() for call in invalidated],
    }


def render_drift(document: dict[str, Any], *, width: int = 80) -> str:
    """The worst kind, a row for each finding, and the cases that are invalid now."""
    parts = [wrap(line, width, "", "  ") for line in _headlines(document)]
    rows = _rows(document)
    if rows:
        # The place is the one column that can't be broken anywhere but between letters.
        places = min(max(len(row[1]) for row in rows), 30)
        table: str = tabulate(
            rows[:_MOST_ROWS],
            headers=["kind", "where", "what"],
            tablefmt="simple",
            maxcolwidths=[12, places, width - 16 - places],
            disable_numparse=True,
        )
        parts += ["", table]
    if len(rows) > _MOST_ROWS:
        parts.append(f"… and {len(rows) - _MOST_ROWS:,} more (--json F holds all)")
    calls = document["invalidated"]
    if calls:
        parts += ["", _cases_line(calls)]
        parts += [wrap(_call_text(call), width, "- ") for call in calls[:_MOST_CALLS]]
    if len(calls) > _MOST_CALLS:
        parts.append(f"  … and {len(calls) - _MOST_CALLS:,} more (--json F holds all)")
    return "\n".join(parts) + "\n"


def _headlines(document: dict[str, Any]) -> list[str]:
    sides = f"{document['baseline']} → {document['candidate']}"
    if document["kind"] is None:
        return ["No tool differs.", sides]
    count = len(document["tools"])
    differ = "1 tool differs" if count == 1 else f"{count:,} tools differ"
    return [f"{_SENTENCES[Drift(document['kind'])]}.", f"{differ}: {sides}"]


def _rows(document: dict[str, Any]) -> list[list[str]]:
    """Kind, place and detail of each finding, the worst first."""
    found = [
        (Drift(finding["kind"]), finding["path"].removeprefix(f"{REGISTRY}#"), finding["detail"])
        for drift in document["tools"]
        for finding in drift["findings"]
    ]
    found.sort(key=lambda item: (item[0].rank, item[1]))
    return [
        [kind.words, printable(place), shorten(printable(detail), _DETAIL)]
        for kind, place, detail in found
    ]


def _cases_line(calls: Sequence[dict[str, Any]]) -> str:
    cases = len({call["case"] for call in calls})
    what = "1 case holds" if cases == 1 else f"{cases:,} cases hold"
    return f"{what} calls that the new schema refuses:"


def _call_text(call: dict[str, Any]) -> str:
    return f"{call['case']}{call['pointer']}: {call['tool']}. {shorten(call['detail'], _DETAIL)}"


def render_drift_markdown(document: dict[str, Any]) -> str:
    """The same for a pull request or a job's summary."""
    first, second = _headlines(document)
    parts = [f"### {escape(first)}", "", escape(second)]
    rows = _rows(document)
    if rows:
        parts += ["", "| kind | where | what |", "| --- | --- | --- |"]
        parts += [f"| {kind} | {cell(place)} | {escape(what)} |" for kind, place, what in rows]
    calls = document["invalidated"]
    if calls:
        parts += ["", _cases_line(calls), ""]
        parts += [
            f"- {code(call['case'] + call['pointer'])}: {code(call['tool'])}. "
            f"{escape(shorten(call['detail'], _DETAIL))}"
            for call in calls[:_MOST_CALLS]
        ]
    if len(calls) > _MOST_CALLS:
        parts.append(f"- … and {len(calls) - _MOST_CALLS:,} more")
    return "\n".join(parts) + "\n"
