"""The keywords of a node whose name is data: what people marked it with, and never its name.

pytest counts a node's name among its keywords, where plug-ins and conftests look for their marks: a
case called "slow" would be skipped by the usual recipe for slow tests.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest
    from _pytest.nodes import Node


class NamelessKeywords(MutableMapping[str, Any]):
    """A node's own marks and its parent's keywords, without the node's name."""

    def __init__(self, node: Node | pytest.Item) -> None:
        self._marks: dict[str, Any] = {}
        self._parent = node.parent

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - pytest's marks, or what a plug-in set
        """The mark of that name, the node's own first."""
        if key in self._marks or self._parent is None:
            return self._marks[key]
        return self._parent.keywords[key]

    def __setitem__(self, key: str, value: Any) -> None:  # noqa: ANN401 - the same
        """Takes what `add_marker` or a plug-in sets."""
        self._marks[key] = value

    def __delitem__(self, key: str) -> None:
        """Refused, as pytest refuses it."""
        raise ValueError("cannot delete key in keywords dict")

    def __iter__(self) -> Iterator[str]:
        """Each name once."""
        inherited = self._parent.keywords if self._parent is not None else ()
        return iter(dict.fromkeys([*self._marks, *inherited]))

    def __len__(self) -> int:
        """How many names there are."""
        return sum(1 for _ in self)
