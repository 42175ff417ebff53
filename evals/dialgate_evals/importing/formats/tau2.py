"""tau2-bench's results: each simulation a conversation, its task's actions what is expected.

A simulated user that calls tools of its own is no agent: those calls are left out and listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.found import (
    Conversation,
    Format,
    Left,
    dict_in,
    list_in,
    not_understood,
    one_by_one,
    text_in,
)
from dialgate_evals.importing.user_facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.importing.found import Found


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the document holds simulations, or is one."""
    return bool(list_in(document, "simulations")) or (
        isinstance(document, dict) and {"task_id", "messages", "reward_info"} <= document.keys()
    )


def read(place: str, document: Any) -> Iterator[Found]:  # noqa: ANN401 - JSON data
    """Every simulation that was rewarded in full; others show what went wrong."""
    simulations = list_in(document, "simulations") or [document]
    tools = list_in(dict_in(dict_in(document, "info"), "environment_info"), "tool_defs", "tools")
    users = _users(document)
    for number, simulation in enumerate(simulations):
        where = f"{place} simulations/{number}"
        if not isinstance(simulation, dict) or not list_in(simulation, "messages"):
            yield not_understood(where, simulation, "a simulation with messages")
            continue
        reward = dict_in(simulation, "reward_info").get("reward")
        if reward != 1:
            what = f"a simulation of task {text_in(simulation, 'task_id')} with the reward {reward}"
            yield Left(place=where, what=what, why="what it did is nothing to expect")
            continue
        messages, left = [], 0
        for message in list_in(simulation, "messages"):
            kept, dropped = _plain(message)
            messages += kept
            left += dropped
        if left:
            what = f"{left} calls and answers of the simulated user's own tools"
            yield Left(place=where, what=what, why="a case holds what the agent does")
        yield Conversation(
            id=f"task-{text_in(simulation, 'task_id')}-{text_in(simulation, 'trial') or '0'}",
            place=where,
            messages=messages,
            tools=tools,
            user=users.get(text_in(simulation, "task_id")),
        )


def _users(document: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - JSON data
    """By task: the user that its scenario describes, as facts."""
    found = {}
    for task in list_in(document, "tasks"):
        scenario = dict_in(task, "user_scenario")
        instructions = scenario.get("instructions")
        if isinstance(instructions, str | dict):
            user = facts_of(instructions)
            if user.wants or user.knows:
                facts = {"wants": dict(user.wants), "knows": dict(user.knows)}
                found[text_in(task, "id")] = {"kind": "facts", **facts}
    return found


def _plain(message: Any) -> tuple[list[Any], int]:  # noqa: ANN401 - JSON data
    """The message as the agent's side has it, and how much of the user's own tools it held."""
    if not isinstance(message, dict):
        return [message], 0
    if message.get("role") == "tool":
        several = list_in(message, "tool_messages")
        if several:
            parts = [_plain(item) for item in several]
            return [m for made, _ in parts for m in made], sum(count for _, count in parts)
        if message.get("requestor") == "user":
            return [], 1
        answer = {
            "role": "tool",
            "tool_call_id": message.get("id"),
            "content": message.get("content"),
        }
        return [{**answer, "error": True} if message.get("error") is True else answer], 0
    made = {"role": message.get("role"), "content": message.get("content")}
    calls = list_in(message, "tool_calls")
    if message.get("role") == "user":
        return ([made] if made["content"] else []), len(calls)
    if calls:
        made["tool_calls"] = calls
    return [made], 0


FORMAT = Format(
    name="tau2",
    title="tau2-bench results",
    recognises=recognises,
    read=one_by_one(read),
)
