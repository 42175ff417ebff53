"""Which cases a change may affect: what is worth running at once when a file was saved.

A quick look, not the gate: a tool's wording can move calls in cases that never name the tool.
`check` runs every case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.judged_cases import collect_cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evals.action_classes import ActionRegistry
    from evals.case import Case
    from gate.component_change import ComponentChange

_EVERY_CASE = frozenset({"prompts", "model", "code", "transcripts", "suite", "simulator"})
_NO_CASE = frozenset({"policy", "dial", "runbook", "baseline"})


def affected_cases(
    changes: Sequence[ComponentChange], cases: Sequence[Case], actions: ActionRegistry
) -> tuple[str, ...]:
    """Ids of the cases, in the suite's order, whose trials may come out otherwise now."""
    expected = {item.id: item.classes for item in collect_cases(cases, actions=actions).cases}
    touched = {case.id: set(_tools_of(case)) for case in cases}
    found: set[str] = set()
    for change in changes:
        if not change.triggers or change.component in _NO_CASE:
            continue
        if change.component in _EVERY_CASE or _is_new_tool(change):
            return tuple(touched)
        if change.component == "cases":
            found.add(change.path)
            continue
        tool = change.path.rpartition("#")[2].lstrip("/").partition("/")[0]
        found.update(
            case_id
            for case_id in touched
            if expected[case_id].intersection(change.classes) or tool in touched[case_id]
        )
    return tuple(case_id for case_id in touched if case_id in found)


def _is_new_tool(change: ComponentChange) -> bool:
    """A tool that came or went is an offer to the agent in every case."""
    return change.component == "tools" and change.kind in {"added", "removed"}


def _tools_of(case: Case) -> Iterator[str]:
    """Tools that the case records or names in what it expects and forbids."""
    for patterns in (*case.expect.lists, case.expect.forbid):
        yield from (pattern.name for pattern in patterns)
    yield from (recording.name for recording in case.recordings)
