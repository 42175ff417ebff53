"""Lists of arguments whose elements belong together: side by side they are rows without order.

Knows which lists form a group and how to take them out of the arguments; leaves when two elements
are equal to `dialgate_evals.actions.argument_rules`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Pointer = tuple[str, ...]
Group = tuple[Pointer, ...]
Rows = list[list[Any]]


def join_pairs(paired: Iterable[tuple[Pointer, Pointer]]) -> tuple[Group, ...]:
    """The groups of lists that belong together; pairs that share a list are one group.

    >>> join_pairs([(("a",), ("b",)), (("a",), ("c",)), (("d",), ("e",))])
    ((('a',), ('b',), ('c',)), (('d',), ('e',)))
    """
    groups: list[Group] = []
    for pair in paired:
        touching = [group for group in groups if set(group) & set(pair)]
        together = dict.fromkeys(pointer for group in (*touching, pair) for pointer in group)
        groups = [*(group for group in groups if group not in touching), tuple(together)]
    return tuple(groups)


def take_rows(arguments: Mapping[str, Any], group: Group) -> Rows | None:
    """The elements of the group's lists side by side.

    None where one of them is no list or they differ in length: then nothing belongs together.
    """
    columns = [_at(arguments, pointer) for pointer in group]
    if not all(isinstance(column, list) for column in columns) or len(set(map(len, columns))) > 1:
        return None
    return [list(row) for row in zip(*columns, strict=True)]


def without_lists(arguments: Mapping[str, Any], group: Group) -> Mapping[str, Any]:
    """The arguments with the group's lists emptied; the argument itself is not changed."""
    rest: Any = arguments
    for pointer in group:
        rest = _replaced(rest, pointer, [])
    emptied: Mapping[str, Any] = rest
    return emptied


def _at(value: Any, pointer: Pointer) -> Any:  # noqa: ANN401 - JSON data
    for part in pointer:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _replaced(value: Any, pointer: Pointer, new: Any) -> Any:  # noqa: ANN401 - JSON data
    if not pointer:
        return new
    return {**value, pointer[0]: _replaced(value[pointer[0]], pointer[1:], new)}
