"""What is asked of each API: where the conversation stands, and how answers stream and fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.files.json_text import JsonTextError, json_text, parse_json
from dialgate_evals.recording.event_stream import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Body = Mapping[str, Any]
    Document = dict[str, Any]


class Api(Struct, frozen=True, kw_only=True):
    """One endpoint that a model is asked at."""

    name: str
    ends_with: str
    # of the path
    history: str
    # the key of the request under which the conversation stands
    is_last: Callable[[Event], bool]
    # whether nothing follows this event of a streamed answer
    put_together: Callable[[Sequence[Event]], Document | None]
    # the answer that the events stream; None where they break off
    take_apart: Callable[[Document, Body], Sequence[Event]]
    # the events that stream an answer
    said: Callable[[Document], list[Any]]
    # the messages or items of an answer, as a later request repeats them
    system: Callable[[Body], str]
    error: Callable[[int, str], Document]
    # an error in the provider's shape, which its client makes an exception of


def history_of(api: Api, body: Body) -> list[Any]:
    """The conversation that a request holds; a bare text is a user's message."""
    asked = body.get(api.history)
    if isinstance(asked, str):
        return [{"role": "user", "content": asked}]
    return list(asked) if isinstance(asked, list) else []


def data_of(event: Event) -> Document:
    """The event's object; empty where it holds none."""
    try:
        value = parse_json(event.data.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        return {}
    return value if isinstance(value, dict) else {}


def event_of(document: Body, *, name: str = "") -> Event:
    """A server-sent event whose data is this object as JSON."""
    return Event(name=name, data=json_text(document))


def texts_in(value: object) -> str:
    """A text, or those of a list of text parts."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))


def openai_error(status: int, message: str) -> Document:
    """An error as OpenAI writes it."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": "dialgate_record"}}
