"""A lookup that can't tell opens nothing, in every language alike."""

from __future__ import annotations

import collections
import decimal
import enum
import json
import shutil
import subprocess
import threading
import timeit
import types
from typing import TYPE_CHECKING, Any

import pytest
import regopy

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.events.review_events import Mode
from dialgate_evals.files import schema_validation, time_bounds
from dialgate_evals.suite.tools import ToolRegistry
from dialgate_gate.audit.call_classes import SchemaCalls, calls_by_tool
from dialgate_gate.audit.compared_kinds import compared_kinds
from dialgate_gate.audit.dial_export import export_dial, export_opa
from dialgate_runtime.leases.rules import NO_RULES
from dialgate_runtime.lookup.exported_dial import parse_exported
from dialgate_runtime.lookup.lookup import DialModes, Lookup
from tests.gate.audit.dial_calls import ACTIONS, JSON_CALLS, MODES, OPEN, STRICT, TOOLS, UNKNOWN
from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = DialModes(modes=MODES, leased=frozenset())
DIAL = Lookup(calls_by_tool(ACTIONS, TOOLS), PLAIN)


def of_export(document: dict[str, Any]) -> Lookup:
    """What a runtime without the whole of dialgate asks."""
    found, problems = parse_exported(document)
    assert found is not None, problems
    return Lookup(found.calls, DialModes(modes=found.modes, leased=found.leased, rules=NO_RULES))


EXPORTED = of_export(json.loads(json.dumps(export_dial(ACTIONS, MODES, TOOLS))))
READERS = {"dialgate": DIAL, "dialgate-runtime": EXPORTED}


class _Own(dict[str, Any]):
    """Arguments that lie when they are asked."""

    def get(self, *_: object) -> int:
        return 1

    def __getitem__(self, _: object) -> int:
        return 1


class _Liar:
    """Says that it is a dict, and holds nothing."""

    __class__ = dict  # type: ignore[assignment]  # the lie


class _Raising(dict[str, Any]):
    """Can't be looked through."""

    def items(self) -> Any:
        raise RuntimeError

    __iter__ = items


class _TwoFaced(float):
    """Is small when it is compared with a float, and large for what is done."""

    __slots__ = ()

    def __lt__(self, _: object) -> bool:
        return True

    def __gt__(self, _: object) -> bool:
        return False


def _deep(levels: int) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _ in range(levels):
        document = {"more": [document]}
    return document


class _Name(str):
    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # no key of a dict


class _Amount(enum.IntEnum):
    MUCH = 1000


def _asks(name: Any, arguments: Any) -> str:
    return DIAL.mode(name, arguments).value


