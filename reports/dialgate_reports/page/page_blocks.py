"""Trajectories packed into the page: compressed blocks that the page opens one by one.

A block is JSON of a few cases, deflated and in base64: what a browser's own DecompressionStream
reads, without any library. Leaves which case comes first to the caller.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LEAST_ROOM = 9_000_000
"""Of all blocks together, for up to 2,000 cases: the whole page stays under 15 MB."""
_ROOM_A_CASE = 4_500
_MOST_ROOM = 45_000_000
"""What a browser still opens from disk without ado."""
_BLOCK_TEXT = 400_000
"""Characters of JSON a block: opened in a few milliseconds, compressed well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The packed trajectories, and which cases had no room."""

    texts: tuple[str, ...]
    # base64, one a block
    places: dict[str, int]
    # case to the number of its block
    left_out: tuple[str, ...]
    # cases that had no room


def blocks_room(cases: int) -> int:
    """Bytes that the trajectories of so many cases may take: more for a larger run, to a limit.

    >>> blocks_room(2_000), blocks_room(5_000), blocks_room(1_000_000)
    (9000000, 22500000, 45000000)
    """
    return min(max(_LEAST_ROOM, _ROOM_A_CASE * cases), _MOST_ROOM)


def pack_blocks(entries: Iterable[tuple[str, Any]], most_bytes: int) -> Blocks:
    """Packs `(case, trajectories)` in the order given until the room is used up."""
    texts: list[str] = []
    places: dict[str, int] = {}
    left_out: list[str] = []
    used = 0
    for group in _groups(entries):
        text = "" if left_out else _pack(group)
        if left_out or used + len(text) > most_bytes:
            left_out += group
            continue
        used += len(text)
        places.update(dict.fromkeys(group, len(texts)))
        texts.append(text)
    return Blocks(texts=tuple(texts), places=places, left_out=tuple(left_out))


def _groups(entries: Iterable[tuple[str, Any]]) -> Iterator[dict[str, str]]:
    group: dict[str, str] = {}
    size = 0
    for case, document in entries:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        if group and size + len(text) > _BLOCK_TEXT:
            yield group
            group, size = {}, 0
        group[case] = text
        size += len(text)
    if group:
        yield group


def _pack(group: dict[str, str]) -> str:
    """The group as one JSON object; level 6, so that the bytes do not hang on taste."""
    pairs = (f"{json.dumps(case)}:{text}" for case, text in group.items())
    document = "{" + ",".join(pairs) + "}"
    return base64.b64encode(zlib.compress(document.encode("utf-8"), 6)).decode("ascii")


def unpack_block(text: str) -> dict[str, Any]:
    """What a block holds: case to trajectories."""
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(text)))
    return found
