"""What differs between two registries beside arguments: names, permissions, results, classes."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.files import time_bounds
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.tools import ToolRegistry, parse_tools
from dialgate_gate.changes.invalidated_cases import describe_invalidated, invalidated_calls
from dialgate_gate.changes.tool_drift.schema_drift import compare_registries, worst
from tests.gate.changes.tool_drift.schema_changes import INTEGER, STRING, named, takes
from tests.workspaces import a_case


def a_tool(name: str = "pay", **more: Any) -> dict[str, Any]:
    return {"name": name, "parameters": takes("id", id=STRING), **more}


def tools(*documents: dict[str, Any]) -> ToolRegistry:
    return ToolRegistry(tools={tool.name: tool for tool in parse_tools(documents)})


def classes(**named: dict[str, Any]) -> ActionRegistry:
    usual = {"effect": "write", "blast_radius": "low", "reversible": True}
    parsed = parse_classes({"class": {name: {**usual, **item} for name, item in named.items()}})
    return ActionRegistry(classes=parsed)


def found(before: ToolRegistry, now: ToolRegistry, **actions: Any) -> list[tuple[str, str]]:
    drifts = compare_registries(baseline=before, candidate=now, **actions)
    return [(drift.place(item), item.kind.value) for drift in drifts for item in drift.findings]


def details(before: ToolRegistry, now: ToolRegistry, **actions: Any) -> str:
    drifts = compare_registries(baseline=before, candidate=now, **actions)
    return " ".join(item.detail for drift in drifts for item in drift.findings)


class TestTools:
    """Tools come, go and get other names."""

    def test_equal_registries_do_not_differ(self) -> None:
        assert found(tools(a_tool()), tools(a_tool())) == []
        assert worst(()) is None

    def test_names_on_which_a_pattern_never_ends_are_undecided_in_time(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A change brings both, the pattern and a thousand names: given up a few times in all."""
        monkeypatch.setattr(time_bounds, "PATTERN_S", 0.05)
        names = {f"{'a' * 40}{number}!": STRING for number in range(1_000)}
        slow = {"type": "object", "patternProperties": {"^(a+|1*)+$": INTEGER}}
        before = {"name": "pay", "parameters": slow}
        now = {"name": "pay", "parameters": {**slow, "properties": names}}
        assert {kind for _, kind in found(tools(before), tools(now))} == {"undecided"}

    def test_a_new_tool_widens(self) -> None:
        now = tools(a_tool(), {"name": "read_clock", "description": "Tells the time."})
        assert found(tools(a_tool()), now) == [("tools.json#/read_clock", "widening")]

    def test_a_tool_that_is_gone_breaks_its_callers(self) -> None:
        before = tools(a_tool(), {"name": "read_clock", "description": "Tells the time."})
        place = "tools.json#/read_clock"
        assert found(before, tools(a_tool())) == [(place, "breaking_for_callers")]

    def test_a_renamed_tool_is_recognised_by_what_it_takes_and_says(self) -> None:
        before = tools(a_tool("book_reservation", description="Books a flight for a customer."))
        now = tools(a_tool("create_booking", description="Books a flight for one customer."))
        (drift,) = compare_registries(baseline=before, candidate=now)
        assert (drift.name, drift.was) == ("create_booking", "book_reservation")
        assert drift.kind.value == "breaking_for_callers"
        assert "Probably book_reservation renamed" in drift.findings[0].detail

    def test_a_renamed_tool_is_compared_with_the_old_one(self) -> None:
        before = tools(a_tool("pay_out", description="Pays a customer."))
        now = tools(
            a_tool("payout", description="Pays a customer.", parameters=takes("id", id=INTEGER))
        )
        kinds = dict(found(before, now))
        # One argument of another type: too little alike, so the tool is gone and another new.
        assert kinds == {
            "tools.json#/pay_out": "breaking_for_callers",
            "tools.json#/payout": "widening",
        }
        more = {"id": STRING, "note": STRING, "amount": INTEGER}
        before = tools(
            a_tool("pay_out", description="Pays.", parameters=named("id", properties=more))
        )
        more["note"] = {"type": "string", "maxLength": 5}
        now = tools(a_tool("payout", description="Pays.", parameters=named("id", properties=more)))
        assert dict(found(before, now)) == {
            "tools.json#/payout": "breaking_for_callers",
            "tools.json#/payout/note": "breaking",
        }

    def test_tools_that_are_little_alike_are_not_one_renamed(self) -> None:
        before = tools(a_tool("get_user", description="Looks a user up by id."))
        now = tools(a_tool("drop_table", description="Deletes a whole table for good."))
        assert {kind for _, kind in found(before, now)} == {"breaking_for_callers", "widening"}
        assert "renamed" not in details(before, now)

    def test_two_renamed_tools_are_not_confused(self) -> None:
        names = {"send_mail": "mail_customer", "send_text": "text_customer"}
        said = {"send_mail": "Sends a mail with a subject.", "send_text": "Sends a short message."}
        before = tools(*(a_tool(name, description=said[name]) for name in names))
        now = tools(*(a_tool(new, description=said[old]) for old, new in names.items()))
        drifts = compare_registries(baseline=before, candidate=now)
        assert {drift.was: drift.name for drift in drifts} == names

    def test_names_are_escaped_in_pointers(self) -> None:
        before = tools(a_tool("a/b", parameters=named(properties={"x~/y": STRING})))
        now = tools(a_tool("a/b", parameters=named(properties={"x~/y": INTEGER})))
        assert found(before, now) == [("tools.json#/a~1b/x~0~1y", "breaking")]


