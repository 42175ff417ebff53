"""OpenAI's Responses: requests with `input` and answers with `output` items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.exchanges import answer_messages, exchange, longest, request_of
from dialgate_evals.importing.found import Format, Left, not_understood, text_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate_evals.importing.found import Document, Found

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
    for place, document in documents:
        request = request_of(document)
        earlier = text_in(request, "previous_response_id")
        if earlier:
            why = "the conversation before it stands at the provider, not in the file"
            yield Left(place=place, what=f"an answer that goes on from {earlier}", why=why)
            continue
        found = exchange(place, document, system=text_in(request, "instructions"))
        yield found or not_understood(place, document, "input and output of OpenAI's Responses")


FORMAT = Format(
    name="openai-responses",
    title="OpenAI Responses logs",
    recognises=recognises,
    read=read,
)
