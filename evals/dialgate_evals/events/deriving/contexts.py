"""The context of a reviewed call: an event's messages, cut before the call and what came of it.

Knows where the call stands in messages of any dialect; a context that holds the reviewer's answer
would give it away. Leaves what the decision says to `deriving.claims`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.dialects.front_door import as_chat, read_messages
from dialgate_evals.dialects.reading import as_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.events.deriving.calls import Call, CallJudge
    from dialgate_evals.events.review_events import ReviewEvent

    Message = Mapping[str, Any]


class NoContextError(Exception):
    """Why an event has no context to put an agent into, as a sentence that goes on "it …"."""


def context_before_call(
    event: ReviewEvent, prompts: frozenset[str], judge: CallJudge
) -> list[Message]:
    """The messages before the proposed call, without the release's own prompts before them.

    Raises NoContextError where there are none, or where the call stands can't be told.
    """
    gaps = read_messages(event.messages or ()).gaps
    if gaps:
        raise NoContextError(
            f"has messages that are not understood: {gaps[0].found}; the nearest known form is "
            f"{gaps[0].nearest}"
        )
    messages: list[Message] = list(as_chat(event.messages or ()))
    while messages and _is_prompt(messages[0], prompts):
        del messages[0]
    messages = messages[: _end(messages, event, judge)]
    if messages and messages[-1].get("role") == "assistant" and messages[-1].get("tool_calls"):
        # Calls that nothing answers yet are the proposal itself.
        del messages[-1]
    if not messages:
        why = "no messages" if not event.messages else "no messages before the proposed call"
        raise NoContextError(f"has {why}, so there is no context to put an agent into")
    return messages


def _end(messages: Sequence[Message], event: ReviewEvent, judge: CallJudge) -> int:
    """How many messages stand before the reviewed call."""
    proposed = _places(messages, event.proposed.as_json(), judge)
    if proposed:
        later = messages[proposed[-1] + 1 :]
        if any(message.get("role") == "user" for message in later):
            raise NoContextError(
                "has messages that go on with the user behind a call equal to the proposed one: "
                "where the reviewed call stands can't be told"
            )
        return proposed[-1]
    corrected = event.corrected
    if corrected is not None and _places(messages, corrected.as_json(), judge):
        raise NoContextError(
            "has messages that hold the corrected call and not the proposed one: the context would "
            "give the answer away"
        )
    return len(messages)


def _places(messages: Sequence[Message], call: Call, judge: CallJudge) -> list[int]:
    """The messages that hold an equal call."""
    return [
        index
        for index, message in enumerate(messages)
        if any(judge.are_same(made, call) for made in _calls(message))
    ]


def _calls(message: Message) -> list[Call]:
    found = []
    for made in message.get("tool_calls") or ():
        function = made.get("function") or {}
        arguments = as_data(function.get("arguments"))
        if isinstance(function.get("name"), str) and isinstance(arguments, dict):
            found.append({"name": function["name"], "arguments": arguments})
    return found


def _is_prompt(message: Message, prompts: frozenset[str]) -> bool:
    is_system = message.get("role") in {"system", "developer"}
    return is_system and text_of(message.get("content")).strip() in prompts
