"""A key stands for every call of its class: other arguments don't matter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.action_classes import ActionRegistry
from dialgate_evals.events.tables.class_keys import ClassKeys
from tests.evals.events.event_tables import ACTIONS, a_class

VALUES = st.none() | st.booleans() | st.integers(0, 400) | st.floats(0, 400) | st.text(max_size=3)
ARGUMENTS = st.dictionaries(st.sampled_from(["amount", "id", "note"]), VALUES)


@given(tool=st.sampled_from(["pay", "mail", "other"]), arguments=ARGUMENTS)
def test_the_class_of_a_key_is_the_class_of_its_calls(tool: str, arguments: dict[str, Any]) -> None:
    keys = ClassKeys.of(ACTIONS)
    found = keys.class_of(tool, keys.key_of(tool, arguments), ACTIONS)
    assert found == ACTIONS.classify(tool, arguments).name


@given(ARGUMENTS, st.text(max_size=5))
def test_an_argument_that_no_condition_looks_at_is_not_in_the_key(
    arguments: dict[str, Any], other: str
) -> None:
    keys = ClassKeys.of(ACTIONS)
    assert keys.key_of("pay", arguments) == keys.key_of("pay", {**arguments, "id": other})


@pytest.mark.parametrize(
    ("when", "names"),
    [
        ({"properties": {"a": {"minimum": 1}}, "required": ["b"]}, ("a", "b")),
        ({"type": "object", "properties": {"a-1": {"enum": [1]}}}, ("a-1",)),
        ({"required": ["it's"]}, None),
        ({"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {}}}, None),
        ({"properties": {"a": {"$ref": "#"}}}, None),
        ({"minProperties": 2}, None),
        ({"anyOf": [{"required": ["a"]}]}, None),
    ],
    ids=json.dumps,
)
def test_only_a_condition_on_named_arguments_is_decided_by_them(
    when: dict[str, Any], names: tuple[str, ...] | None
) -> None:
    actions = ActionRegistry(classes=(a_class("large", "pay", when),))
    assert ClassKeys.of(actions).arguments == {"pay": names}
