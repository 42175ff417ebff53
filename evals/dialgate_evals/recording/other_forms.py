"""What frameworks say in another form: calls told back as text, a reply asked for as a call.

smolagents writes so to every endpoint of chat completions: "Calling tools: …" by an assistant in
place of its `tool_calls`, then "Observation: …" by a user. As written, each request would be a
conversation of its own, begun by a user who says what a tool said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.reading import as_data
from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.recording.sameness import calls_in, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD_BEFORE = "Observation:"

_REPLIES = {"final_answer": "answer", "final_result": None}
"""Tools by which smolagents and pydantic-ai ask for the reply itself: where its text stands."""


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


def as_reply(answer: Sequence[Any]) -> list[Any]:
    """The answer; where its one call only gives the reply, as an assistant's text."""
    calls = read_messages(answer).calls
    if len(calls) != 1 or calls[0].name not in _REPLIES:
        return list(answer)
    given = as_data(calls[0].arguments)
    key = _REPLIES[calls[0].name]
    text = given.get(key) if isinstance(given, dict) and key else None
    return [
        {"role": "assistant", "content": text if isinstance(text, str) else canonical_json(given)}
    ]


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
