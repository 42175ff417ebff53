"""Calls that a client tells the model back as text, and what the tools gave as a user's message.

smolagents writes so to every endpoint of chat completions: "Calling tools: …" by an assistant in
place of its `tool_calls`, then "Observation: …" by a user. As written, each request would be a
conversation of its own, begun by a user who says what a tool said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.recording.sameness import calls_in, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD_BEFORE = "Observation:"


class ToldAsText:
    """What was called, by the history that it was the answer to."""

    def __init__(self) -> None:
        self._called: dict[str, Sequence[Any]] = {}

    def keep(self, asked: str, answer: Sequence[Any]) -> None:
        """An answer to the history of this digest; one without a call is not kept."""
        if calls_in(answer):
            self._called[asked] = answer

    def as_calls(self, history: Sequence[Any], chain: Sequence[str]) -> list[Any]:
        """The history with its calls and their answers, wherever they stand in it as text.

        `chain`: the digest of each beginning of the history. That a text tells of calls is taken
        from their ids in it. One text for several calls answers the last of them alone: which part
        of it is whose, it doesn't say.
        """
        made: list[Any] = []
        index = 0
        while index < len(history):
            called = self._called.get(chain[index], ())
            pair = history[index : index + 2]
            if called and _tells(pair, called):
                last = read_messages(called).calls[-1].id
                said = _text(pair[1]).removeprefix(_WORD_BEFORE).lstrip("\n")
                made += [*called, {"role": "tool", "tool_call_id": last, "content": said}]
                index += 2
            else:
                made.append(history[index])
                index += 1
        return made


def _tells(pair: Sequence[Any], called: Sequence[Any]) -> bool:
    if len(pair) != 2 or [_role(message) for message in pair] != ["assistant", "user"]:
        return False
    text = _text(pair[0])
    ids = [call.id for call in read_messages(called).calls]
    return not calls_in(pair[:1]) and all(key and key in text for key in ids)


def _role(message: object) -> object:
    return message.get("role") if isinstance(message, dict) else None


def _text(message: object) -> str:
    """What a message says where that is one text, else nothing."""
    content = plain(message).get("content") if isinstance(message, dict) else None
    return content if isinstance(content, str) else ""
