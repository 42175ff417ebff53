"""The first step at which a candidate's trials part from the baseline's."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.argument_rules import parse_rules
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.scoring.parting import END, Parting, PathStep, first_parting, path_of
from dialgate_evals.suite.tools import ToolRegistry, parse_tools
from tests.workspaces import a_trial


def steps(names: str) -> tuple[PathStep, ...]:
    """A path of calls, one letter each."""
    return (*(PathStep(key=name, call={"name": name}) for name in names), END)


def parting(before: list[str], now: list[str]) -> Parting | None:
    return first_parting([steps(item) for item in before], [steps(item) for item in now])


def told(found: Parting | None) -> tuple[int, str, str, int]:
    assert found is not None
    return found.step, found.baseline.key or "end", found.candidate.key or "end", found.trials


def test_equal_trials_part_nowhere() -> None:
    assert parting(["abc"], ["abc", "abc"]) is None


def test_the_first_other_call_is_the_step() -> None:
    assert told(parting(["abc"], ["axc"])) == (2, "b", "x", 1)


def test_a_call_less_or_more_parts_where_it_is_missing() -> None:
    assert told(parting(["ab"], ["a"])) == (2, "b", "end", 1)
    assert told(parting(["a"], ["ab"])) == (2, "end", "b", 1)


def test_of_several_ways_of_the_baseline_the_longest_shared_one_counts() -> None:
    assert told(parting(["axy", "abc"], ["abz"])) == (3, "c", "z", 1)


def test_of_several_trials_the_step_where_most_part_counts() -> None:
    assert told(parting(["abc"], ["xbc", "abx", "abx"])) == (3, "c", "x", 2)


def test_what_the_baseline_did_most_often_stands_beside_it() -> None:
    assert told(parting(["ab", "ab", "ac"], ["ax"])) == (2, "b", "x", 1)


def test_a_side_without_trials_parts_nowhere() -> None:
    assert first_parting([], [steps("a")]) is None
    assert first_parting([steps("a")], []) is None


def test_calls_are_compared_by_the_argument_rules() -> None:
    def path(note: str, rules: dict[str, Any]) -> tuple[PathStep, ...]:
        call = {"name": "pay", "arguments": {"n": 1, "note": note}}
        trial = parse_trajectory(a_trial("c", [call]))
        parsed = {name: parse_rules(rule) for name, rule in rules.items()}
        return path_of(trial, [{"role": "user", "content": "Go."}], parsed)

    assert first_parting([path("a", {})], [path("b", {})]) is not None
    ignoring = {"pay": {"/note": "ignore"}}
    assert first_parting([path("a", ignoring)], [path("b", ignoring)]) is None


def test_calls_of_one_message_have_no_order() -> None:
    def path(*names: str) -> tuple[PathStep, ...]:
        calls = [
            {"id": name, "type": "function", "function": {"name": name, "arguments": "{}"}}
            for name in names
        ]
        messages = [{"role": "assistant", "content": None, "tool_calls": calls}]
        trial = parse_trajectory({"case_id": "c", "trial": 1, "messages": messages})
        return path_of(trial, [], {})

    assert first_parting([path("a", "b")], [path("b", "a")]) is None


def turned(*messages: str) -> tuple[PathStep, ...]:
    """A path of messages, each with calls of one letter."""
    found = [
        PathStep(key=name, call={"name": name}, turn=turn)
        for turn, names in enumerate(messages)
        for name in names
    ]
    return (*found, END)


def test_two_calls_of_one_message_are_the_same_as_two_messages() -> None:
    assert first_parting([turned("ab", "c")], [turned("b", "a", "c")]) is None
    assert told(first_parting([turned("ab", "c")], [turned("b", "a")])) == (3, "c", "end", 1)
    assert told(first_parting([turned("ab")], [turned("b", "c")])) == (2, "a", "c", 1)
    assert told(first_parting([turned("a", "b")], [turned("b", "a")])) == (1, "a", "b", 1)


def test_a_default_that_is_said_is_the_same_as_one_that_is_not() -> None:
    schema = {"type": "object", "properties": {"sender": {"default": None}}}
    tools = {tool.name: tool for tool in parse_tools([{"name": "find", "parameters": schema}])}

    def path(arguments: dict[str, Any]) -> tuple[PathStep, ...]:
        trial = parse_trajectory(a_trial("c", [{"name": "find", "arguments": arguments}]))
        return path_of(trial, [{"role": "user", "content": "Go."}], {}, ToolRegistry(tools=tools))

    assert first_parting([path({})], [path({"sender": None})]) is None
    assert first_parting([path({})], [path({"sender": "a"})]) is not None


PATHS = st.lists(st.text("abc", max_size=4), min_size=1, max_size=4)


@given(PATHS, PATHS)
def test_the_step_is_one_that_no_trial_of_the_baseline_took_there(
    before: list[str], now: list[str]
) -> None:
    found = parting(before, now)
    if found is None:
        assert set(now) <= set(before)
        return
    index = found.step - 1
    parted = [
        path
        for path in map(steps, now)
        if len(path) > index and path[index].key == found.candidate.key
    ]
    assert any(
        all(steps(other)[: index + 1] != path[: index + 1] for other in before) for path in parted
    )
    assert 1 <= found.trials <= found.of == len(now)
