"""Which class a call belongs to, and an expected call."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.actions.action_classes import (
    UNCLASSIFIED,
    ActionRegistry,
    BlastRadius,
    Effect,
    parse_classes,
    pinned_arguments,
)
from dialgate_evals.actions.action_pattern import ActionPattern


def registry(**classes: Any) -> ActionRegistry:
    usual = {"effect": "write", "blast_radius": "low", "reversible": True}
    document = {"class": {name: {**usual, **item} for name, item in classes.items()}}
    return ActionRegistry(classes=parse_classes(document))


def over(limit: float) -> dict[str, Any]:
    return {"properties": {"n": {"exclusiveMinimum": limit}}, "required": ["n"]}


SIZES = registry(
    huge={"tools": ["pay"], "when": over(1000)},
    large={"tools": ["pay", "send"], "when": over(100)},
    small={"tools": ["pay"]},
)


@pytest.mark.parametrize(
    ("tool", "arguments", "name"),
    [
        ("pay", {"n": 5000}, "huge"),
        ("pay", {"n": 500}, "large"),
        ("pay", {"n": 100}, "small"),
        ("pay", {}, "small"),
        ("send", {"n": 500}, "large"),
        ("send", {"n": 5}, "unclassified"),
        ("other", {}, "unclassified"),
    ],
)
def test_the_first_match_in_file_order_wins(
    tool: str, arguments: dict[str, Any], name: str
) -> None:
    assert SIZES.classify(tool, arguments).name == name


def test_a_later_class_never_takes_a_call_from_an_earlier_one() -> None:
    turned = registry(small={"tools": ["pay"]}, huge={"tools": ["pay"], "when": over(1000)})
    assert turned.classify("pay", {"n": 5000}).name == "small"


def test_of_a_tool_in_no_class_the_worst_is_assumed() -> None:
    assert (UNCLASSIFIED.effect, UNCLASSIFIED.blast_radius, UNCLASSIFIED.reversible) == (
        Effect.WRITE,
        BlastRadius.HIGH,
        False,
    )
    assert SIZES.get("unclassified") is UNCLASSIFIED
    assert SIZES.get("none") is None


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ({"arguments": {"n": 500}}, "large"),
        ({"where": {"properties": {"n": {"const": 5000}}}}, "huge"),
        ({"where": {"properties": {"n": {"enum": [500, 5]}}}}, "large"),
        ({"where": {"properties": {"n": {"minimum": 2000}}}}, "huge"),
        ({"where": {"properties": {"n": {"maximum": 3}}}}, "small"),
        ({"where": {"properties": {"n": {"exclusiveMinimum": 100}}}}, "large"),
        ({"where": {"properties": {"n": {"exclusiveMaximum": 101}}}}, "small"),
        ({"where": {"required": ["n"]}}, "small"),
        ({}, "small"),
    ],
    ids=str,
)
def test_an_expected_call_has_the_class_that_its_schema_pins(
    pattern: dict[str, Any], name: str
) -> None:
    assert SIZES.classify_pattern(ActionPattern(name="pay", **pattern)).name == name


def test_a_pattern_that_pins_nothing_has_the_first_class_of_its_tool() -> None:
    assert SIZES.classify_pattern(ActionPattern(name="send", where={})).name == "large"
    assert SIZES.classify_pattern(ActionPattern(name="none", where={})) is UNCLASSIFIED


def test_a_pattern_without_arguments_can_mean_every_class_of_its_tool() -> None:
    def names(**more: Any) -> list[str]:
        return [c.name for c in SIZES.possible_classes(ActionPattern(name="pay", **more))]

    assert names() == ["huge", "large", "small"]
    assert names(arguments={"n": 1}) == ["small"]
    assert names(where=over(2000)) == ["huge"]
    assert SIZES.possible_classes(ActionPattern(name="none")) == (UNCLASSIFIED,)


@pytest.mark.parametrize("where", [{}, {"properties": True}, {"properties": {"n": True}}])
def test_a_schema_that_pins_nothing_pins_nothing(where: dict[str, Any]) -> None:
    assert pinned_arguments(where) == {}


def test_radii_are_ranked() -> None:
    assert [BlastRadius(word).rank for word in ("low", "medium", "high")] == [0, 1, 2]


@pytest.mark.parametrize(("key", "word"), [("effect", "delete"), ("blast_radius", "huge")])
def test_an_unknown_word_is_an_error(key: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        registry(x={"tools": ["t"], key: word})


def test_names_are_in_file_order() -> None:
    assert SIZES.names == ("huge", "large", "small")
    assert [c.name for c in SIZES.classes_of_tool("send")] == ["large"]
