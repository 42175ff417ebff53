"""What of a case's context may be left out: messages, recordings, faults.

The last request, the expectation and what a call needs to stay readable are never left out.
Leaves which pieces matter to trials.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import last_request
from dialgate_evals.suite.case import parse_case

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dialgate_evals.suite.case import Case


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that can be left out."""

    part: str
    # messages, recordings or faults
    places: tuple[int, ...]
    # in the case's list; a call and its answers together


def pieces_of(case: Case) -> tuple[Piece, ...]:
    """Every piece, in order."""
    return (*_messages(case), *_recordings(case))


def _messages(case: Case) -> Iterator[Piece]:
    request = last_request(case.document)
    kept_from = len(case.messages) - 1 if request is None else request[0]
    group: list[int] = []
    for place, message in enumerate(case.messages[:kept_from]):
        if message.get("role") != "tool" and group:
            yield Piece("messages", tuple(group))
            group = []
        group.append(place)
    if group:
        yield Piece("messages", tuple(group))


def _recordings(case: Case) -> Iterator[Piece]:
    for place, item in enumerate(case.document.get("recordings", ())):
        yield Piece("recordings", (place,))
        if "fault" in item and ("result" in item or "error" in item):
            yield Piece("faults", (place,))


def with_pieces(case: Case, kept: Collection[Piece]) -> Case:
    """The case with only these of its pieces."""
    gone = [piece for piece in pieces_of(case) if piece not in kept]
    left_out = {
        part: {place for piece in gone if piece.part == part for place in piece.places}
        for part in ("messages", "recordings", "faults")
    }
    document = copy.deepcopy(dict(case.document))
    for place in left_out["faults"]:
        document["recordings"][place].pop("fault", None)
        document["recordings"][place].pop("times", None)
    for part in ("messages", "recordings"):
        if part in document:
            items = enumerate(document[part])
            document[part] = [item for place, item in items if place not in left_out[part]]
    return parse_case(document, place=case.place)
