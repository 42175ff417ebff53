"""OpenAI's Responses: requests with `input` and answers with `output` items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.importing.exchanges import (
    answer_messages,
    as_parsed,
    exchange,
    longest,
    request_of,
)
from dialgate_evals.importing.found import Format, Left, dict_in, not_understood, text_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate_evals.importing.found import Conversation, Document, Found

_MOST_HELD = 512
_ITEMS = frozenset("message function_call function_call_output reasoning".split())


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether there is an input and an answer of output items, or an input of items."""
    request = request_of(document)
    asked = request.get("input")
    if not isinstance(asked, str | list) or not asked:
        return False
    if isinstance(asked, list) and any(_type(item) in _ITEMS for item in asked):
        return True
    return any(_type(item) in _ITEMS | {"response.created"} for item in answer_messages(document))


def _type(item: object) -> object:
    return item.get("type") if isinstance(item, dict) else None


def read(documents: Iterable[Document]) -> Iterator[Found]:
    """Every conversation once; one that the provider keeps is told of."""
    yield from longest(_read(documents))


def _read(documents: Iterable[Document]) -> Iterator[Found]:
    held: dict[str, Conversation] = {}
    # the latest, by the id of their last answer
    for place, document in documents:
        request = request_of(document)
        earlier = text_in(request, "previous_response_id")
        before = held.get(earlier) if earlier else None
        if earlier and before is None:
            why = "the conversation before it stands at the provider, not in the file"
            yield Left(place=place, what=f"an answer that goes on from {earlier}", why=why)
            continue
        system = "" if before else text_in(request, "instructions")
        found = exchange(place, document, system=system)
        if found is None:
            yield not_understood(place, document, "input and output of OpenAI's Responses")
            continue
        if before is not None:
            messages = [*before.messages, *found.messages]
            asked = len(before.messages) + found.asked
            found = replace(found, id=before.id, messages=messages, asked=asked)
        yield found
        answer_id = _answer_id(document)
        if answer_id:
            held[answer_id] = found
        if len(held) > _MOST_HELD:
            del held[next(iter(held))]


def _answer_id(document: Any) -> str:  # noqa: ANN401 - JSON data
    """The id of the response, whole or as a stream's events; empty where there is none."""
    answer = as_parsed(document.get("response")) if isinstance(document, dict) else None
    if isinstance(answer, dict) and "body" in answer:
        answer = as_parsed(answer["body"])
    if isinstance(answer, dict):
        return text_in(answer, "id")
    events = answer if isinstance(answer, list) else []
    return next((text_in(event["response"], "id") for event in events
                 if dict_in(event, "response")), "")  # fmt: skip


FORMAT = Format(
    name="openai-responses",
    title="OpenAI Responses logs",
    recognises=recognises,
    read=read,
)
