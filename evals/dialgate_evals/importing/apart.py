"""The conversations of one trace, each once: a later request repeats an earlier one's calls.

A subagent's conversation has calls of its own and stays apart. Knows no format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from dialgate_evals.dialects.front_door import read_messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.importing.found import Conversation

Calls = frozenset[tuple[str, str]]


class Apart:
    """Takes what the spans or runs of a trace saw, in any order."""

    def __init__(self, place: str) -> None:
        self.place = place
        # of the first span
        self.count = 0
        # spans that were taken, with messages or without
        self._kept: list[tuple[Calls, Conversation]] = []

    def add(self, seen: Conversation | None) -> None:
        """One span's conversation; it stands for those whose calls it has, or falls to one."""
        self.count += 1
        if seen is None:
            return
        calls = frozenset(call.key for call in read_messages(seen.messages).calls)
        if any(_is_in(calls, seen, held) for held in self._kept):
            return
        inside = [(before, one) for before, one in self._kept if before <= calls]
        tools = seen.tools or next((one.tools for _, one in inside if one.tools), [])
        self._kept = [held for held in self._kept if held not in inside]
        self._kept.append((calls, replace(seen, tools=tools)))

    def found(self) -> Iterator[Conversation]:
        """Each conversation; none where no span had messages."""
        tools = next((one.tools for _, one in self._kept if one.tools), [])
        yield from (one if one.tools else replace(one, tools=tools) for _, one in self._kept)


def _is_in(calls: Calls, seen: Conversation, held: tuple[Calls, Conversation]) -> bool:
    before, one = held
    return calls < before or (calls == before and len(seen.messages) <= len(one.messages))
