"""Tool-schema drift: what a changed registry does to the calls that agents make.

Per tool and JSON Pointer, each difference has a kind (`tool_drift.kinds`). Sound: a tool
whose worst finding is `compatible` or `widening` takes every call that it took before. What can't
be decided says so and counts as breaking. Leaves cases to `changes.invalidated_cases`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.files.time_bounds import Patience
from dialgate_gate.changes.tool_drift.kinds import Drift, Finding, escape_part, gather
from dialgate_gate.changes.tool_drift.parameters import compare_parameters
from dialgate_gate.changes.tool_drift.renames import find_renames
from dialgate_gate.changes.tool_drift.tool_pair import compare_classes, compare_tool_pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.tools import Tool, ToolRegistry

__all__ = [
    "REGISTRY",
    "Drift",
    "Finding",
    "ToolDrift",
    "compare_parameters",
    "compare_registries",
    "worst",
]

REGISTRY = "tools.json"
"""What paths into a registry begin with, whatever its files are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDrift:
    """What differs in one tool, at least one finding."""

    name: str
    # as the candidate has it; the baseline's where the tool is gone
    was: str | None = None
    # the baseline's name, where the tool was probably renamed
    findings: tuple[Finding, ...]

    @property
    def kind(self) -> Drift:
        """The most serious kind among the findings."""
        return min((item.kind for item in self.findings), key=lambda kind: kind.rank)

    def place(self, finding: Finding) -> str:
        """Where a finding is, as verdicts name it: `tools.json#/tool/argument`."""
        return f"{REGISTRY}#/{escape_part(self.name)}{finding.pointer}"


def compare_registries(
    *,
    baseline: ToolRegistry,
    candidate: ToolRegistry,
    baseline_actions: ActionRegistry | None = None,
    candidate_actions: ActionRegistry | None = None,
) -> tuple[ToolDrift, ...]:
    """Every tool in which two registries differ, by name.

    With the action registries of both sides, tools whose calls moved to other classes are among
    them, whether their schemas differ or not.
    """
    with Patience().lent():
        return _compare(baseline, candidate, baseline_actions, candidate_actions)


def _compare(
    baseline: ToolRegistry,
    candidate: ToolRegistry,
    baseline_actions: ActionRegistry | None,
    candidate_actions: ActionRegistry | None,
) -> tuple[ToolDrift, ...]:
    before, now = dict(baseline.tools), dict(candidate.tools)
    gone = [before[name] for name in sorted(before.keys() - now.keys())]
    new = [now[name] for name in sorted(now.keys() - before.keys())]
    renamed = find_renames(gone=gone, new=new)
    old_names = {old for old, _ in renamed.values()}

    def pair(old: str, name: str) -> Iterator[Finding]:
        yield from compare_tool_pair(baseline=before[old], candidate=now[name])
        if baseline_actions is not None and candidate_actions is not None:
            yield from compare_classes(
                baseline=(old, baseline_actions), candidate=(name, candidate_actions)
            )

    found = [_as_drift(name, pair(name, name)) for name in before.keys() & now.keys()]
    found += [_gone(tool) for tool in gone if tool.name not in old_names]
    found += [_new(tool) for tool in new if tool.name not in renamed]
    for name, (old, alike) in renamed.items():
        detail = f"Probably {old} renamed ({100 * alike:.0f} % alike): calls of {old} are refused."
        rename = Finding(kind=Drift.BREAKING_FOR_CALLERS, detail=detail)
        found.append(_as_drift(name, iter([rename, *pair(old, name)]), was=old))
    return tuple(sorted((item for item in found if item.findings), key=lambda item: item.name))


def _as_drift(name: str, findings: Iterator[Finding], *, was: str | None = None) -> ToolDrift:
    return ToolDrift(name=name, was=was, findings=gather(list(findings)))


def _gone(tool: Tool) -> ToolDrift:
    detail = "The tool is gone: calls of it are refused."
    return _as_drift(tool.name, iter([Finding(kind=Drift.BREAKING_FOR_CALLERS, detail=detail)]))


def _new(tool: Tool) -> ToolDrift:
    return _as_drift(tool.name, iter([Finding(kind=Drift.WIDENING, detail="A new tool.")]))


def worst(drifts: Sequence[ToolDrift]) -> Drift | None:
    """The most serious kind of all; None where nothing differs."""
    return min((item.kind for item in drifts), key=lambda kind: kind.rank, default=None)
