"""A lease is the same in every language: one table of moments, modes and rules for all readers."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import cedarpy
import pytest
import regopy
from hypothesis import given, settings
from hypothesis import strategies as st

from dialgate_evals.actions.action_classes import ActionRegistry, Effect
from dialgate_evals.events.review_events import Mode
from dialgate_gate.audit.cedar_export import export_cedar
from dialgate_gate.audit.dial_export import ExportedLeases, export_dial, export_opa
from dialgate_runtime.leases.lease import Lease
from dialgate_runtime.leases.rules import SKEW_S
from dialgate_runtime.lookup.exported_dial import parse_exported
from dialgate_runtime.lookup.lookup import DialModes, Lookup
from tests.gate.dial_builders import a_class
from tests.integration.command_line import PROJECT
from tests.runtime.lease_builders import HOUR, NOON

if TYPE_CHECKING:
    from pathlib import Path

SMALL = {"properties": {"amount": {"maximum": 50}}, "required": ["amount"]}
PATTERN = {"properties": {"to": {"pattern": "(a|b)+$"}}, "required": ["to"]}
ACTIONS = ActionRegistry(
    classes=(
        a_class(name="small", tools=("refund",), when=SMALL),
        a_class(name="large", tools=("refund",)),
        a_class(name="mail", tools=("send",), when=PATTERN),
        a_class(name="look", tools=("look",), effect=Effect.READ),
    )
)
CALLS: list[tuple[str, Any]] = [
    ("refund", {"amount": 5}),
    ("refund", {"amount": 500}),
    ("refund", {"amount": "much"}),
    ("refund", None),
    ("send", {"to": "a"}),
    ("look", {}),
    ("unknown", {}),
]
MOMENTS = [NOON - SKEW_S - 1, NOON - SKEW_S, NOON, NOON + HOUR - 1, NOON + HOUR, NOON + 9 * HOUR]


def exported(
    modes: dict[str, Mode], leases: dict[str, Mode | None], *, required: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The JSON and the data for OPA, with leases from noon for an hour."""
    held = {
        name: Lease(action_class=name, mode=mode, issued_at=NOON, not_after=NOON + HOUR, keyid="k")
        for name, mode in leases.items()
        if mode is not None
    }
    kept = ExportedLeases(
        suite="desk",
        release={"name": "desk", "version": "1", "fingerprint": "sha256:" + "a" * 64},
        rules={"schema": 1, "required": required, "skew_s": SKEW_S, "keys": [], "revoked": []},
        held=held,
    )
    every = {**modes, "unclassified": Mode.IN_THE_LOOP}
    found = export_dial(ACTIONS, every, None, kept), export_opa(ACTIONS, every, None, kept)
    return json.loads(json.dumps(found[0])), json.loads(json.dumps(found[1]))


def by_runtime(document: dict[str, Any], now: float) -> list[str]:
    found, problems = parse_exported(document)
    assert found is not None, problems
    dial = DialModes(modes=found.modes, leased=found.leased, held=found.held, rules=found.rules)
    lookup = Lookup(found.calls, dial, lambda: now)
    return [lookup.mode(*call).value for call in CALLS]


NAMES = [item.name for item in ACTIONS.classes]
MODES = st.fixed_dictionaries({name: st.sampled_from(Mode) for name in NAMES})
LEASES = st.fixed_dictionaries(
    {name: st.none() | st.sampled_from(Mode) for name in ("small", "large", "mail")}
)


@settings(max_examples=6)
@given(MODES, LEASES, st.booleans(), st.sampled_from(MOMENTS))
def test_rego_says_what_the_runtime_says(
    modes: dict[str, Mode], leases: dict[str, Mode | None], required: bool, now: float
) -> None:
    document, data = exported(modes, leases, required=required)
    rego = regopy.Interpreter()
    rego.add_data_json(json.dumps(data))
    rego.add_module("dial", (PROJECT / "examples/dial/dial.rego").read_text("utf-8"))
    found = []
    for tool, arguments in CALLS:
        rego.set_input({"tool": tool, "arguments": arguments, "now": now})
        (mode,) = json.loads(str(rego.query("data.agent.dial.mode")))["expressions"]
        found.append(mode)
    assert found == by_runtime(document, now)


