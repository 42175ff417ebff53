"""What a conversation holds: who speaks, what was said, what was looked up and done already.

Reads the OpenAI chat format. Leaves understanding what was said to `wording`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .desk import key_of

_HEADER = re.compile(r"^\[([^\[\]]+)\]\s*")


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """The messages of a trial, sorted."""

    header: str
    # the channel's own line before the first message: who it is and how they are known
    said: tuple[str, ...]
    # what people wrote, oldest first, without the header
    known: Mapping[tuple[str, str], Any]
    # answers of lookups by tool and arguments
    done: frozenset[tuple[str, str]]
    # refunds already paid in this conversation: tool and order

    @property
    def is_dispatch(self) -> bool:
        """Whether the queue hands over a ticket, so that the ticket's author is who asks."""
        return self.header.startswith("dispatch")

    @property
    def is_staff(self) -> bool:
        """Whether a colleague speaks."""
        return self.header.startswith("staff")

    @property
    def is_signed_in(self) -> bool:
        """Whether the channel knows the customer by their sign-in."""
        return "signed in" in self.header


def read_conversation(messages: Sequence[Mapping[str, Any]]) -> Conversation:
    """The conversation in chat messages."""
    header, said = "", []
    for message in messages:
        if message["role"] == "user":
            text = message["content"]
            found = _HEADER.match(text)
            header = header or (found.group(1) if found else "")
            said.append(text[found.end() :] if found else text)
    known, done = {}, set()
    for name, arguments, answer in _answered_calls(messages):
        if name == "issue_refund":
            done.add((name, arguments["order_id"]))
        else:
            known[name, key_of(arguments)] = answer
    return Conversation(header=header, said=tuple(said), known=known, done=frozenset(done))


def _answered_calls(
    messages: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Calls that were answered with JSON, so that their answers need not be asked for again."""
    answers = {m["tool_call_id"]: m for m in messages if m["role"] == "tool"}
    for message in messages:
        for call in message.get("tool_calls") or ():
            answer = answers.get(call["id"])
            if answer is None or answer.get("error"):
                continue
            try:
                content = json.loads(answer["content"])
            except ValueError:
                continue
            function = call["function"]
            yield function["name"], json.loads(function["arguments"]), content
