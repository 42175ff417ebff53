"""What the dial says to other languages is what it says in Python, or stricter."""

from __future__ import annotations

import json
from typing import Any

import pytest
import regopy
from hypothesis import given, settings
from hypothesis import strategies as st

from dialgate_evals.actions.action_classes import UNCLASSIFIED, ActionClass, ActionRegistry
from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_evals.suite.tools import ToolRegistry
from dialgate_gate.audit.call_classes import calls_by_tool
from dialgate_gate.audit.dial_export import export_dial, export_opa, plain_checks
from dialgate_runtime.lookup.lookup import DialModes, Lookup
from tests.gate.dial_builders import a_class
from tests.integration.command_line import PROJECT

SMALL = {"properties": {"amount": {"maximum": 50}}, "required": ["amount"]}
INTERNAL = {"properties": {"to": {"pattern": "@shop\\.example$"}}, "required": ["to"]}


def registry(*classes: ActionClass) -> ActionRegistry:
    return ActionRegistry(classes=classes)


def some_classes() -> ActionRegistry:
    return registry(
        a_class(name="refund.small", tools=("refund",), when=SMALL),
        a_class(name="refund.large", tools=("refund",)),
        a_class(name="mail.internal", tools=("send_mail",), when=INTERNAL),
        a_class(name="note", tools=("note",), when=SMALL),
        a_class(name="look", tools=("look_up",)),
    )


MODES = st.fixed_dictionaries(
    {item.name: st.sampled_from(Mode) for item in some_classes().classes}
    | {UNCLASSIFIED.name: st.sampled_from([Mode.SHADOW, Mode.IN_THE_LOOP])}
)
CALLS: list[tuple[str, Any]] = [
    ("refund", {"amount": 50}),
    ("refund", {"amount": 50.5}),
    ("refund", {}),
    ("send_mail", {"to": "a@shop.example"}),
    ("send_mail", {"to": "a@elsewhere.example"}),
    ("note", {"amount": 1}),
    ("note", {"amount": "much"}),
    ("note", {"amount": 99}),
    ("look_up", {}),
    ("look_up", None),
    ("unknown", {}),
    ("constructor", {}),
]


def asked(modes: dict[str, Mode], tool: str, arguments: Any) -> Mode:
    """What `dialgate.Dial` says of a tool without a schema."""
    calls = calls_by_tool(some_classes(), ToolRegistry(tools={}))
    return Lookup(calls, DialModes(modes=modes, leased=frozenset())).mode(tool, arguments)


def test_each_tool_says_its_strictest_mode_and_whether_conditions_matter() -> None:
    modes = {
        "refund.small": Mode.ON_THE_LOOP, "refund.large": Mode.SHADOW, "look": Mode.ON_THE_LOOP,
        "mail.internal": Mode.ON_THE_LOOP, "note": Mode.ON_THE_LOOP,
        UNCLASSIFIED.name: Mode.IN_THE_LOOP,
    }  # fmt: skip
    tools = export_dial(some_classes(), modes)["tools"]
    assert {name: item["strictest"] for name, item in tools.items()} == {
        "refund": "shadow",
        "send_mail": "in_the_loop",
        "note": "in_the_loop",
        "look_up": "on_the_loop",
    }
    assert [name for name, item in tools.items() if not item["exact"]] == ["send_mail"]


def test_a_class_behind_one_without_a_condition_is_never_reached() -> None:
    classes = registry(
        a_class(name="first", tools=("refund",)), a_class(name="second", tools=("refund",))
    )
    modes = dict.fromkeys(("first", "second", UNCLASSIFIED.name), Mode.SHADOW)
    assert export_dial(classes, modes)["tools"]["refund"]["classes"] == ["first"]


@pytest.mark.parametrize(
    ("when", "checks"),
    [
        (None, []),
        ({}, []),
        ({"type": "object", "properties": {"a": True}}, []),
        (
            SMALL,
            [{"key": "amount", "is": "present"}, {"key": "amount", "is": "maximum", "value": 50}],
        ),
        ({"properties": {"a": {"const": "x"}}}, [{"key": "a", "is": "one_of", "value": ["x"]}]),
        ({"properties": {"a": {"type": "number"}}}, [{"key": "a", "is": "number"}]),
        (INTERNAL, None),
        ({"properties": {"a": False}}, None),
        ({"properties": {"a": {"type": ["string", "null"]}}}, None),
        ({"properties": {"a": {"type": "integer"}}}, None),
        ({"properties": {"a": {"const": None}}}, None),
        ({"properties": {"a": {"enum": [[1]]}}}, None),
        ({"properties": {"a": {"properties": {"b": True}}}}, None),
        ({"anyOf": [SMALL]}, None),
        ({"type": "array"}, None),
    ],
)
def test_a_condition_is_checks_or_says_more_than_they_can(when: Any, checks: Any) -> None:
    assert plain_checks(when) == checks


VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from("ab")
BOUNDED = st.dictionaries(
    st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
    st.integers(-2, 2),
)
PROPERTY = st.one_of(
    st.just(True),
    BOUNDED,
    st.fixed_dictionaries({"type": st.sampled_from(["string", "number", "boolean"])}),
    st.fixed_dictionaries({"enum": st.lists(VALUES.filter(lambda v: v is not None), min_size=1)}),
)
WHEN = st.fixed_dictionaries(
    {
        "properties": st.dictionaries(st.sampled_from("xy"), PROPERTY),
        "required": st.lists(st.sampled_from("xy"), unique=True),
    }
)


def hold(checks: list[dict[str, Any]], arguments: dict[str, Any]) -> bool:
    """The checks as docs/how-to/move-the-dial.md explains them."""
    return all(holds(check, arguments) for check in checks)


def holds(check: dict[str, Any], arguments: dict[str, Any]) -> bool:
    if check["key"] not in arguments or check["is"] == "present":
        return check["key"] in arguments or check["is"] != "present"
    value: Any = arguments[check["key"]]
    limit: Any = check.get("value")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match check["is"]:
        case "string":
            return isinstance(value, str)
        case "number":
            return is_number
        case "boolean":
            return isinstance(value, bool)
        case "one_of":
            return any(isinstance(value, bool) is isinstance(v, bool) and value == v for v in limit)
        case "minimum":
            return not is_number or value >= limit
        case "maximum":
            return not is_number or value <= limit
        case "exclusiveMinimum":
            return not is_number or value > limit
        case _:
            return not is_number or value < limit


@given(WHEN, st.dictionaries(st.sampled_from("xy"), VALUES))
def test_the_checks_hold_where_the_schema_does(when: Any, arguments: dict[str, Any]) -> None:
    checks = plain_checks(when)
    assert checks is not None
    assert hold(checks, arguments) is DocumentValidator(when).is_valid(arguments)


@settings(max_examples=5)
@given(MODES)
def test_the_example_in_rego_says_the_same_or_the_strictest(modes: dict[str, Mode]) -> None:
    classes = some_classes()
    data = export_opa(classes, modes)
    rego = regopy.Interpreter()
    rego.add_data_json(json.dumps(data))
    rego.add_module("dial", (PROJECT / "examples/dial/dial.rego").read_text("utf-8"))
    for tool, arguments in CALLS:
        rego.set_input({"tool": tool, "arguments": arguments})
        (found,) = json.loads(str(rego.query("data.agent.dial.mode")))["expressions"]
        expected = asked(modes, tool, arguments)
        if tool == "send_mail" and isinstance(arguments, dict):
            expected = min(
                modes["mail.internal"], modes[UNCLASSIFIED.name], key=lambda mode: mode.rank
            )
        assert found == expected.value, (tool, arguments)
