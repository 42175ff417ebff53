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
    "class_name", "release_name", "mode_name", "decision", "canary", "canary_id", "reviewer",
    "task_key", "tool", "at_us", "latency_ms", "cost_nano", "review_s",
)  # fmt: skip

_GROUP = "class_name, release_name, mode_name"
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


# Whole days since 1970, rounded down also before it; exact, so that no division rounds.
_DAY = f"(at_us - ((at_us % {DAY_US}) + {DAY_US}) % {DAY_US}) / {DAY_US}"

COUNTS = (
    f"SELECT {_GROUP}, day_number, decision, COUNT(*) AS n, MIN(at_us) AS first_us, "  # noqa: S608 - built from constants
    f"MAX(at_us) AS last_us FROM (SELECT {_GROUP}, CAST({_DAY} AS INTEGER) AS day_number, "
    f"decision, at_us FROM classed WHERE NOT canary) AS dated "
    f"GROUP BY {_GROUP}, day_number, decision ORDER BY {_GROUP}, day_number, decision"
)

LATENCIES = _buckets("latency_ms", _GROUP, "classed WHERE NOT canary AND latency_ms IS NOT NULL")


def _task_costs(group: str) -> str:
    summed = (
        f"(SELECT {group}, task_key, SUM(cost_nano) AS cost FROM classed "  # noqa: S608 - built from constants
        f"WHERE NOT canary AND cost_nano IS NOT NULL GROUP BY {group}, task_key) AS summed"
    )
    return _buckets(f"(CAST(cost AS DOUBLE PRECISION) / {NANO})", group, summed)


COSTS = _task_costs(_GROUP)

COSTS_BY_KEY = (
    f"SELECT {_GROUP}, bucket, n, least, most FROM ({_task_costs('group_key')}) AS keyed "  # noqa: S608 - built from constants
    f"JOIN group_keys USING (group_key) ORDER BY {_GROUP}, bucket"
)
"""The same where `classed` numbers its groups: nearly every task is a row of the inner grouping,
and one number less wide than three words halves its time."""

REVIEWERS = (
    "SELECT reviewer, decision, canary, COUNT(*) AS n FROM classed "
    "GROUP BY reviewer, decision, canary ORDER BY reviewer, decision, canary"
)

REVIEW_TIMES = _buckets("review_s", "reviewer", "classed WHERE NOT canary AND review_s IS NOT NULL")

CANARIES = "SELECT reviewer, decision, canary_id FROM classed WHERE canary ORDER BY canary_id"

FUTURE = "SELECT COUNT(*) FROM classed WHERE at_us > {now_us}"


def repeated_tasks(limit: int) -> str:
    """Tasks and tools with more than `limit` calls, or with calls that two reviewers decided."""
    return (
        "SELECT task_key, tool FROM classed WHERE NOT canary GROUP BY task_key, tool "  # noqa: S608 - built from constants
        f"HAVING COUNT(*) > {int(limit)} OR MIN(reviewer) <> MAX(reviewer)"
    )
