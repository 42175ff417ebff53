"""Events aggregated by task, as plain SQL, the same in every database.

A task's events in a group are one observation, and any intervention counts for all of it: bounds
hold for observations that can't be told from each other's past, which reviews of one task can.
Each query reads `classed`; `tasked` and `watched` are relations over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.review_events import INTERVENTIONS, ReviewDecision
from dialgate_evals.events.tables.cube_queries import GROUP, day_of

if TYPE_CHECKING:
    from collections.abc import Iterable

UNREVIEWED = 2**62
"""Added to the time of an escalation: the least time of a task is that of its first review, and
beyond this number where there is none. One aggregate says both."""

FLAGS = ("escalated", "intervened", "edited", "rejected")
"""Columns of `classed`, 0 or 1, that say what kind of decision a row holds."""


def flags(decision: str) -> dict[str, str]:
    """The expressions of `FLAGS` from that of the decision."""
    kinds = {
        "escalated": [ReviewDecision.ESCALATED],
        "intervened": sorted(INTERVENTIONS),
        "edited": [ReviewDecision.EDITED],
        "rejected": [ReviewDecision.REJECTED],
    }
    return {
        name: f"CASE WHEN {decision} IN ({', '.join(repr(word.value) for word in words)}) "
        "THEN 1 ELSE 0 END"
        for name, words in kinds.items()
    }


def tasked(group: str) -> str:
    """The relation of tasks per group, apart for what was made in the mode in force.

    `group`: the columns of `classed` that name it.
    """
    most = ", ".join(f"MAX({name}) AS {name}" for name in FLAGS)
    return (
        f"SELECT {group}, in_force, task_key, MIN(at_us + escalated * {UNREVIEWED}) AS placed_us, "  # noqa: S608 - constants of this file only, as in all of these
        f"{most}, SUM(cost_nano) AS cost FROM classed WHERE NOT canary "
        f"GROUP BY {group}, in_force, task_key"
    )


def task_tail(task_id: str) -> str:
    """The end of a task's id, by whose bytes tasks are ordered whose first reviews are of one time.

    Their order must depend on nothing that became of them, and be the same in every database; a
    few characters are enough, and whole ids cost a third of counting them.
    """
    return f"right({task_id}, {TAIL})"


TAIL = 12

IS_WATCHED = "in_force AND NOT canary AND escalated = 0 AND mode_name <> 'shadow'"
"""The condition of a review that can make its class fall."""


def watched(tail: str) -> str:
    """The relation of these reviews; `tail`: the expression of `task_tail`."""
    return (
        f"SELECT class_name, task_key, {tail} AS task_tail, at_us, release_name, intervened, "  # noqa: S608 - constants
        f"named_id FROM classed WHERE {IS_WATCHED}"
    )


def task_counts(group: str, join: str, *, is_split: bool) -> str:
    """Tasks per group; `join` gives a group its names; `is_split`: a task may be in two rows."""
    most = ", ".join(f"MAX({name}) AS {name}" for name in FLAGS)
    source = "tasked"
    if is_split:
        source = (
            f"(SELECT {group}, task_key, MIN(placed_us) AS placed_us, {most} FROM tasked "  # noqa: S608 - constants
            f"GROUP BY {group}, task_key) AS whole"
        )
    sums = ", ".join(f"SUM({name}) AS {name}" for name in FLAGS)
    counted = (
        f"SELECT {group}, COUNT(*) AS n, "  # noqa: S608 - constants
        f"COUNT(CASE WHEN placed_us < {UNREVIEWED // 2} THEN 1 END) AS reviewed, {sums} "
        f"FROM {source} GROUP BY {group}"
    )
    return (
        f"SELECT {GROUP}, n, reviewed, intervened, edited, rejected, escalated "  # noqa: S608 - constants
        f"FROM ({counted}) AS counted {join} ORDER BY {GROUP}"
    )


_IS_REVIEWED = f"placed_us < {UNREVIEWED // 2}"
_PLACED = f"(CASE WHEN {_IS_REVIEWED} THEN placed_us ELSE placed_us - {UNREVIEWED} END)"
_DAY_COUNTS = (
    f"COUNT(CASE WHEN {_IS_REVIEWED} THEN 1 END) AS reviewed, SUM(intervened) AS intervened, "
    f"COUNT(CASE WHEN {_IS_REVIEWED} THEN NULL ELSE 1 END) AS unreviewed, "
    f"COUNT(CASE WHEN {_IS_REVIEWED} AND escalated = 1 THEN 1 END) AS passed_on, "
    f"COUNT(CASE WHEN {_IS_REVIEWED} AND escalated = 1 AND intervened = 1 THEN 1 END) AS passed_bad"
)


def task_days(group: str, join: str) -> str:
    """Tasks per group and day, apart for what was made in the mode in force."""
    counted = (
        f"SELECT {group}, in_force, day_number, {_DAY_COUNTS} FROM (SELECT {group}, in_force, "  # noqa: S608 - constants
        f"placed_us, intervened, escalated, CAST({day_of(_PLACED)} AS INTEGER) AS day_number "
        "FROM tasked) "
        f"AS dated GROUP BY {group}, in_force, day_number"
    )
    return (
        f"SELECT {GROUP}, in_force, day_number, reviewed, intervened, unreviewed, passed_on, "  # noqa: S608 - constants
        "passed_bad "
        f"FROM ({counted}) AS counted {join} ORDER BY {GROUP}, in_force, day_number"
    )


def pooled_days(classes: Iterable[str], releases: Iterable[str], join: str, first_of: str) -> str:
    """The same of these classes in force under these releases, each task once for them all.

    Classes and releases are literals; `first_of`: the release of a task's first place.
    """
    named = f"FROM tasked {join} WHERE in_force"
    pooled = (
        f"SELECT class_name, mode_name, task_key, {first_of} AS release_name, "
        f"MIN(placed_us) AS placed_us, MAX(intervened) AS intervened, MAX(escalated) AS escalated "
        f"{named} "
        f"AND class_name IN ({', '.join(classes)}) AND release_name IN ({', '.join(releases)}) "
        "GROUP BY class_name, mode_name, task_key"
    )
    return (
        f"SELECT {GROUP}, true AS in_force, day_number, {_DAY_COUNTS} FROM (SELECT {GROUP}, "  # noqa: S608 - constants
        f"placed_us, intervened, escalated, CAST({day_of(_PLACED)} AS INTEGER) AS day_number "
        f"FROM ({pooled}) AS pooled) AS dated "
        f"GROUP BY {GROUP}, day_number ORDER BY {GROUP}, day_number"
    )


_REVIEW_US = "CAST(LEAST(coalesce(review_s, 0), 1e8) * 1000000 AS BIGINT)"
"""How long a review took: its decision comes that long after the event began."""


def decision_delays(group: str, join: str) -> str:
    """Tasks in force per group, by day and by days until the decision that counts."""
    decided = f"at_us + {_REVIEW_US}"
    tasks = (
        f"SELECT {group}, task_key, MIN(at_us) AS placed_us, "  # noqa: S608 - constants
        f"MIN(CASE WHEN intervened = 1 THEN {decided} END) AS stopped_us, "
        f"MAX({decided}) AS decided_us FROM classed "
        f"WHERE in_force AND NOT canary AND escalated = 0 GROUP BY {group}, task_key"
    )
    first, last = (f"CAST({day_of(us)} AS INTEGER)" for us in ("placed_us", _COUNTS_US))
    counted = (
        f"SELECT {group}, day_number, last_day - day_number AS delay_days, is_stopped, "  # noqa: S608 - constants
        f"COUNT(*) AS n FROM (SELECT {group}, {first} AS day_number, {last} AS last_day, "
        "CASE WHEN stopped_us IS NULL THEN 0 ELSE 1 END AS is_stopped "
        f"FROM ({tasks}) AS tasks) AS dated GROUP BY {group}, day_number, last_day, is_stopped"
    )
    return (
        f"SELECT class_name, release_name, day_number, delay_days, is_stopped, n "  # noqa: S608 - constants
        f"FROM ({counted}) AS counted {join} "
        "ORDER BY class_name, release_name, day_number, delay_days, is_stopped"
    )


_COUNTS_US = "coalesce(stopped_us, decided_us)"


def placed(where: str = "") -> str:
    """The relation of reviewed tasks; `where` leaves reviews out before tasks are made of them."""
    return (
        "SELECT class_name, task_key, MIN(task_tail) AS task_tail, MIN(at_us) AS placed_us, "  # noqa: S608 - constants
        f"MAX(intervened) AS intervened FROM watched {where} GROUP BY class_name, task_key"
    )


PLACED = placed()


def task_runs(tie: str, tasks: str = PLACED) -> str:
    """Per class the places of reviewed tasks with an intervention, and of the last task.

    Places count from 1, in the order of first reviews: between two of them lies a run of clean
    tasks. `tie`: `task_tail` as bytes order it; `tasks`: the relation of them.
    """
    ordered = f"row_number() OVER (PARTITION BY class_name ORDER BY placed_us, {tie})"
    return (
        "SELECT class_name, place, intervened FROM (SELECT class_name, intervened, "  # noqa: S608 - constants
        f"{ordered} AS place, COUNT(*) OVER (PARTITION BY class_name) AS n "
        f"FROM ({tasks}) AS placed) AS ordered "
        "WHERE intervened = 1 OR place = n ORDER BY class_name, place"
    )


def _stretch(tie: str, class_name: str, first: int, last: int) -> str:
    """The reviews of the tasks from one place to another, of one class."""
    return (
        f"(SELECT watched.*, place, placed_us FROM watched JOIN (SELECT * FROM (SELECT task_key, "  # noqa: S608 - literals that the dialect quoted
        f"placed_us, row_number() OVER (ORDER BY placed_us, {tie}) AS place "
        f"FROM ({placed(f'WHERE class_name = {class_name}')}) AS placed) AS ordered "
        f"WHERE place BETWEEN {int(first)} AND {int(last)}) AS kept USING (task_key) "
        f"WHERE class_name = {class_name}) AS stretch"
    )


MOMENTS, RELEASE, EVENT = "moments", "release", "event"
"""Kinds of rows of `stretch_facts`."""


def stretch_facts(tie: str, class_name: str, first: int, last: int, order: str, most: int) -> str:
    """All there is to say of a stretch, as rows (kind, name, first_us, found_us, n), in any order.

    MOMENTS: when the first task was reviewed first, the last first intervened in, and how many
    were. RELEASE: one of its reviews, with its first use. EVENT: of its latest interventions, n
    from 1 for the very latest; `order`: event ids as their bytes order them.

    One query, as finding the stretch is most of its cost.
    """
    return (
        f"SELECT * FROM (WITH stretch AS (SELECT * FROM {_stretch(tie, class_name, first, last)}) "  # noqa: S608 - see above
        f"SELECT '{MOMENTS}' AS kind, NULL AS name, MIN(placed_us) AS first_us, MIN(CASE WHEN "
        f"place = {int(last)} AND intervened = 1 THEN at_us END) AS found_us, "
        "COUNT(DISTINCT CASE WHEN intervened = 1 THEN place END) AS n FROM stretch "
        f"UNION ALL SELECT '{RELEASE}', CAST(release_name AS VARCHAR), MIN(at_us), NULL, NULL "
        "FROM stretch GROUP BY release_name "
        f"UNION ALL SELECT '{EVENT}', named_id, at_us, NULL, n FROM (SELECT named_id, at_us, "
        f"row_number() OVER (ORDER BY at_us DESC, {order} DESC) AS n FROM stretch "
        f"WHERE intervened = 1) AS latest WHERE n <= {int(most)}) AS facts"
    )


def foremost(columns: str, counted: str, stopped: str, order: str, most: int) -> str:
    """Per class the interventions that weigh most, in the order of `events.foremost`.

    `columns`: what names a row; `counted` and `stopped`: conditions of a row.
    """
    weight = (
        f"CASE WHEN {counted} THEN 0 ELSE 1 END, CASE WHEN {stopped} THEN 0 ELSE 1 END, "
        f"at_us DESC, {order}"
    )
    return (
        f"SELECT class_name, {columns} FROM (SELECT class_name, {columns}, row_number() OVER "  # noqa: S608 - see above
        f"(PARTITION BY class_name ORDER BY {weight}) AS place FROM classed "
        f"WHERE intervened = 1 AND NOT canary) AS weighed WHERE place <= {int(most)} "
        "ORDER BY class_name, place"
    )
