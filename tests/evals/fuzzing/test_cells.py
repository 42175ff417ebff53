"""Values at the bounds of a class's condition, and no further than a rule might change."""

from __future__ import annotations

import pytest

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.fuzzing.moving.cells import lines_of
from dialgate_evals.fuzzing.moving.numbers import numbers_under, with_number
from dialgate_evals.fuzzing.relation import Surroundings
from dialgate_evals.suite.tools import ToolRegistry, parse_tools

CLASSES = {
    "class": {
        "small": {
            "tools": ["pay"], "effect": "write", "blast_radius": "low", "reversible": True,
            "when": {"properties": {"amount": {"maximum": 50}}, "required": ["amount"]},
        },
        "large": {
            "tools": ["pay"], "effect": "write", "blast_radius": "high", "reversible": False,
        },
    }
}  # fmt: skip


def around(rules: str = "", kind: str = "number") -> Surroundings:
    amount = {"type": kind, "exclusiveMinimum": 0, "maximum": 5000}
    schema = {"type": "object", "properties": {"amount": amount}, "required": ["amount"]}
    parsed = parse_tools([{"name": "pay", "parameters": schema}])
    return Surroundings(
        tools=ToolRegistry(tools={tool.name: tool for tool in parsed}),
        actions=ActionRegistry(classes=parse_classes(CLASSES)),
        rules=rules,
    )


@pytest.mark.parametrize(
    ("value", "rules", "edges"),
    [
        (20, "", [49.99, 50]),
        (50, "", [49.99, 50]),
        (80, "", [50.01]),
        # What a rule of the prompt says of 200 itself nobody knows; beyond it another rule holds.
        (80, "Up to 200 where it was returned.", [50.01]),
        (200, "Up to 200 where it was returned.", []),
        (250, "Up to 200 where it was returned.", []),
    ],
)
def test_edges_are_the_outermost_values_of_the_cell_at_a_class_bound(
    value: float, rules: str, edges: list[float]
) -> None:
    (line,) = lines_of(around(rules))
    assert line.edges(value) == pytest.approx(edges)


def test_whole_numbers_have_whole_neighbours() -> None:
    (line,) = lines_of(around(kind="integer"))
    assert line.edges(20) == [49, 50]


def test_a_number_is_replaced_in_the_form_it_is_written() -> None:
    case = {
        "messages": [{"role": "user", "content": "12,50 of 12.50 for O-12, 12 pieces, 112.5"}],
        "recordings": [{"name": "look", "result": [{"amount": 12.5, "other": 12.5}]}],
        "expect": {"actions": [{"name": "pay", "arguments": {"amount": 12.5}}]},
    }
    moved = with_number(case, "amount", 12.5, 49.99)
    assert moved["messages"][0]["content"] == "49,99 of 49.99 for O-12, 12 pieces, 112.5"
    assert moved["recordings"][0]["result"] == [{"amount": 49.99, "other": 12.5}]
    assert list(numbers_under(moved["expect"], "amount")) == [49.99]