def test_rego_without_a_moment_knows_no_lease() -> None:
    every = dict.fromkeys(NAMES, Mode.OUT_OF_THE_LOOP)
    _, data = exported(every, dict.fromkeys(NAMES, Mode.OUT_OF_THE_LOOP), required=True)
    rego = regopy.Interpreter()
    rego.add_data_json(json.dumps(data))
    rego.add_module("dial", (PROJECT / "examples/dial/dial.rego").read_text("utf-8"))
    for now in ({}, {"now": "2025-11-30T12:00:00Z"}, {"now": None}):
        rego.set_input({"tool": "refund", "arguments": {"amount": 5}, **now})
        (mode,) = json.loads(str(rego.query("data.agent.dial.mode")))["expressions"]
        assert mode == "in_the_loop"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_javascript_says_what_the_runtime_says(tmp_path: Path) -> None:
    """Some hundred dials in one process of Node."""
    rows = []
    for index, mode in enumerate(Mode):
        for held in (None, *Mode):
            for required in (False, True):
                modes = dict(zip(NAMES, [mode, list(Mode)[-index - 1], mode, mode], strict=True))
                leases = {"small": held, "large": held, "mail": held}
                document, _ = exported(modes, leases, required=required)
                rows += [(document, now) for now in MOMENTS]
    (tmp_path / "rows.json").write_text(json.dumps([rows, CALLS]), "utf-8")
    script = (
        f"const {{Dial}} = require({json.dumps(str(PROJECT / 'examples/dial/dial.js'))});"
        "const [rows, calls] = require('./rows.json');"
        "console.log(JSON.stringify(rows.map(([document, now]) => {"
        "const dial = new Dial(document, () => now);"
        "return calls.map(([name, args]) => dial.mode(name, args)); })))"
    )
    node = subprocess.run(
        ["node", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = json.loads(node.stdout)
    assert len(found) == len(rows) == 240
    assert found == [by_runtime(document, now) for document, now in rows]


def permitted(policies: str, kind: str, name: str, now: float | None) -> str:
    """The mode with the most autonomy that Cedar permits; each one below it is permitted too."""
    modes = []
    for mode in Mode:
        request = {
            "principal": 'Dialgate::Agent::"a"',
            "action": f'Dialgate::Action::"{mode.value}"',
            "resource": f'Dialgate::{kind}::"{name}"',
            "context": {} if now is None else {"now": int(now)},
        }
        answer = cedarpy.is_authorized(request, policies, [])
        assert not answer.diagnostics.errors
        modes.append(answer.allowed)
    assert modes == sorted(modes, reverse=True)
    return list(Mode)[modes.count(True) - 1].value


@settings(max_examples=15)
@given(MODES, LEASES, st.booleans(), st.sampled_from(MOMENTS))
def test_cedar_permits_what_the_runtime_says(
    modes: dict[str, Mode], leases: dict[str, Mode | None], required: bool, now: float
) -> None:
    document, _ = exported(modes, leases, required=required)
    policies = export_cedar(document)
    found, _ = parse_exported(document)
    assert found is not None
    dial = DialModes(modes=found.modes, leased=found.leased, held=found.held, rules=found.rules)
    lookup = Lookup(found.calls, dial, lambda: now)
    for standing in lookup.standings():
        name = standing.action_class
        assert permitted(policies, "Class", name, now) == standing.effective.value
    for tool in ("refund", "send", "look"):
        strictest = lookup.mode(tool, {"amount": float("nan")})
        if tool == "look":
            strictest = lookup.mode(tool, {})
        assert permitted(policies, "Tool", tool, now) == strictest.value


def test_cedar_without_a_moment_knows_no_lease() -> None:
    every = dict.fromkeys(NAMES, Mode.OUT_OF_THE_LOOP)
    document, _ = exported(every, dict.fromkeys(NAMES, Mode.OUT_OF_THE_LOOP), required=True)
    assert permitted(export_cedar(document), "Class", "small", None) == "in_the_loop"


@pytest.mark.parametrize(
    "name", ['x" == "x', "a\\b", "line\nfeed", "\u2028", "nul\0", '"; permit(principal,'], ids=repr
)
def test_a_name_is_no_policy_of_its_own(name: str) -> None:
    actions = ActionRegistry(classes=(a_class(name=name, tools=(name,)),))
    modes = {name: Mode.IN_THE_LOOP, "unclassified": Mode.IN_THE_LOOP}
    policies = export_cedar(export_dial(actions, modes))
    assert json.loads(cedarpy.policies_to_json_str(policies))
    assert policies.count("permit (") == 6