@pytest.mark.parametrize("in_thread", [False, True])
def test_a_condition_that_never_ends_on_an_argument_opens_nothing(
    in_thread: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The class is not passed over for the next one: the strictest mode of the tool counts."""
    monkeypatch.setattr(time_bounds, "PATTERN_S", 0.05)
    monkeypatch.setattr(schema_validation, "SCHEMA_S", 0.05)
    never = {"properties": {"note": {"pattern": r"^(\w+\s?)+!$"}}, "required": ["note"]}
    usual = {"tools": ["pay"], "effect": "write", "blast_radius": "low", "reversible": True}
    document = {"class": {"large": {**usual, "when": never}, "small": usual}}
    actions = ActionRegistry(classes=parse_classes(document))
    modes = {"large": Mode.IN_THE_LOOP, "small": Mode.OUT_OF_THE_LOOP, "unclassified": Mode.SHADOW}
    calls = calls_by_tool(actions, ToolRegistry(tools={}))
    dial = Lookup(calls, DialModes(modes=modes, leased=frozenset()))
    asked: list[Mode] = []

    def ask() -> None:
        asked.extend(dial.mode("pay", {"note": note}) for note in ("a?", "a!", "a" * 60 + "?"))

    if in_thread:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    else:
        ask()
    assert asked == [Mode.OUT_OF_THE_LOOP, Mode.IN_THE_LOOP, Mode.IN_THE_LOOP]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("name", "arguments", "mode"), JSON_CALLS, ids=repr)
def test_python_answers_the_table(name: Any, arguments: Any, mode: str, reader: str) -> None:
    assert READERS[reader].mode(name, arguments).value == mode


def test_schemas_answer_the_table_where_checks_could() -> None:
    """Both ways of telling a class agree: the checks that a runtime makes, and JSON Schema."""
    from dialgate_gate.audit.call_classes import _judged_by_schema
    from dialgate_gate.audit.dial_export import reachable_classes

    calls = {
        name: _judged_by_schema(found, TOOLS.get(name), falls_through=found[-1].when is not None)
        for name, found in reachable_classes(ACTIONS).items()
    }
    dial = Lookup(calls, PLAIN)
    for name, arguments, mode in JSON_CALLS:
        assert (name, arguments, dial.mode(name, arguments).value) == (name, arguments, mode)
    judged = calls_by_tool(ACTIONS, TOOLS)
    assert [n for n, item in sorted(judged.items()) if isinstance(item, SchemaCalls)] == ["refund"]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("tool", "arguments", "mode"),
    [
        ("bare", {"amount": float("nan")}, STRICT),
        ("bare", {"amount": float("inf")}, STRICT),
        ("bare", {"amount": 20, "rate": float("nan")}, STRICT),
        ("bare", {"amount": decimal.Decimal(20)}, STRICT),
        ("bare", {"amount": 10**400}, STRICT),
        ("bare", {"amount": b"20"}, STRICT),
        ("bare", {"amount": (20,)}, STRICT),
        ("bare", {1: 2, "amount": 20}, STRICT),
        ("bare", {"amount": _Amount.MUCH}, STRICT),
        ("bare", _Own(amount=1000), STRICT),
        ("bare", collections.OrderedDict(amount=20), OPEN),
        ("bare", types.MappingProxyType({"amount": 1000}), STRICT),
        ("bare", types.MappingProxyType({"amount": 20}), OPEN),
        ("refund", {"order": "\ud800", "amount": 20}, STRICT),
        ("bare", {"amount": 20, **_deep(10_000)}, STRICT),
        ("bare", {"amount": 20, "rate": 10**5000}, STRICT),
        ("bare", {"amount": True}, STRICT),
        ("bare", _Liar(), STRICT),
        ("bare", _Raising(amount=20), STRICT),
        ("bare", {"amount": _TwoFaced(1000)}, STRICT),
        ("bare", {"amount": 20, "more": {1, 2}}, STRICT),
        ("bare", {"amount": 20, "more": object()}, STRICT),
        ("bare", {None: 1, "amount": 20}, STRICT),
        ("b" * 10_000_000, {"amount": 20}, UNKNOWN),
        ("__class__", {"amount": 20}, UNKNOWN),
        (None, {"amount": 20}, UNKNOWN),
        (b"bare", {"amount": 20}, UNKNOWN),
        (_Name("bare"), {"amount": 20}, UNKNOWN),
    ],
)
def test_what_only_python_can_say_opens_nothing(
    tool: Any, arguments: Any, mode: str, reader: str
) -> None:
    assert READERS[reader].mode(tool, arguments).value == mode


def test_endless_arguments_are_the_strictest_mode() -> None:
    endless: dict[str, Any] = {"amount": 20}
    endless["more"] = endless
    assert _asks("bare", endless) == STRICT


def test_it_takes_less_than_20_microseconds() -> None:
    """Of many rounds the fastest: other work on the machine only adds."""
    arguments = {"order": "O-1", "amount": 20, "lines": [{"n": 1}], "note": None}
    took = min(timeit.repeat(lambda: DIAL.mode("refund", arguments), number=200, repeat=20)) / 200
    assert took < 20e-6


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_javascript_answers_the_table(tmp_path: Path) -> None:
    (tmp_path / "dial.json").write_text(json.dumps(export_dial(ACTIONS, MODES, TOOLS)), "utf-8")
    (tmp_path / "calls.json").write_text(json.dumps([row[:2] for row in JSON_CALLS]), "utf-8")
    script = (
        f"const {{Dial}} = require({json.dumps(str(PROJECT / 'examples/dial/dial.js'))});"
        "const dial = Dial.load('dial.json'); const calls = require('./calls.json');"
        "const own = [[`bare`, {amount: NaN}], [`bare`, {amount: 20, x: undefined}],"
        "[`bare`, {amount: 20n}], [`bare`, new Map([[`amount`, 20]])], [`bare`, {amount: 1e400}],"
        "[`bare`, {get amount() { throw new Error(); }}], [`bare`, {amount: new Date()}],"
        "[`bare`, undefined], [[`bare`], {amount: 20}], [undefined, {}]];"
        "const found = [...calls, ...own].map(([name, args]) => dial.mode(name, args));"
        "console.log(JSON.stringify(found))"
    )
    node = subprocess.run(
        ["node", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = json.loads(node.stdout)
    expected = [row[2] for row in JSON_CALLS] + [STRICT] * 8 + [UNKNOWN] * 2
    wrong = [(call, mode) for call, mode in zip(JSON_CALLS, found, strict=False) if mode != call[2]]
    assert wrong == []
    assert found == expected


def test_rego_answers_the_table() -> None:
    rego = regopy.Interpreter()
    rego.add_data_json(json.dumps(export_opa(ACTIONS, MODES, TOOLS)))
    rego.add_module("dial", (PROJECT / "examples/dial/dial.rego").read_text("utf-8"))
    for name, arguments, mode in JSON_CALLS:
        rego.set_input({"tool": name, "arguments": arguments})
        (found,) = json.loads(str(rego.query("data.agent.dial.mode")))["expressions"]
        assert (name, arguments, found) == (name, arguments, mode)


def _mode_of_json(document: dict[str, Any], name: Any, arguments: Any) -> str:
    """A reader of the JSON that takes the documentation at its word: the strictest where unsure."""
    if not isinstance(name, str) or name not in document["tools"]:
        return str(document["default"])
    key = "strictest" if isinstance(arguments, dict) else "no_object"
    return str(document["tools"][name][key])


def test_the_json_alone_never_opens_more_than_python() -> None:
    document = export_dial(ACTIONS, MODES, TOOLS)
    order = ["shadow", "in_the_loop", "on_the_loop", "out_of_the_loop"]
    for name, arguments, mode in JSON_CALLS:
        assert order.index(_mode_of_json(document, name, arguments)) <= order.index(mode)


@pytest.mark.parametrize(
    ("when", "kinds"),
    [
        (None, {}),
        ({"required": ["a"]}, {}),
        ({"properties": {"a": {"maximum": 5}}}, {("a",): {"number"}}),
        ({"properties": {"a": {"type": "integer", "maximum": 5}}}, {("a",): {"integer"}}),
        ({"properties": {"a": {"pattern": "x"}}}, {("a",): {"string"}}),
        ({"properties": {"a": {"enum": ["x", None]}}}, {("a",): {"string", "null"}}),
        ({"not": {"properties": {"a": {"minimum": 5}}}}, {("a",): {"number"}}),
        (
            {"properties": {"a": {"items": {"maximum": 5}}}},
            {("a",): {"array"}, ("a", "*"): {"number"}},
        ),
        (
            {"properties": {"a": {"properties": {"b": {"maximum": 5}}}}},
            {("a",): {"object"}, ("a", "b"): {"number"}},
        ),
        (
            {"$defs": {"m": {"maximum": 5}}, "properties": {"a": {"$ref": "#/$defs/m"}}},
            {("a",): {"number"}},
        ),
    ],
)
def test_a_condition_says_what_it_compares(when: Any, kinds: Any) -> None:
    assert compared_kinds(when) == kinds
