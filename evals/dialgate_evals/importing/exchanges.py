"""Requests to a model and its answers, in whatever envelope a log keeps them.

Knows where requests, answers, system prompts and tools stand; a log in which each request repeats
the conversation so far gives the longest only. Used by the formats of providers' logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.files.json_text import JsonTextError, digest_of, parse_json
from dialgate_evals.importing.found import (
    Conversation,
    Found,
    are_messages,
    dict_in,
    is_message,
    list_in,
    text_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_REQUESTS = ("request", "request_body", "body", "kwargs", "params", "payload", "input_body")
_ANSWERS = ("response", "response_body", "completion", "result", "output", "message")
_MOST_OPEN = 512
_HAS_ANSWER = frozenset({"choices", "output", "stop_reason", "candidates"})


def request_of(document: object) -> dict[str, Any]:
    """The request in a line of a log; the line itself where it is one."""
    if not isinstance(document, dict):
        return {}
    for key in _REQUESTS:
        inner = as_parsed(document.get(key))
        if isinstance(inner, dict):
            body = as_parsed(inner.get("body", inner.get("json")))
            inner = body if isinstance(body, dict) else inner
            if inner.keys() & {"messages", "input"}:
                return inner
    return document


def answer_messages(document: object) -> list[Any]:
    """What the model answered, as messages or items in its provider's dialect."""
    if not isinstance(document, dict):
        return []
    for key in _ANSWERS:
        if document.get(key) is not None:
            found = _messages_of(document[key])
            if found:
                return found
    return _messages_of(document) if _HAS_ANSWER & document.keys() else []


def _messages_of(answer: object) -> list[Any]:
    answer = as_parsed(answer)
    if isinstance(answer, list):
        return [item for item in answer if isinstance(item, dict)]
    if not isinstance(answer, dict):
        return []
    body = as_parsed(answer.get("body"))
    if isinstance(body, dict | list):
        return _messages_of(body)
    if isinstance(answer.get("choices"), list):
        return [answer] if answer["choices"] else []
    if isinstance(answer.get("output"), list):
        return list(answer["output"])
    if is_message(answer) or "role" in answer or "call_id" in answer:
        return [answer]
    return _messages_of(answer["message"]) if isinstance(answer.get("message"), dict) else []


def as_parsed(value: object) -> Any:  # noqa: ANN401 - JSON data
    """The data of a JSON text, or the events of a stream's text; anything else as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "[", "d", "e", ":"}:
        return value
    lines = value.strip().splitlines()
    if any(line.startswith("data:") for line in lines):
        pieces = [line[5:].strip() for line in lines if line.startswith("data:")]
        parsed = [_json(piece) for piece in pieces if piece and piece != "[DONE]"]
        return [item for item in parsed if isinstance(item, dict)]
    return _json(value)


def _json(text: str) -> Any:  # noqa: ANN401 - JSON data
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        return text


def exchange(place: str, document: Any, *, system: str = "") -> Conversation | None:  # noqa: ANN401 - JSON data
    """The conversation of one line; None where it holds no messages."""
    request = request_of(document)
    asked = request.get("messages", request.get("input"))
    if isinstance(asked, str):
        asked = [{"role": "user", "content": asked}]
    if not isinstance(asked, list) or not asked:
        return None
    if system:
        asked = [{"role": "system", "content": system}, *asked]
    tools = [*list_in(request, "tools"), *list_in(request, "functions")]
    if isinstance(document, dict) and not tools:
        tools = [*list_in(document, "tools"), *list_in(document, "functions")]
    return Conversation(
        id=_id_of(document) or _place_id(place),
        place=place,
        messages=[*asked, *answer_messages(document)],
        asked=len(asked),
        tools=tools,
    )


def _id_of(document: object) -> str:
    found = text_in(document, "custom_id", "conversation_id", "thread_id", "session_id", "id")
    metadata = dict_in(document, "metadata")
    return found or text_in(metadata, "conversation_id", "thread_id", "session_id")


def _place_id(place: str) -> str:
    name = place.rsplit("/", 1)[-1]
    return name.replace(": line ", "-").replace(": element ", "-")


def longest(found: Iterable[Found]) -> Iterator[Found]:
    """Every conversation once: one that goes on in a later request is given with that one.

    Holds the latest few hundred, by their first words; several may begin alike and run side by
    side.
    """
    held: dict[tuple[str, int], Conversation] = {}
    # by the opening, and the number of those that begin so
    for number, item in enumerate(found):
        if not isinstance(item, Conversation):
            yield item
            continue
        opening = digest_of(_opening(item.messages[: item.asked]))
        alike = [key for key in held if key[0] == opening and _goes_on(held[key], item)]
        before = held.pop(max(alike, key=lambda key: _shared(held[key], item))) if alike else None
        tools = item.tools or (before.tools if before is not None else [])
        held[opening, number] = replace(item, tools=tools)
        if len(held) > _MOST_OPEN:
            yield held.pop(next(iter(held)))
    yield from held.values()


def _opening(messages: list[Any]) -> list[Any]:
    for index, message in enumerate(messages):
        if isinstance(message, dict) and message.get("role") == "user":
            return messages[: index + 1]
    return messages[:1]


def _shared(before: Conversation, item: Conversation) -> int:
    """How many ids of its answer's calls go on in the other, where several begin alike."""
    return len(_ids(before.messages[before.asked :]) & _ids(item.messages[before.asked :]))


def _ids(value: object) -> set[str]:
    if isinstance(value, list):
        return {id_ for item in value for id_ in _ids(item)}
    if not isinstance(value, dict):
        return set()
    own = {value[key] for key in ("id", "call_id") if isinstance(value.get(key), str)}
    return own.union(*map(_ids, value.values()))


def _goes_on(before: Conversation, item: Conversation) -> bool:
    asked = before.messages[: before.asked]
    return before.asked < item.asked and item.messages[: before.asked] == asked


def message_list(place: str, document: object) -> Conversation | None:
    """A conversation that is a bare list of messages."""
    if not are_messages(document):
        return None
    messages = list(document) if isinstance(document, list) else []
    return Conversation(id=_place_id(place), place=place, messages=messages, asked=0)
