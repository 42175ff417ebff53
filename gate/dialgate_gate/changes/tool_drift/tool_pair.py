"""What differs between two tools beside their arguments: texts, results, permissions, classes.

Knows MCP's annotations with their defaults, OpenAI's `strict`, and that results are read by
callers. Leaves the arguments to `parameters` and which tools belong together to `renames`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.files.json_text import canonical_json
from dialgate_gate.changes.tool_drift.keywords import is_same
from dialgate_gate.changes.tool_drift.kinds import Drift, Finding
from dialgate_gate.changes.tool_drift.normal_form import TooLargeError, put_references_in_place
from dialgate_gate.changes.tool_drift.parameters import compare_parameters, is_shown
from dialgate_gate.changes.tool_drift.texts import (
    IDEMPOTENCY,
    change,
    differing,
    idempotency_finding,
    show,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry
    from dialgate_evals.suite.tools import Tool

_HINTS = {
    "readOnlyHint": False,
    "destructiveHint": True,
    "idempotentHint": False,
    "openWorldHint": True,
}
"""MCP's hints with what a missing one means. Source: MCP 2025-06-18, ToolAnnotations."""

_ONLY_FOR_WRITES = frozenset({"destructiveHint", "idempotentHint"})
_READ = frozenset({"title", "description", "icons", "_meta", "strict"})
# what a model or its provider reads; no call becomes valid or invalid by it
_ELSEWHERE = frozenset({"name", "parameters", "inputSchema", "outputSchema", "annotations"})
_SHAPE = frozenset({"name", "description", "parameters", "inputSchema"})
_PERMISSION = re.compile(r"permission|scope|role|secur|auth|access|grant|polic", re.IGNORECASE)


def compare_tool_pair(*, baseline: Tool, candidate: Tool) -> tuple[Finding, ...]:
    """Every difference between two tools but their names."""
    found = [
        *_compare_beside(baseline.document, candidate.document),
        *_compare_hints(baseline.document, candidate.document),
        *_compare_results(baseline.document, candidate.document),
        *compare_parameters(baseline=baseline.parameters, candidate=candidate.parameters),
    ]
    if not found and _as_data(baseline) != _as_data(candidate):
        found.append(Finding(kind=Drift.COMPATIBLE, detail="Written in another way."))
    return tuple(found)


def _as_data(tool: Tool) -> str:
    """All that the tool says, the same in MCP's and in OpenAI's shape."""
    beside = {key: item for key, item in tool.document.items() if key not in _SHAPE}
    return canonical_json([_without_null(beside), tool.description, tool.parameters])


def _compare_beside(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Finding]:
    keys = differing(_without_null(before), _without_null(now))
    words = [key for key in keys if key in _READ or (key.startswith("x-") and key != IDEMPOTENCY)]
    for key in words:
        texts = "The description differs." if key == "description" else change(key, before, now)
        yield Finding(kind=Drift.TEXT, detail=texts)
    for key in keys:
        if key in words or key in _ELSEWHERE:
            continue
        if key == IDEMPOTENCY:
            yield idempotency_finding((), before, now)
        elif _PERMISSION.search(key):
            detail = f"A permission moved. {change(key, before, now)}"
            yield Finding(kind=Drift.BREAKING_FOR_CALLERS, detail=detail)
        else:
            detail = f"{change(key, before, now)} What this key means is not known."
            yield Finding(kind=Drift.UNDECIDED, detail=detail)


def _without_null(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}


def _compare_hints(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Finding]:
    """A hint that moves in either direction changes what hosts let through without asking."""
    old, new = ((side.get("annotations") or {}) for side in (before, now))
    hints = [{name: side.get(name, usual) for name, usual in _HINTS.items()} for side in (old, new)]
    only_reads = all(side["readOnlyHint"] is True for side in hints)
    for name in differing(*hints):
        if only_reads and name in _ONLY_FOR_WRITES:
            continue
        if old.get(name) is None:
            # What was never said has not changed; hosts that took the default do otherwise now.
            detail = f"{name} is declared for the first time: {show(new[name])}."
            yield Finding(kind=Drift.TEXT, detail=detail)
        else:
            detail = f"A permission moved. {change(name, *hints)}"
            yield Finding(kind=Drift.BREAKING_FOR_CALLERS, detail=detail)
    for key in differing(old, new):
        if key == "title":
            yield Finding(kind=Drift.TEXT, detail=change(key, old, new))
        elif key not in _HINTS:
            detail = f"{change(key, old, new)} What this annotation means is not known."
            yield Finding(kind=Drift.UNDECIDED, detail=detail)


def _compare_results(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Finding]:
    """Callers read results: here narrower is safe and wider is not."""
    old, new = before.get("outputSchema"), now.get("outputSchema")
    if canonical_json(old) == canonical_json(new):
        return
    if old is None:
        yield Finding(kind=Drift.TEXT, detail="What the tool gives back is described now.")
    elif new is None:
        detail = "What the tool gives back is no longer promised."
        yield Finding(kind=Drift.BREAKING_FOR_CALLERS, detail=detail)
    elif is_same(old, new):
        yield Finding(kind=Drift.TEXT, detail="Texts in outputSchema differ.")
    elif _is_narrower(old, new):
        detail = "outputSchema differs: every result is still of the kind promised before."
        yield Finding(kind=Drift.COMPATIBLE, detail=detail)
    else:
        detail = "outputSchema differs: a result may no longer be of the kind promised before."
        yield Finding(kind=Drift.BREAKING_FOR_CALLERS, detail=detail)


def _is_narrower(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    try:
        return is_shown(put_references_in_place(now), put_references_in_place(before))
    except (TooLargeError, RecursionError):
        return False


def compare_classes(
    *, baseline: tuple[str, ActionRegistry], candidate: tuple[str, ActionRegistry]
) -> Iterator[Finding]:
    """Whether calls of a tool (its name on each side) belong to other classes now."""
    old, new = (actions.classes_of_tool(name) for name, actions in (baseline, candidate))
    if [_facts(item) for item in old] == [_facts(item) for item in new]:
        return
    detail = f"Its calls belonged to {_describe(old)}; now to {_describe(new)}."
    yield Finding(kind=Drift.BREAKING_FOR_CALLERS, detail=detail)


def _facts(item: ActionClass) -> tuple[object, ...]:
    when = None if item.when is None else canonical_json(item.when)
    return item.name, item.effect, item.blast_radius, item.reversible, when


def _describe(classes: tuple[ActionClass, ...]) -> str:
    return " or ".join(_describe_class(item) for item in classes or (UNCLASSIFIED,))


def _describe_class(item: ActionClass) -> str:
    back = "reversible" if item.reversible else "irreversible"
    when = "" if item.when is None else f" when {show(item.when)}"
    return f"{item.name} ({item.effect.value}, {item.blast_radius.value}, {back}){when}"