class TestBesideArguments:
    """What stands beside a tool's arguments."""

    @pytest.mark.parametrize(
        ("before", "now", "kinds"),
        [
            pytest.param({}, {"description": "Pays at once."}, ["text"], id="a description"),
            pytest.param({"title": "Pay"}, {"title": "Pay out"}, ["text"], id="a title"),
            pytest.param({}, {"title": None}, [], id="a null that says nothing"),
            pytest.param(
                {"parameters": takes("a", "b", a=STRING, b=STRING)},
                {"parameters": takes("b", "a", a=STRING, b=STRING)},
                ["compatible"],
                id="required names in another order",
            ),
            pytest.param({}, {"strict": True}, ["text"], id="how the provider samples"),
            pytest.param({}, {"x-team": "billing"}, ["text"], id="an extension"),
            pytest.param(
                {"annotations": {"readOnlyHint": True}},
                {"annotations": {"readOnlyHint": False}},
                ["breaking_for_callers"],
                id="a tool that only read may write",
            ),
            pytest.param(
                {"annotations": {"readOnlyHint": False}},
                {"annotations": {"readOnlyHint": True}},
                ["breaking_for_callers"],
                id="a tool that wrote claims to read only, so hosts stop asking",
            ),
            pytest.param(
                {},
                {"annotations": {"readOnlyHint": True, "openWorldHint": False}},
                ["text"],
                id="hints that are declared for the first time",
            ),
            pytest.param(
                {"annotations": {"destructiveHint": False}},
                {},
                ["breaking_for_callers"],
                id="a missing hint means the worse",
            ),
            pytest.param(
                {},
                {"annotations": {"destructiveHint": True}},
                ["compatible"],
                id="a hint that spells out what a missing one means",
            ),
            pytest.param(
                {"annotations": {"readOnlyHint": True}},
                {"annotations": {"readOnlyHint": True, "destructiveHint": False}},
                ["compatible"],
                id="a hint on writes of a tool that only reads",
            ),
            pytest.param(
                {}, {"annotations": {"title": "Pay"}}, ["text"], id="a title among the annotations"
            ),
            pytest.param(
                {}, {"annotations": {"dangerHint": 1}}, ["undecided"], id="an unknown annotation"
            ),
            pytest.param(
                {"requiredScopes": ["pay"]},
                {"requiredScopes": ["pay", "admin"]},
                ["breaking_for_callers"],
                id="a permission under a key of its own",
            ),
            pytest.param({}, {"kind": 7}, ["undecided"], id="a key that nobody knows"),
            pytest.param(
                {"x-idempotency-key": "/id"},
                {},
                ["breaking_for_callers"],
                id="a repeated call is no longer harmless",
            ),
            pytest.param(
                {"outputSchema": takes("a", a=STRING)},
                {"outputSchema": takes(a=STRING)},
                ["breaking_for_callers"],
                id="a result may lack what it had",
            ),
            pytest.param(
                {"outputSchema": takes(a=STRING)},
                {"outputSchema": takes("a", a=STRING)},
                ["compatible"],
                id="a result always has what it could have",
            ),
            pytest.param(
                {"outputSchema": takes(a=STRING)},
                {},
                ["breaking_for_callers"],
                id="a result is no longer promised",
            ),
            pytest.param({}, {"outputSchema": takes(a=STRING)}, ["text"], id="a result described"),
        ],
    )
    def test_it_has_its_kind(
        self, before: dict[str, Any], now: dict[str, Any], kinds: list[str]
    ) -> None:
        assert [kind for _, kind in found(tools(a_tool(**before)), tools(a_tool(**now)))] == kinds

    def test_both_shapes_of_a_tool_are_the_same_tool(self) -> None:
        schema = takes("id", id=STRING)
        mcp = tools({"name": "pay", "description": "Pays.", "inputSchema": schema})
        openai = tools({"name": "pay", "description": "Pays.", "parameters": schema})
        assert found(mcp, openai) == []


