"""What a format finds in a file: conversations, what should have come of them, and what is left.

Knows no format; leaves messages in the dialect they were found in, for `dialects` to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from msgspec import Struct, field

from dialgate_evals.files.problems import show_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Place(str):
    """Where a document stands, as people read it: a file, or what lies inside of one."""

    __slots__ = ("file", "inside")

    file: str
    # as it is shown
    inside: str
    # a line, an element or a file of an archive; empty: the file is one document

    def __new__(cls, file: str, inside: str = "") -> Self:
        """The place as a text: `log.jsonl: line 3`."""
        made = super().__new__(cls, f"{file}: {inside}" if inside else file)
        made.file, made.inside = file, inside
        return made


Document = tuple[Place, Any]
"""A place and the value that stands there."""


class Left(Struct, frozen=True, kw_only=True):
    """Something that became no case, or no part of one, and why."""

    place: str
    what: str
    why: str


class Conversation(Struct, frozen=True, kw_only=True):
    """Messages in any dialect, the tools that were offered, and what another tool asserted."""

    id: str
    place: str
    messages: list[Any]
    asked: int = 0
    # how many of the messages were sent to the model; the rest it answered
    tools: list[Any] = field(default_factory=list)
    # in any provider's form
    expect: dict[str, Any] = field(default_factory=dict)
    # asserted by the source: actions, forbid, ordered, reply
    tags: list[str] = field(default_factory=list)
    user: dict[str, Any] | None = None
    # who talked to the agent, as a case's `user`, where the source says more than the messages


Found = Conversation | Left


class Format(Struct, frozen=True, kw_only=True):
    """One kind of file: how it is known by its content, and how it is read."""

    name: str
    title: str
    recognises: Callable[[Any], bool]
    read: Callable[[Iterable[Document]], Iterator[Found]]


def one_by_one(read: Callable[[Place, Any], Iterable[Found]]) -> Any:  # noqa: ANN401 - a function
    """The reader of a format whose documents have nothing to do with each other."""

    def read_all(documents: Iterable[Document]) -> Iterator[Found]:
        for place, value in documents:
            yield from read(place, value)

    return read_all


def not_understood(place: str, value: object, expected: str) -> Left:
    """A document that is not what its format says."""
    return Left(place=place, what=show_value(value), why=f"expected {expected}")


def dict_in(value: object, *keys: str) -> dict[str, Any]:
    """The first object under one of the keys; empty where there is none."""
    if isinstance(value, dict):
        for key in keys:
            if isinstance(value.get(key), dict):
                return dict(value[key])
    return {}


def list_in(value: object, *keys: str) -> list[Any]:
    """The first list under one of the keys; empty where there is none."""
    if isinstance(value, dict):
        for key in keys:
            if isinstance(value.get(key), list):
                return list(value[key])
    return []


def text_in(value: object, *keys: str) -> str:
    """The first text, or whole number as one, under one of the keys; empty where there is none."""
    if isinstance(value, dict):
        for key in keys:
            item = value.get(key)
            if isinstance(item, str) and item:
                return item
            if isinstance(item, int) and not isinstance(item, bool):
                return str(item)
    return ""


def is_message(value: object) -> bool:
    """Whether the value is a message: a role, and something said or done."""
    return isinstance(value, dict) and isinstance(value.get("role"), str) and bool(
        value.keys() & {"content", "tool_calls", "function_call", "parts"}
    )  # fmt: skip


def are_messages(value: object) -> bool:
    """Whether the value is a list that begins with a message."""
    return isinstance(value, list) and bool(value) and is_message(value[0])
