"""Tasks one by one in their order, as plain SQL, the same in every database: what a watch looks at.

Each query reads `classed`. What leaves a database is when a task began, its release, whether it was
escalated, its cost and its slowest call; no id and no call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.tables.cube_queries import whole_units
from dialgate_evals.events.tables.task_queries import UNREVIEWED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HOUR_US = 3_600_000_000


def first_release(by_bytes: Callable[[str], str]) -> str:
    """The aggregate of a task's release at its first event; of those of one moment, the least.

    `by_bytes`: a text as its bytes order it. Times and names are one text, times of one length.
    """
    dated = f"(CAST(at_us + {UNREVIEWED} AS VARCHAR) || CAST(release_name AS VARCHAR))"
    return f"substr(MIN({by_bytes(dated)}), {len(str(UNREVIEWED)) + 1})"


def _streamed(tail: str, first_release: str) -> str:
    """The relation of tasks of each class in force."""
    return (
        f"SELECT class_name, task_key, MIN(at_us) AS placed_us, MIN({tail}) AS task_tail, "  # noqa: S608 - constants of this file and the dialect's words, as in all of these
        f"{first_release} AS release_name, MAX(escalated) AS escalated, SUM(cost_nano) AS cost, "
        "MAX(latency_ms) AS slowest FROM classed WHERE in_force AND NOT canary "
        "GROUP BY class_name, task_key"
    )


def tasks_in_order(tail: str, first_release: str, tie: str) -> str:
    """Each task of a class in force, in the order of their first events.

    `tail`: the expression of `task_queries.task_tail`; `tie`: `task_tail` as bytes order it.
    """
    return (
        "SELECT class_name, placed_us, release_name, escalated, cost, slowest "  # noqa: S608 - see above
        f"FROM ({_streamed(tail, first_release)}) AS streamed "
        f"ORDER BY class_name, placed_us, {tie}"
    )


def looping_places(tail: str, first_release: str, tie: str, looping: str) -> str:
    """The places in that order, from 1, of the tasks of `looping` (class_name, task_key)."""
    return (
        "SELECT class_name, place FROM (SELECT class_name, task_key, row_number() OVER "  # noqa: S608 - see above
        f"(PARTITION BY class_name ORDER BY placed_us, {tie}) AS place "
        f"FROM ({_streamed(tail, first_release)}) AS streamed) AS placed "
        f"JOIN ({looping}) AS looping USING (class_name, task_key) ORDER BY class_name, place"
    )


def looping_there(call: str, limit: int) -> str:
    """The tasks of a class in which one call was proposed more than `limit` times.

    `call`: an expression that is equal for equal arguments, as data.
    """
    often = (
        "SELECT class_name, task_key FROM classed WHERE NOT canary "  # noqa: S608 - see above
        f"GROUP BY class_name, task_key, tool, {call} HAVING COUNT(*) > {int(limit)}"
    )
    return f"SELECT DISTINCT class_name, task_key FROM ({often}) AS often"  # noqa: S608 - see above


def named_tasks(pairs: Iterable[tuple[str, str]]) -> str:
    """The relation of tasks that are given: class and key, both as literals."""
    named = [f"SELECT {name} AS class_name, {key} AS task_key" for name, key in pairs]
    return " UNION ALL ".join(named) or "SELECT class_name, task_key FROM classed WHERE false"


HOURS = (
    "SELECT class_name, hour_number, COUNT(*) AS n FROM (SELECT class_name, "  # noqa: S608 - built from constants
    f"CAST({whole_units('placed_us', HOUR_US)} AS INTEGER) AS hour_number FROM "
    "(SELECT class_name, task_key, MIN(at_us) AS placed_us FROM classed WHERE NOT canary "
    "GROUP BY class_name, task_key) AS begun) AS dated "
    "GROUP BY class_name, hour_number ORDER BY class_name, hour_number"
)
"""Tasks that began in each hour since 1970 (UTC) of each class, in whatever mode."""
