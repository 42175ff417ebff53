"""The aggregation of review events as plain SQL, the same in every database.

Each query reads a relation `classed` (columns: `COLUMNS`) and gives counts, sums or buckets that
can be merged. Percentiles are read off buckets of 2 %, as not every database has quantiles.
"""

from __future__ import annotations

from math import log

DAY_US = 86_400_000_000
NANO = 1_000_000_000
"""Costs are summed as whole billionths of a dollar: a sum that is the same in any order."""

COLUMNS = (
    "class_name", "release_name", "mode_name", "in_force", "decision", "escalated", "intervened",
    "edited", "rejected", "canary", "named_id", "reviewer", "task_key", "tool", "at_us",
    "latency_ms", "cost_nano", "review_s",
)  # fmt: skip

GROUP = "class_name, release_name, mode_name"
_LOG_STEP = repr(log(1.02))
_NOTHING = -1_000_000


def _bucket(value: str) -> str:
    # A database may take the logarithm of a zero that a CASE leaves out, and fail.
    return f"coalesce(CAST(floor(ln(nullif({value}, 0)) / {_LOG_STEP}) AS INTEGER), {_NOTHING})"


def _buckets(value: str, group: str, source: str) -> str:
    return (
        f"SELECT {group}, bucket, COUNT(*) AS n, MIN(v) AS least, MAX(v) AS most "  # noqa: S608 - constants of this file only, as in all of these
        f"FROM (SELECT {group}, {value} AS v, {_bucket(value)} AS bucket FROM {source}) AS valued "
        f"GROUP BY {group}, bucket ORDER BY {group}, bucket"
    )


def whole_units(at_us: str, unit_us: int) -> str:
    """Whole units since 1970, rounded down also before it; exact, so that no division rounds."""
    return f"(({at_us}) - ((({at_us}) % {unit_us}) + {unit_us}) % {unit_us}) / {unit_us}"


def day_of(at_us: str) -> str:
    """Whole days since 1970."""
    return whole_units(at_us, DAY_US)


COUNTS = (
    f"SELECT {GROUP}, day_number, decision, COUNT(*) AS n, MIN(at_us) AS first_us, "  # noqa: S608 - built from constants
    f"MAX(at_us) AS last_us FROM (SELECT {GROUP}, decision, at_us, "
    f"CAST({day_of('at_us')} AS INTEGER) AS day_number FROM classed WHERE NOT canary) AS dated "
    f"GROUP BY {GROUP}, day_number, decision ORDER BY {GROUP}, day_number, decision"
)

LATENCIES = _buckets("latency_ms", GROUP, "classed WHERE NOT canary AND latency_ms IS NOT NULL")


def task_costs(group: str, join: str, *, is_split: bool) -> str:
    """The costs of tasks per group, from `tasked`; `join` gives a group its names.

    `is_split`: a task may be in two rows. Nearly every task is a row of its own, and one number
    less wide than three words halves the time of grouping: so DuckDB numbers its groups.
    """
    summed = "tasked WHERE cost IS NOT NULL"
    if is_split:
        summed = (
            f"(SELECT {group}, SUM(cost) AS cost FROM {summed} GROUP BY {group}, task_key) "  # noqa: S608 - constants
            "AS summed"
        )
    valued = _buckets(f"(CAST(cost AS DOUBLE PRECISION) / {NANO})", group, summed)
    return (
        f"SELECT {GROUP}, bucket, n, least, most FROM ({valued}) AS valued {join} "  # noqa: S608 - constants
        f"ORDER BY {GROUP}, bucket"
    )


REVIEWERS = (
    "SELECT reviewer, decision, canary, COUNT(*) AS n FROM classed "
    "GROUP BY reviewer, decision, canary ORDER BY reviewer, decision, canary"
)

REVIEW_TIMES = _buckets("review_s", "reviewer", "classed WHERE NOT canary AND review_s IS NOT NULL")

CANARIES = "SELECT reviewer, decision, named_id FROM classed WHERE canary ORDER BY named_id"

FUTURE = "SELECT COUNT(*), MIN(at_us) FROM classed WHERE at_us > {now_us}"


def retry_loops(call: str, limit: int) -> str:
    """Tasks per group in which a call was proposed more than `limit` times.

    `call`: an expression that is equal for equal arguments, as data.
    """
    often = (
        f"SELECT {GROUP}, task_key FROM {_repeated(limit)} WHERE NOT canary "  # noqa: S608 - built from constants
        f"GROUP BY {GROUP}, task_key, tool, {call} HAVING COUNT(*) > {int(limit)}"
    )
    return (
        f"SELECT {GROUP}, COUNT(*) AS n FROM (SELECT DISTINCT {GROUP}, task_key "  # noqa: S608 - built from constants
        f"FROM ({often}) AS often) AS looping GROUP BY {GROUP} ORDER BY {GROUP}"
    )


def shared_calls(call: str, limit: int, order: str) -> str:
    """Per reviewer the pairs of decisions with others on one call of a task, and those alike.

    Of a reviewer who decided it twice the first counts; `order`: event ids by their bytes.
    `limit`: as `repeated_tasks` knows it, which holds every such task at any limit.
    """
    first = (
        f"SELECT task_key, tool, {call} AS its_call, reviewer, decision, row_number() OVER "  # noqa: S608 - built from constants
        f"(PARTITION BY task_key, tool, {call}, reviewer ORDER BY {order}) AS place "
        f"FROM {_repeated(limit)} WHERE NOT canary AND reviewer IS NOT NULL AND escalated = 0"
    )
    paired = (
        "SELECT reviewer, COUNT(*) OVER (PARTITION BY task_key, tool, its_call) - 1 AS others, "  # noqa: S608 - built from constants
        "COUNT(*) OVER (PARTITION BY task_key, tool, its_call, decision) - 1 AS same "
        f"FROM ({first}) AS decided WHERE place = 1"
    )
    return (
        "SELECT reviewer, SUM(others) AS shared, SUM(same) AS alike "  # noqa: S608 - built from constants
        f"FROM ({paired}) AS paired WHERE others > 0 GROUP BY reviewer ORDER BY reviewer"
    )


def doubtful_calls(doubt: str, limit: int) -> str:
    """How many of the calls that may be repeated are such that `doubt` holds for them."""
    return f"SELECT COUNT(*) FROM {_repeated(limit)} WHERE {doubt}"  # noqa: S608 - ours


def _repeated(limit: int) -> str:
    """The rows of these tasks: so few that comparing their calls costs little."""
    return f"classed JOIN ({repeated_tasks(limit)}) AS repeated USING (task_key, tool)"


def repeated_tasks(limit: int) -> str:
    """Tasks and tools with more than `limit` calls, or with calls that two reviewers decided."""
    return (
        "SELECT task_key, tool FROM classed WHERE NOT canary GROUP BY task_key, tool "  # noqa: S608 - built from constants
        f"HAVING COUNT(*) > {int(limit)} OR MIN(reviewer) <> MAX(reviewer)"
    )