class TestClasses:
    """A tool whose calls belong to another class moved, though its schema did not."""

    def test_a_tool_in_another_class_breaks_callers(self) -> None:
        before = classes(money={"tools": ["pay"]}, other={"tools": ["x"]})
        now = classes(money={"tools": ["x"]}, other={"tools": ["pay"]})
        registry = tools(a_tool())
        moved = {"baseline_actions": before, "candidate_actions": now}
        assert found(registry, registry, **moved) == [("tools.json#/pay", "breaking_for_callers")]
        assert details(registry, registry, **moved) == (
            "Its calls belonged to money (write, low, reversible); "
            "now to other (write, low, reversible)."
        )

    @pytest.mark.parametrize(
        "change",
        [
            {"effect": "read"},
            {"blast_radius": "high"},
            {"reversible": False},
            {"when": {"required": ["id"]}},
            {"tools": ["x"]},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_a_class_that_means_something_else_is_another(self, change: dict[str, Any]) -> None:
        before = classes(money={"tools": ["pay"]})
        now = classes(money={"tools": ["pay"], **change})
        kinds = found(
            tools(a_tool()), tools(a_tool()), baseline_actions=before, candidate_actions=now
        )
        assert kinds == [("tools.json#/pay", "breaking_for_callers")]

    def test_the_same_classes_are_no_change(self) -> None:
        same = classes(money={"tools": ["pay"], "when": {"required": ["id"]}})
        again = classes(money={"tools": ["pay"], "when": {"required": ["id"]}})
        registry = tools(a_tool())
        assert found(registry, registry, baseline_actions=same, candidate_actions=again) == []


class TestInvalidatedCases:
    """Golden data is named where a call of it was valid and is not now."""

    BEFORE = tools(a_tool(), a_tool("look_up"))
    NOW = tools(a_tool(parameters=takes("id", id={"type": "string", "maxLength": 2})))

    def calls(self, **case: Any) -> list[tuple[str, str]]:
        parsed = parse_case(a_case("c", **case))
        named = invalidated_calls([parsed], baseline=self.BEFORE, candidate=self.NOW)
        return [(call.pointer, call.detail) for call in named]

    def test_an_expected_call_that_is_refused_now_is_named_with_why(self) -> None:
        pay = {"name": "pay", "arguments": {"id": "long"}}
        assert self.calls(actions=[pay]) == [("/expect/actions/0", "/id: 'long' is too long.")]

    def test_recordings_and_alternatives_count(self) -> None:
        pay = {"name": "pay", "arguments": {"id": "long"}}
        recording = {"name": "look_up", "arguments": {"id": "x"}, "result": 1}
        named = self.calls(recordings=[recording], expect={"alternatives": [[pay]]})
        assert [pointer for pointer, _ in named] == ["/recordings/0", "/expect/alternatives/0/0"]
        assert named[0][1] == "There is no tool look_up."

    def test_a_loose_pattern_is_judged_by_its_tool_alone(self) -> None:
        loose = [{"name": "pay", "where": {}}, {"name": "look_up", "where": {}}]
        assert [pointer for pointer, _ in self.calls(actions=loose)] == ["/expect/actions/1"]

    def test_a_forbidden_call_may_be_invalid(self) -> None:
        assert self.calls(expect={"forbid": [{"name": "look_up"}]}) == []

    def test_a_call_that_was_wrong_before_is_left_to_lint(self) -> None:
        wrong = {"name": "pay", "arguments": {"id": 7}}
        assert self.calls(actions=[wrong, {"name": "nobody", "arguments": {}}]) == []

    def test_as_changes_there_is_one_for_each_case(self) -> None:
        pay = {"name": "pay", "arguments": {"id": "long"}}
        cases = [parse_case(a_case(name, [pay, pay])) for name in ("b", "a")]
        changes = describe_invalidated(cases, baseline=self.BEFORE, candidate=self.NOW)
        assert [change["path"] for change in changes] == [
            "a#/expect/actions/0",
            "b#/expect/actions/0",
        ]
        assert {change["kind"] for change in changes} == {"invalidated"}
        assert changes[0]["detail"] == (
            "The new schema of pay refuses a call of this case. /id: 'long' is too long. "
            "Calls refused in this case: 2."
        )
