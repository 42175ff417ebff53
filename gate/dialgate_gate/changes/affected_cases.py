"""Which cases a change may affect: what is worth running at once when a file was saved.

A quick look, not the gate: a tool's wording can move calls in cases that never name the tool.
`check` runs every case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.comparing.judged_cases import collect_cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.suite.case import Case
    from dialgate_gate.changes.component_change import ComponentChange
    from dialgate_gate.changes.suite_changes import ComparedSide

_EVERY_CASE = frozenset({"prompts", "model", "code", "transcripts", "suite", "simulator"})
_NO_CASE = frozenset({"policy", "dial", "runbook", "baseline"})


def affected_cases(
    changes: Sequence[ComponentChange], *, baseline: ComparedSide, candidate: ComparedSide
) -> tuple[str, ...]:
    """Ids of the candidate's cases, in the suite's order, that may come out otherwise now.

    `changes` are those between the two sides. A tool that came or went is an offer to the agent in
    every case.
    """
    cases = candidate.cases
    before, now = baseline.release.tools.tools, candidate.release.tools.tools
    counting = [change for change in changes if change.triggers]
    if before.keys() != now.keys() or any(c.component in _EVERY_CASE for c in counting):
        return tuple(case.id for case in cases)
    found: set[str] = set()
    expected = collect_cases(cases, actions=candidate.actions).by_id
    for change in counting:
        if change.component == "cases":
            found.add(change.path)
        elif change.component not in _NO_CASE:
            found.update(
                case.id
                for case in cases
                if expected[case.id].classes.intersection(change.classes)
                or change.tool in set(_tools_of(case))
            )
    return tuple(case.id for case in cases if case.id in found)


def _tools_of(case: Case) -> Iterator[str]:
    """Tools that the case records or names in what it expects and forbids."""
    for patterns in (*case.expect.lists, case.expect.forbid):
        yield from (pattern.name for pattern in patterns)
    yield from (recording.name for recording in case.recordings)
