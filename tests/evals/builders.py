"""Builders for scoring: a few tools and classes, a case and a trial that spell out what matters."""

from __future__ import annotations

from typing import Any

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.actions.argument_rules import parse_rules
from dialgate_evals.actions.outcomes import Kind, Outcome, TrialScore
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.tools import ToolRegistry, parse_tools
from tests.workspaces import a_trial

ACTIONS = {
    "class": {
        "read": {"tools": ["look"], "effect": "read", "blast_radius": "low", "reversible": True},
        "large": {
            "tools": ["pay"], "effect": "write", "blast_radius": "high", "reversible": False,
            "when": {"properties": {"n": {"minimum": 100}}, "required": ["n"]},
        },
        "small": {"tools": ["pay"], "effect": "write", "blast_radius": "low", "reversible": True},
        "mail": {"tools": ["mail"], "effect": "write", "blast_radius": "low", "reversible": True},
        "escalate": {
            "tools": ["ask"], "effect": "escalate", "blast_radius": "low", "reversible": True,
        },
    },
}  # fmt: skip


def tools(**more: Any) -> ToolRegistry:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], **more}
    names = ("look", "pay", "mail", "ask", "unclassified_tool")
    parsed = parse_tools([{"name": name, "parameters": schema} for name in names])
    return ToolRegistry(tools={tool.name: tool for tool in parsed})


def call(name: str, n: Any = 1, **more: Any) -> dict[str, Any]:
    return {"name": name, "arguments": {"n": n, **more}}


def score(
    calls: list[dict[str, Any]],
    actions: list[dict[str, Any]],
    registry: ToolRegistry | None = None,
    rules: dict[str, Any] | None = None,
    trial: dict[str, Any] | None = None,
    **expect: Any,
) -> TrialScore:
    case = parse_case(
        {
            "schema": 1,
            "id": "c",
            "origin": "golden",
            "messages": [{"role": "user", "content": "Go."}],
            "expect": {"actions": actions, **expect},
        }
    )
    classes = ActionRegistry(
        classes=parse_classes(ACTIONS),
        rules={name: parse_rules(rule) for name, rule in (rules or {}).items()},
    )
    trajectory = parse_trajectory(trial or a_trial("c", calls))
    return Scorer(tools=registry or tools(), actions=classes).score(case, trajectory)


def found(result: TrialScore) -> list[tuple[str, str]]:
    return sorted((item.outcome.value, item.action_class) for item in result.decisions)


def correct(result: TrialScore) -> int:
    return sum(item.outcome is Outcome.CORRECT for item in result.decisions)


def silent(result: TrialScore) -> int:
    return sum(item.outcome.kind is Kind.SILENT for item in result.decisions)
