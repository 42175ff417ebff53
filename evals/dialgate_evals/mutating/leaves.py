"""The single values of a call's arguments, by their place, and arguments with another value there.

Bounded in depth and number, for a recorded call may be of any size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEEPEST = 8
_MOST = 60


class Leaf(Struct, frozen=True, kw_only=True):
    """A value that is neither an object nor a list."""

    pointer: tuple[str, ...]
    value: Any

    @property
    def anywhere(self) -> tuple[str, ...]:
        """The place with * for every element of a list."""
        return tuple("*" if part.isdecimal() else part for part in self.pointer)

    @property
    def key(self) -> str:
        """The nearest name above the value."""
        return next((part for part in reversed(self.pointer) if not part.isdecimal()), "")


def leaves_of(arguments: Mapping[str, Any]) -> list[Leaf]:
    """The arguments' single values in their order, at most sixty of them."""
    found: list[Leaf] = []
    for leaf in _walk(arguments, ()):
        found.append(leaf)
        if len(found) == _MOST:
            break
    return found


def _walk(value: object, pointer: tuple[str, ...]) -> Iterator[Leaf]:
    if len(pointer) > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, (*pointer, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*pointer, str(index)))
    elif pointer:
        yield Leaf(pointer=pointer, value=value)


def with_value(document: Any, pointer: tuple[str, ...], value: Any) -> Any:  # noqa: ANN401 - JSON data
    """A copy with another value at the place."""
    if not pointer:
        return value
    head, rest = pointer[0], pointer[1:]
    if isinstance(document, list):
        index = int(head)
        return [
            with_value(item, rest, value) if number == index else item
            for number, item in enumerate(document)
        ]
    return {
        key: with_value(item, rest, value) if key == head else item
        for key, item in document.items()
    }


def pointer_text(pointer: tuple[str, ...]) -> str:
    """The place as a JSON Pointer (RFC 6901)."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in pointer)
