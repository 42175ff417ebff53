"""Hostile patterns and schemas cost a bounded time, in any thread."""

from __future__ import annotations

import signal
import threading
from typing import Any

import pytest
from dialgate_evals.files import time_bounds
from dialgate_evals.files.schema_validation import DocumentValidator, schema_defects
from dialgate_evals.files.time_bounds import OutOfTimeError, bounded, found_in

SLOW = "(a+)+$"
TEXT = "a" * 40 + "!"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_bounds, "PATTERN_S", 0.05)
    monkeypatch.setattr(time_bounds, "_too_slow", set())


def test_a_pattern_without_end_is_given_up() -> None:
    with pytest.raises(OutOfTimeError):
        found_in(SLOW, TEXT)
    with pytest.raises(OutOfTimeError):  # at once: what was given up stays so
        found_in(SLOW, "a")


def test_it_is_given_up_in_other_threads_too() -> None:
    outcome: list[object] = []

    def ask() -> None:
        try:
            outcome.append(found_in(SLOW, TEXT))
        except OutOfTimeError as error:
            outcome.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert isinstance(outcome[0], OutOfTimeError)


@pytest.mark.parametrize("in_thread", [False, True])
def test_an_ordinary_pattern_is_found_as_ever(in_thread: bool) -> None:
    found: list[bool] = []

    def ask() -> None:
        found.extend((found_in(r"\bO-\d+\b", "order O-12"), found_in("x+", "y")))

    if in_thread:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    else:
        ask()
    assert found == [True, False]


def test_a_bound_leaves_no_timer_and_no_handler_behind() -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    with bounded(5), bounded(5):
        pass
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_a_schema_s_pattern_without_end_does_not_match() -> None:
    schema = {"properties": {"x": {"pattern": SLOW}}}
    assert not DocumentValidator(schema).is_valid({"x": TEXT})
    assert "can't be decided" in DocumentValidator(schema).errors({"x": TEXT})[0].message


def bomb(levels: int, keyword: str) -> dict[str, Any]:
    """Each level refers twice to the one below."""
    defs: dict[str, Any] = {"a0": {"type": "object"}}
    for level in range(1, levels):
        twice = [{"$ref": f"#/$defs/a{level - 1}"}] * 2
        defs[f"a{level}"] = {keyword: twice} if keyword == "allOf" else deeper(twice)
    return {"$ref": f"#/$defs/a{levels - 1}", "$defs": defs}


def deeper(twice: list[Any]) -> dict[str, Any]:
    return {"properties": {"x": {"allOf": twice}}}


@pytest.mark.parametrize("keyword", ["allOf", "properties"])
def test_references_that_multiply_are_a_defect(keyword: str) -> None:
    (defect,) = schema_defects(bomb(40, keyword))
    assert "its references multiply" in defect


def test_ordinary_reuse_and_recursion_are_none() -> None:
    tree = {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "properties": {"left": {"$ref": "#/$defs/node"}, "right": {"$ref": "#/$defs/node"}},
                "required": ["value"],
            }
        },
    }
    assert schema_defects(tree) == []
    assert schema_defects(bomb(5, "allOf")) == []
    assert DocumentValidator(tree).is_valid({"value": 1, "left": {"value": 2}})
    assert not DocumentValidator(tree).is_valid({"value": 1, "left": {}})


def test_recursion_that_doubles_at_each_level_of_the_data_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dialgate_evals.files.schema_validation.SCHEMA_S", 0.1)
    twice = {"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}
    schema = {"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"x": twice}}}}
    assert schema_defects(schema) == []
    document: dict[str, Any] = {}
    for _ in range(60):
        document = {"x": document}
    assert not DocumentValidator(schema).is_valid(document)
