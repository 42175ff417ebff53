"""Inspect's logs: each sample a conversation, from `.json` or the parts of an `.eval` archive."""

from __future__ import annotations

from pathlib import PurePosixPath
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.importing.found import Found, Place

_WITHOUT_SAMPLES = frozenset({"header.json", "summaries.json", "reductions.json", "start.json"})
_ATTACHMENT = "attachment://"
_GOOD = frozenset({"C", "1", "True", "pass"})


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the document is a log, its header or a sample."""
    if not isinstance(document, dict):
        return False
    is_log = "eval" in document and ("samples" in document or "plan" in document)
    return is_log or _is_sample(document)


def _is_sample(document: dict[str, Any]) -> bool:
    return {"epoch", "input", "messages"} <= document.keys()


def read(place: Place, document: Any) -> Iterator[Found]:  # noqa: ANN401 - JSON data
    """Every sample whose scores are the best there are."""
    if isinstance(document, dict) and _is_sample(document):
        yield from _sample(place, document)
    elif list_in(document, "samples"):
        for number, sample in enumerate(list_in(document, "samples")):
            yield from _sample(f"{place} samples/{number}", sample)
    elif not _has_no_samples(place):
        yield not_understood(place, document, "a log of Inspect with samples")


def _has_no_samples(place: Place) -> bool:
    """The archive's other parts, which hold headers and sums."""
    path = PurePosixPath(place.inside or place.file)
    return "_journal" in path.parts[:-1] or path.name in _WITHOUT_SAMPLES


def _sample(place: str, sample: Any) -> Iterator[Found]:  # noqa: ANN401 - JSON data
    messages = list_in(sample, "messages")
    if not messages:
        yield not_understood(place, sample, "a sample with messages")
        return
    bad = [
        f"{name} {score.get('value')}"
        for name, score in dict_in(sample, "scores").items()
        if isinstance(score, dict) and str(score.get("value")) not in _GOOD | {"1.0"}
    ]
    if bad or sample.get("error"):
        what = f"the sample {text_in(sample, 'id')} ({', '.join(bad)[:100] or 'an error'})"
        yield Left(place=place, what=what, why="what it did is nothing to expect")
        return
    attachments = dict_in(sample, "attachments")
    messages = [_attached(message, attachments) for message in messages]
    if any(isinstance(m, dict) and _ATTACHMENT in str(m.get("content")) for m in messages):
        what = "texts that the log keeps as attachments and does not hold"
        yield Left(place=place, what=what, why="they stay references in the case")
    yield Conversation(
        id=f"{text_in(sample, 'id') or 'sample'}-{text_in(sample, 'epoch') or '1'}",
        place=place,
        messages=[_plain(message) for message in messages],
        tools=_tools(sample),
    )


def _attached(value: Any, attachments: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON data
    """The value with the long texts that the log keeps beside its samples put in."""
    if isinstance(value, str) and value.startswith(_ATTACHMENT):
        found = attachments.get(value.removeprefix(_ATTACHMENT))
        return found if isinstance(found, str) else value
    if isinstance(value, list):
        return [_attached(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: _attached(item, attachments) for key, item in value.items()}
    return value


def _plain(message: Any) -> Any:  # noqa: ANN401 - JSON data
    """Calls and answers as they are, without what the log says beside them."""
    if not isinstance(message, dict):
        return message
    made = {"role": message.get("role"), "content": message.get("content")}
    if message.get("tool_calls"):
        made["tool_calls"] = [
            {"id": text_in(c, "id"), "type": "function", "function": {
                "name": text_in(c, "function"), "arguments": dict_in(c, "arguments")}}
            for c in list_in(message, "tool_calls")
        ]  # fmt: skip
    if message.get("role") == "tool":
        made["tool_call_id"] = message.get("tool_call_id")
        if message.get("error"):
            made["error"] = True
            made["content"] = text_in(message["error"], "message") or message.get("content")
    return made


def _tools(sample: dict[str, Any]) -> list[Any]:
    """The tools that the sample's first model events offered."""
    for event in list_in(sample, "events"):
        tools = list_in(event, "tools")
        if tools:
            return tools
    return []


FORMAT = Format(
    name="inspect",
    title="Inspect logs (.json and .eval)",
    recognises=recognises,
    read=one_by_one(read),
)
