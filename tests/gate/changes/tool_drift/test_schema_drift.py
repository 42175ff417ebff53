"""What a changed tool schema does to calls: a table of changes, and soundness for any change."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialgate_evals.files.schema_validation import DocumentValidator, schema_defects
from dialgate_gate.changes.tool_drift.normal_form import put_references_in_place
from dialgate_gate.changes.tool_drift.parameters import is_shown
from dialgate_gate.changes.tool_drift.schema_drift import Drift, compare_parameters
from dialgate_gate.changes.tool_drift.witness import sample_values
from tests.example_counts import up_to
from tests.gate.changes.tool_drift.schema_changes import ALL, MCP_SERVERS, STRING, named, takes
from tests.gate.changes.tool_drift.schema_pairs import atoms, edited, inner_schemas, names, schemas
from tests.gate.changes.tool_drift.schema_traps import TRAPS

EDITS = 8
SCHEMAS = int(os.environ.get("DIALGATE_SCHEMAS", "40"))
"""Generated schemas that are edited; each edit makes a pair."""
HARMLESS = {Drift.COMPATIBLE, Drift.WIDENING, Drift.TEXT, Drift.BREAKING_FOR_CALLERS}
# of arguments: what breaks callers there is a default or a dropped name, never validity


def kinds(before: dict[str, Any], now: dict[str, Any]) -> dict[str, str]:
    found = compare_parameters(baseline=before, candidate=now)
    return {item.pointer: item.kind.value for item in found}


def worst_kind(before: dict[str, Any], now: dict[str, Any]) -> Drift:
    found = compare_parameters(baseline=before, candidate=now)
    return min((item.kind for item in found), key=lambda kind: kind.rank, default=Drift.COMPATIBLE)


class TestTable:
    """Each change has its kind at its place, and nothing else differs."""

    @pytest.mark.parametrize(("before", "now", "expected"), ALL)
    def test_the_change_has_its_kind(
        self, before: dict[str, Any], now: dict[str, Any], expected: dict[str, str]
    ) -> None:
        assert schema_defects(before) == schema_defects(now) == []
        assert kinds(before, now) == expected

    @pytest.mark.parametrize(("before", "now", "expected"), ALL)
    def test_a_schema_does_not_differ_from_itself(
        self, before: dict[str, Any], now: dict[str, Any], expected: dict[str, str]
    ) -> None:
        assert kinds(before, before) == kinds(now, now) == {}

    def test_the_table_has_sixty_rows_of_which_ten_are_servers(self) -> None:
        assert len(ALL) >= 60
        assert len(MCP_SERVERS) == 10
        assert len({param.id for param in ALL}) == len(ALL)


class TestTraps:
    """A change that refuses a value which was valid is an alarm, however harmless it looks."""

    @pytest.mark.parametrize(("before", "now", "value"), TRAPS)
    def test_the_change_is_no_harmless_one(self, before: Any, now: Any, value: Any) -> None:
        old, new = takes(a=before), takes(a=now)
        assert DocumentValidator(old).is_valid({"a": value})
        assert not DocumentValidator(new).is_valid({"a": value})
        assert worst_kind(old, new) in {Drift.BREAKING, Drift.UNDECIDED}
        assert not is_shown(put_references_in_place(old), put_references_in_place(new))


class TestHostileSchemas:
    """A schema from a server that nobody trusts costs neither time nor memory without end."""

    @pytest.mark.parametrize("pattern", ["^(a+)+b$", "^(a|aa)+$", "^((x*)*y)$"])
    def test_a_pattern_of_exponential_cost_is_never_tried(self, pattern: str) -> None:
        texts = {"enum": ["a" * 60, "b"], "pattern": pattern}
        assert kinds(takes(a={"enum": ["a" * 60, "b"]}), takes(a=texts)) == {"/a": "undecided"}
        assert kinds(takes(a=texts), takes(a=texts)) == {}

    def test_a_pattern_of_exponential_cost_on_names_is_never_tried(self) -> None:
        before = {**named(properties={"a" * 60: STRING}), "patternProperties": {"^(a+)+b$": STRING}}
        assert kinds(before, {**before, "minProperties": 1}) == {"": "undecided"}

    def test_references_that_multiply_are_not_followed_without_end(self) -> None:
        levels = {
            f"x{n}": {"anyOf": [{"$ref": f"#/$defs/x{n + 1}"}] * 10} for n in range(30)
        }  # ten to the power of thirty alternatives
        bomb = {**takes(a={"$ref": "#/$defs/x0"}), "$defs": {**levels, "x30": STRING}}
        assert kinds(bomb, {**bomb, "minProperties": 1}) == {"": "undecided"}

    def test_alternatives_that_multiply_end_undecided(self) -> None:
        pair = [{"minLength": 1}, {"maxLength": 3}]
        many: dict[str, Any] = {"allOf": [{"anyOf": pair} for _ in range(40)]}
        assert kinds(takes(a=many), takes(a={**many, "pattern": "^[ab]*$"}))["/a"] in {
            "breaking",
            "undecided",
        }


some_arguments = st.dictionaries(
    names, atoms | st.dictionaries(names, atoms, max_size=2), max_size=3
)


def judge_pair(before: dict[str, Any], now: dict[str, Any], calls: list[Any]) -> Counter[str]:
    """Counts what was seen; fails where a harmless change refuses a call."""
    kind = worst_kind(before, now)
    seen = Counter({"pairs": 1, kind.value: 1})
    if kind in HARMLESS:
        takes, takes_still = DocumentValidator(before), DocumentValidator(now)
        for call in [*calls, *calls_of(now)]:
            if takes.is_valid(call):
                seen["calls"] += 1
                assert takes_still.is_valid(call), f"{before} → {now}: {kind.value}, {call}"
    return seen


def calls_of(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Objects at and around what the schema asks for."""
    values = sample_values(put_references_in_place(schema))
    return list(itertools.islice((value for value in values if isinstance(value, dict)), 12))


class TestSoundness:
    """Where the answer is harmless, no call that was valid is invalid; a validator is the judge."""

    def test_no_harmless_change_refuses_a_call_that_was_valid(self) -> None:
        seen: Counter[str] = Counter()

        @settings(max_examples=SCHEMAS)
        @given(schemas(), st.lists(some_arguments, min_size=2, max_size=2), st.data())
        def try_edits(before: dict[str, Any], drawn: list[Any], data: st.DataObject) -> None:
            calls = [*calls_of(before), *drawn]
            for _ in range(EDITS):
                seen.update(judge_pair(before, data.draw(edited(before)), calls))

        try_edits()
        assert seen["pairs"] >= 8 * SCHEMAS
        # The claim is worth something: many pairs are harmless and differ, many more are not.
        assert seen["widening"] >= 8
        assert seen["breaking"] >= 48
        assert seen["calls"] >= 800

    @up_to(100)
    @given(schemas(), inner_schemas, st.lists(some_arguments, max_size=4))
    def test_a_new_argument_refuses_no_call_without_it(
        self, before: dict[str, Any], argument: Any, drawn: list[Any]
    ) -> None:
        now = {**before, "properties": {**before["properties"], "new": argument}}
        if worst_kind(before, now) is Drift.NEW_ARGUMENT:
            takes, takes_still = DocumentValidator(before), DocumentValidator(now)
            for call in [*calls_of(before), *calls_of(now), *drawn]:
                if "new" not in call and takes.is_valid(call):
                    assert takes_still.is_valid(call)
