"""What became of the settled past of a table, as plain SQL, the same in every database.

A look settles the tasks first reviewed before a moment. Whether what it took them for still holds
is told by sums of hashes, so that a database says it without giving a row away. Each query reads
`watched`; `hashed` is the dialect's word for a number of some values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Hashed = Callable[[Iterable[str]], str]


def placed_between(first_us: int | None, before_us: int | None, placed: str) -> str:
    """The reviewed tasks whose first reviews lie from one moment to before another."""
    ends = [] if first_us is None else [f"placed_us >= {int(first_us)}"]
    ends += [] if before_us is None else [f"placed_us < {int(before_us)}"]
    return f"SELECT * FROM ({placed}) AS tasks WHERE {' AND '.join(ends) or 'true'}"  # noqa: S608 - numbers


def _settled(before_us: int) -> str:
    """The settled tasks, with what they were by their reviews before the moment alone."""
    early = f"MAX(CASE WHEN at_us < {int(before_us)} THEN intervened ELSE 0 END)"
    return (
        f"(SELECT class_name, task_key, MAX(intervened) AS intervened, {early} AS was "  # noqa: S608 - numbers
        f"FROM watched GROUP BY class_name, task_key HAVING MIN(at_us) < {int(before_us)}) AS tasks"
    )


def turned(before_us: int, hashed: Hashed) -> str:
    """Per class the settled tasks whose first intervention came after the moment."""
    number = hashed(["task_key"])
    hashes = (
        f"SELECT class_name, {number} AS h FROM {_settled(before_us)} "  # noqa: S608 - ours
        "WHERE intervened = 1 AND was = 0"
    )
    return _summed(hashes)


def followed(before_us: int, hashed: Hashed) -> str:
    """Per class the reviews of settled tasks that came after the moment."""
    texts = ["task_key", "at_us", "intervened", "CAST(release_name AS VARCHAR)", "named_id"]
    later = (
        f"SELECT watched.* FROM watched JOIN {_settled(before_us)} USING (class_name, task_key) "  # noqa: S608 - ours
        f"WHERE at_us >= {int(before_us)}"
    )
    return _summed(f"SELECT class_name, {hashed(texts)} AS h FROM ({later}) AS later")  # noqa: S608 - ours


def _summed(hashes: str) -> str:
    return (
        f"SELECT class_name, COUNT(*) AS n, SUM(h) AS content FROM ({hashes}) AS hashes "  # noqa: S608 - ours
        "GROUP BY class_name ORDER BY class_name"
    )
