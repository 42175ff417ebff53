"""One table of calls, asked of every reader of the dial: Python, JavaScript, Rego, JSON export."""

from __future__ import annotations

from typing import Any

from dialgate_evals.actions.action_classes import UNCLASSIFIED, ActionRegistry
from dialgate_evals.events.review_events import Mode
from dialgate_evals.suite.tools import ToolRegistry, parse_tools
from tests.gate.dial_builders import a_class

_OVER = {"properties": {"amount": {"exclusiveMinimum": 50}}, "required": ["amount"]}
_CLASSES = (
    a_class(
        name="refund.large",
        tools=("refund", "bare", "tip"),
        when=_OVER,
    ),
    a_class(name="refund.small", tools=("refund", "bare", "tip")),
    a_class(
        name="abroad",
        tools=("pay",),
        when={"properties": {"currency": {"enum": ["EUR", "GBP"]}}, "required": ["currency"]},
    ),
    a_class(name="home", tools=("pay",)),
    a_class(name="look", tools=("look_up",)),
)
_REFUND = {
    "type": "object",
    "properties": {
        "order": {"type": "string", "pattern": "^O-[0-9]+$", "maxLength": 8},
        "amount": {"type": "number", "exclusiveMinimum": 0},
        "lines": {
            "type": "array",
            "maxItems": 2,
            "items": {"type": "object", "properties": {"n": {"type": "integer"}}},
        },
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["order", "amount"],
    "additionalProperties": False,
}
_TIP = {"type": "object", "properties": {"amount": {"type": "number", "default": 1000}}}
_PARAMETERS = {"refund": _REFUND, "tip": _TIP, "look_up": {"type": "object"}}

ACTIONS = ActionRegistry(classes=_CLASSES)
TOOLS = ToolRegistry(
    tools={
        tool.name: tool
        for tool in parse_tools(
            [{"name": name, "parameters": schema} for name, schema in _PARAMETERS.items()]
        )
    }
)
MODES = {
    "refund.large": Mode.SHADOW, "refund.small": Mode.OUT_OF_THE_LOOP, "abroad": Mode.SHADOW,
    "home": Mode.ON_THE_LOOP, "look": Mode.ON_THE_LOOP, UNCLASSIFIED.name: Mode.IN_THE_LOOP,
}  # fmt: skip

STRICT, OPEN, UNKNOWN = "shadow", "out_of_the_loop", "in_the_loop"
_GOOD: dict[str, Any] = {"order": "O-1", "amount": 20}

JSON_CALLS: list[tuple[Any, Any, str]] = [
    ("refund", _GOOD, OPEN),
    ("refund", {**_GOOD, "amount": 50.0}, OPEN),
    ("refund", {**_GOOD, "amount": 50.01}, STRICT),
    ("refund", {**_GOOD, "note": None, "lines": [{"n": 1}, {"n": 2.0}]}, OPEN),
    ("refund", {**_GOOD, "amount": "20"}, STRICT),
    ("refund", {**_GOOD, "amount": [20]}, STRICT),
    ("refund", {**_GOOD, "amount": {"value": 20}}, STRICT),
    ("refund", {**_GOOD, "amount": True}, STRICT),
    ("refund", {**_GOOD, "amount": None}, STRICT),
    ("refund", {**_GOOD, "amount": -20}, STRICT),
    ("refund", {**_GOOD, "amount": 2**60}, STRICT),
    ("refund", {"amount": 20}, STRICT),
    ("refund", {**_GOOD, "Amount": 1000}, STRICT),
    ("refund", {**_GOOD, "order": "O-1\n"}, STRICT),
    ("refund", {**_GOOD, "order": "0-1"}, STRICT),
    ("refund", {**_GOOD, "order": "O-1234567"}, STRICT),
    ("refund", {**_GOOD, "lines": [{}, {}, {}]}, STRICT),
    ("refund", {**_GOOD, "lines": [{"n": 1}, {"n": 2.5}]}, STRICT),
    ("refund", {**_GOOD, "lines": {"0": {}}}, STRICT),
    ("refund", {**_GOOD, "note": 5}, STRICT),
    ("refund", {}, STRICT),
    ("refund", [["amount", 20]], STRICT),
    ("refund", None, STRICT),
    ("refund", "amount=20", STRICT),
    ("bare", {"amount": 20}, OPEN),
    ("bare", {"amount": "1000"}, STRICT),
    ("bare", {"amount": None}, STRICT),
    ("bare", {"amount": [1000]}, STRICT),
    ("bare", {"amount": 2**53}, STRICT),
    ("tip", {}, STRICT),
    ("tip", {"amount": 5}, OPEN),
    ("pay", {"currency": "USD"}, "on_the_loop"),
    ("pay", {"currency": "EUR"}, STRICT),
    ("pay", {"currency": ["EUR"]}, STRICT),
    ("pay", {"currency": 978}, STRICT),
    ("look_up", {"anything": [1]}, "on_the_loop"),
    ("look_up", None, UNKNOWN),
    ("look_up", [], UNKNOWN),
    ("refund ", _GOOD, UNKNOWN),
    ("Refund", _GOOD, UNKNOWN),
    ("", _GOOD, UNKNOWN),
    ("unclassified", {}, UNKNOWN),
    ("__class__", {}, UNKNOWN),
    ("constructor", {}, UNKNOWN),
    ("refund.large", {}, UNKNOWN),
    (None, _GOOD, UNKNOWN),
    (5, _GOOD, UNKNOWN),
    (["refund"], _GOOD, UNKNOWN),
    ({"name": "refund"}, _GOOD, UNKNOWN),
]
"""Name, arguments, mode: what JSON can say."""
