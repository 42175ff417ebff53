"""OpenAI's chat format: requests with answers, batch files, fine-tuning lines, bare messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.exchanges import exchange, longest, message_list, request_of
from dialgate_evals.importing.found import (
    Conversation,
    Format,
    are_messages,
    is_message,
    not_understood,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate_evals.importing.found import Document, Found, Place


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the document is a message, a list of messages, or a request with messages."""
    if is_message(document) or are_messages(document):
        return True
    return are_messages(request_of(document).get("messages"))


def read(documents: Iterable[Document]) -> Iterator[Found]:
    """Every conversation; lines that are messages by themselves are one together."""
    yield from longest(_read(documents))


def _read(documents: Iterable[Document]) -> Iterator[Found]:
    loose: list[Any] = []
    first: Place | None = None
    for place, document in documents:
        if is_message(document):
            first = first or place
            loose.append(document)
            continue
        found = message_list(place, document) or exchange(place, document)
        yield found or not_understood(place, document, "messages of OpenAI's chat format")
    if first is not None:
        name = first.file.rsplit("/", 1)[-1]
        yield Conversation(id=name, place=first, messages=loose)


FORMAT = Format(
    name="openai-chat",
    title="OpenAI chat logs, request and response pairs, batch and fine-tuning files",
    recognises=recognises,
    read=read,
)
