"""Texts of a case: every one at once, the user's last message, words that must stay as they are.

Works on the JSON objects that cases are read from; nothing is altered in place.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.files.json_text import JsonTextError, json_text, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Document = dict[str, Any]

PARTS = ("messages", "recordings", "expect", "user")
"""What of a case an agent gets, meets and is judged by."""

WORD = re.compile(r"[^\W\d_][\w'’-]*")


def copied(document: Mapping[str, Any]) -> Document:
    """The messages, recordings, expectation and user, free to be altered."""
    return copy.deepcopy({key: document[key] for key in PARTS if key in document})


def map_texts(document: Mapping[str, Any], change: Callable[[str], str]) -> Document:
    """Every text of messages, recordings, expectation and user changed in the same way.

    Names of tools, roles and ids of calls stay; JSON inside texts is changed as data.
    """
    found: Document = {
        "messages": [_message(message, change) for message in document["messages"]],
        "recordings": [_named(item, change) for item in document.get("recordings", ())],
        "expect": _expectation(document["expect"], change),
    }
    if "user" in document:
        found["user"] = _values(document["user"], change)
    return found


def _values(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON data
    """JSON data with its texts changed and its keys as they are: they say what the texts are."""
    if isinstance(value, dict):
        return {
            key: item if key == "kind" else _values(item, change) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_values(item, change) for item in value]
    return any_text(value, change)


def _message(message: Mapping[str, Any], change: Callable[[str], str]) -> Document:
    found = {key: value for key, value in message.items() if key != "content"}
    if "content" in message:
        found["content"] = _content(message["content"], change)
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        found["tool_calls"] = [_call(call, change) for call in calls]
    return found


def _content(content: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON data
    if isinstance(content, str):
        return _text(content, change)
    if isinstance(content, list):
        return [
            {**part, "text": _text(part["text"], change)}
            if isinstance(part.get("text"), str)
            else part
            for part in content
        ]
    return content


def _call(call: Mapping[str, Any], change: Callable[[str], str]) -> Document:
    function = call["function"]
    return {**call, "function": {**function, "arguments": any_text(function["arguments"], change)}}


def _text(text: str, change: Callable[[str], str]) -> str:
    """A text; one that is JSON is changed as data and written again."""
    if text[:1] in "{[":
        try:
            before = parse_json(text.encode("utf-8", "replace"))
        except JsonTextError:
            return change(text)
        now = any_text(before, change)
        return text if now == before else json_text(now)
    return change(text)


def any_text(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON data
    """JSON data with every text in it changed, its keys too."""
    if isinstance(value, str):
        return _text(value, change)
    if isinstance(value, dict):
        return {change(key): any_text(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [any_text(item, change) for item in value]
    return value


def _named(item: Mapping[str, Any], change: Callable[[str], str]) -> Document:
    """A recording or pattern: the tool's name and the fault stay."""
    return {
        key: value if key in {"name", "fault"} else any_text(value, change)
        for key, value in item.items()
    }


def _expectation(expect: Mapping[str, Any], change: Callable[[str], str]) -> Document:
    found = dict(expect)
    for key in ("actions", "forbid"):
        if key in expect:
            found[key] = [_named(item, change) for item in expect[key]]
    if "alternatives" in expect:
        found["alternatives"] = [
            [_named(item, change) for item in items] for items in expect["alternatives"]
        ]
    for key in ("reply", "state"):
        if expect.get(key):
            found[key] = any_text(expect[key], change)
    return found


def texts_of(value: Any, key: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON data
    """Every text inside JSON data with the key that it stands under, in order."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts_of(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item, key)


def results_of(document: Mapping[str, Any]) -> list[Any]:
    """What the recorded tools answer."""
    return [item["result"] for item in document.get("recordings", ()) if "result" in item]


def said(document: Mapping[str, Any]) -> str:
    """Everything that the messages say, tools' answers, calls and the user's answers too."""
    parts = [text_of(message.get("content")) for message in document["messages"]]
    parts += [
        json_text(call["function"]["arguments"])
        for message in document["messages"]
        for call in message.get("tool_calls") or ()
    ]
    parts += [text for _, text in texts_of(document.get("user") or {})]
    return "\n".join(parts)


def last_request(document: Mapping[str, Any]) -> tuple[int, str] | None:
    """Where the user's last message stands, and its text; None where it is no plain text."""
    for index in range(len(document["messages"]) - 1, -1, -1):
        message = document["messages"][index]
        if message.get("role") == "user":
            content = message.get("content")
            return (index, content) if isinstance(content, str) and content.strip() else None
    return None


def body_start(text: str) -> int:
    """Where the user's own words begin: behind a head that a ticket system wrote, if there is one.

    >>> body_start("Ticket T-1\\n\\nHello"), body_start("Hello")
    (12, 0)
    """
    head, gap, body = text.partition("\n\n")
    return len(head) + len(gap) if gap and body.strip() else 0


def with_request(document: Mapping[str, Any], text: str) -> Document:
    """The case with another text of the user's last message."""
    found = copied(document)
    place = last_request(document)
    assert place is not None
    found["messages"][place[0]]["content"] = text
    return found


def bound_words(document: Mapping[str, Any]) -> frozenset[str]:
    """Words that the expected calls and the reply's checks hold, in small letters."""
    parts = [text for _, text in texts_of(document["expect"])]
    return frozenset(word.lower() for text in parts for word in re.findall(r"\w+", text))


def is_plain(word: str, bound: frozenset[str]) -> bool:
    """Whether a word may be spelt otherwise: an ordinary one that no expectation holds."""
    return word.isascii() and word.isalpha() and word.islower() and word not in bound
