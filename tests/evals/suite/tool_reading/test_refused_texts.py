"""Texts that a schema refuses are read as the values that it takes; nothing else is changed."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.suite.tools import parse_tools

SCHEMA = {
    "type": "object",
    "properties": {
        "n": {"type": "number"}, "yes": {"type": "boolean"}, "text": {"type": "string"},
        "either": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "list": {"type": "array", "items": {"type": "integer"}},
        "inner": {"type": "object", "properties": {"n": {"type": "integer"}}},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"n": "10"}, {"n": 10}),
        ({"n": " 1.5 "}, {"n": 1.5}),
        ({"n": "ten"}, {"n": "ten"}),
        ({"n": "true"}, {"n": "true"}),
        ({"yes": "true"}, {"yes": True}),
        ({"yes": "False"}, {"yes": False}),
        ({"text": "10"}, {"text": "10"}),
        ({"text": 10}, {"text": 10}),
        ({"either": "7"}, {"either": 7}),
        ({"either": "None"}, {"either": None}),
        ({"list": "[1, 2]"}, {"list": [1, 2]}),
        ({"list": ["1", 2]}, {"list": [1, 2]}),
        ({"inner": '{"n": "3"}'}, {"inner": {"n": 3}}),
        ('{"n": "10"}', {"n": 10}),
        ([1], {}),
        ("garbage", {}),
        (None, {}),
    ],
)
def test_each_way_of_writing(written: Any, read: Any) -> None:
    (tool,) = parse_tools([{"name": "t", "parameters": SCHEMA}])
    assert tool.as_read(written) == read
