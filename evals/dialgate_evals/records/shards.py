"""Shards of a suite: which cases one of several machines runs, and what its record says of that.

Knows how cases are dealt out and taken together again; leaves records to `records.run_record` and
merging them to `dialgate_evals.records.merged_record`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from dialgate_evals.errors import UsageError
from dialgate_evals.files.json_text import digest_of_parsed
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.files.problems import Problem, show_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MOST_SHARDS = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Part `index` of `count`: every `count`-th case in the suite's order, so parts are even."""

    index: int
    # from 1
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def select(self, cases: Sequence[T]) -> tuple[T, ...]:
        """This shard's cases, in the suite's order.

        Raises UsageError where there are fewer cases than shards: an empty one shows nothing.
        """
        if len(cases) < self.count:
            raise UsageError(
                f"--shard {self}: the suite has {len(cases)} cases, so at most {len(cases)} shards."
            )
        return tuple(cases[self.index - 1 :: self.count])


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardOf:
    """A shard and the case set that it is a part of."""

    shard: Shard
    case_set: str
    # digest of all cases in their order

    @classmethod
    def suite(cls, shard: Shard, cases: Mapping[str, Mapping[str, str]]) -> ShardOf:
        """The shard of a suite with these cases: id to digests."""
        return cls(shard=shard, case_set=case_set_digest(cases))

    def as_json(self) -> dict[str, Any]:
        """As run.json holds it."""
        return {
            "index": self.shard.index,
            "count": self.shard.count,
            "case_set": self.case_set,
        }


def parse_shard(text: str) -> Shard:
    """The shard that a person named, as in `2/5`. Raises UsageError."""
    found = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text, flags=re.ASCII)
    shard = Shard(index=int(found[1]), count=int(found[2])) if found else None
    if shard is None or not shard.index <= shard.count <= MOST_SHARDS:
        raise UsageError(
            f"--shard {printable(shorten(text, 40))}: expected a part and how many there are, as "
            f"in 2/5, of at most {MOST_SHARDS}."
        )
    return shard


def read_shard(document: object) -> ShardOf | None:
    """The shard that a run.json names; None where what stands there is none."""
    match document:
        case {"index": int(index), "count": int(count), "case_set": str(case_set)}:
            if 1 <= index <= count <= MOST_SHARDS:
                return ShardOf(shard=Shard(index=index, count=count), case_set=case_set)
    return None


def lone_shard(document: object, folder: Path) -> Problem:
    """One shard where a run is needed; `document` is what run.json names, whatever that is."""
    found = read_shard(document)
    name = f"shard {found.shard.index} of {found.shard.count}" if found else "an unreadable shard"
    return Problem(
        file=show_path(folder),
        found=f"{name} of a run",
        expected="a whole run",
        advice="Merge all its shards with `dialgate merge`.",
    )


def case_set_digest(cases: Mapping[str, Mapping[str, str]]) -> str:
    """Digest of all cases in their order: two suites with the same one deal out the same shards."""
    return digest_of_parsed([[case_id, cases[case_id]["digest"]] for case_id in cases])


def join_shards(parts: Sequence[Sequence[T]]) -> list[T]:
    """What `Shard.select` dealt out, in order again; `parts` are all of them, from the first.

    >>> whole = list("abcdefg")
    >>> join_shards([Shard(index=i, count=3).select(whole) for i in (1, 2, 3)]) == whole
    True
    """
    longest = max((len(part) for part in parts), default=0)
    return [part[row] for row in range(longest) for part in parts if row < len(part)]
