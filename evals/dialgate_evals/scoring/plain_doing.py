"""The agent's part of a trial in dialgate's own form, read at once: what `own_doing` says of it.

Most trials were written by the harness: the case's texts, each call with its answer behind it, at
last the reply. Knows that form alone, and nothing that is odd in it; everything else is left to the
readers of all dialects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import Call
from dialgate_evals.dialects.openai_chat import is_error
from dialgate_evals.dialects.reading import as_data
from dialgate_evals.dialects.texts.answers import is_error_text, is_mcp_error
from dialgate_evals.dialects.texts.text_calls import count_text_calls
from dialgate_evals.scoring.own_doing import OwnDoing

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence

_ANSWER = frozenset("role tool_call_id content at_ms error unmatched fault".split())


def is_plain_context(messages: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a case's context is texts of people and prompts: then what follows is the agent's."""
    for message in messages:
        content = message.get("content")
        if (
            len(message) != 2
            or message.get("role") not in {"system", "user"}
            or type(content) is not str
            or not content.strip()
        ):
            return False
    return bool(messages)


def plain_doing(
    messages: Sequence[Mapping[str, Any]],
    context: Sequence[Mapping[str, Any]],
    text_calls: re.Pattern[str] | None,
) -> OwnDoing | None:
    """What `own_doing` says of messages that begin with a plain context; None: it must be asked."""
    size, end = len(context), len(messages)
    if tuple(messages[:size]) != tuple(context):
        return None
    calls: dict[str, Call] = {}
    reply = ""
    place = size
    while place < end:
        message = messages[place]
        if place + 1 == end:
            found = _text_of(message)
            if found is None:
                return None
            reply = found
            break
        call_id, call = _call_of(message, messages[place + 1])
        if call is None or call_id in calls:
            return None
        calls[call_id] = call
        place += 2
    return OwnDoing(
        calls=tuple(calls.values()),
        reply=reply if reply.strip() else "",
        has_answered=end > size,
        finish_reason=None,
        refusal=False,
        text_calls=count_text_calls(text_calls, (reply,)),
        turns=1 if end > size else 0,
        questions=0,
        dialects=("OpenAI chat",),
        not_understood=(),
    )


def _text_of(message: Mapping[str, Any]) -> str | None:
    """The text of an assistant's message that holds nothing else."""
    if type(message) is not dict or len(message) != 2 or message.get("role") != "assistant":
        return None
    content = message.get("content")
    return content if type(content) is str else None


_NO_CALL = ("", None)


def _call_of(
    message: Mapping[str, Any], answer: Mapping[str, Any]
) -> tuple[str, Call] | tuple[str, None]:
    """A message with one call and nothing else, and its id, where the next one answers it."""
    if (
        type(message) is not dict
        or len(message) != 3
        or message.get("role") != "assistant"
        or message.get("content", "") is not None
    ):
        return _NO_CALL
    entries = message.get("tool_calls")
    if type(entries) is not list or len(entries) != 1 or type(entries[0]) is not dict:
        return _NO_CALL
    entry = entries[0]
    call_id, function = entry.get("id"), entry.get("function")
    if (
        len(entry) != 3
        or entry.get("type") != "function"
        or type(call_id) is not str
        or type(function) is not dict
        or len(function) != 2
    ):
        return _NO_CALL
    name, arguments = function.get("name"), function.get("arguments")
    if type(name) is not str or type(arguments) is not str or not name or not call_id:
        return _NO_CALL
    if not _is_answer(answer, call_id):
        return _NO_CALL
    written, content = as_data(arguments), answer["content"]
    is_marked = len(answer) > 4 or (len(answer) == 4 and "at_ms" not in answer)
    return call_id, Call(
        name=name,
        arguments=written if isinstance(written, dict) else None,
        text=arguments,
        written=written,
        answered=True,
        failed=(is_marked and is_error(answer)) or is_mcp_error(content) or is_error_text(content),
        unmatched=is_marked and bool(answer.get("unmatched")),
    )


def _is_answer(message: Mapping[str, Any], call_id: str) -> bool:
    """Whether the message is a text that answers this very call."""
    return (
        type(message) is dict
        and message.get("role") == "tool"
        and message.get("tool_call_id") == call_id
        and type(message.get("content")) is str
        and (len(message) == 3 or message.keys() <= _ANSWER)
    )
