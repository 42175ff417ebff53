"""The cube of any source of review events, computed where the events lie if that is possible.

Knows which way a source is aggregated; leaves each way to `dialgate_evals.events.tables`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.counts.cube_of_files import aggregate_files
from dialgate_evals.events.counts.warehouse_cube import aggregate_warehouse
from dialgate_evals.events.counts.warehouse_table import NotCountedThereError
from dialgate_evals.events.named_source import TableSource, name_source
from dialgate_evals.files.plain_text import printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.event_cube import EventCube
    from dialgate_evals.events.task_runs import InForce


def aggregate_events(
    source: str | Path,
    actions: ActionRegistry,
    *,
    now: dt.datetime,
    same_call_limit: int,
    asked: InForce | None = None,
    say: Callable[[str], None],
) -> EventCube:
    """The cube of the source, whichever way it is computed.

    `now`: events after it are counted as future; `same_call_limit`: the same call more often than
    this in one task is a retry loop; `asked`: what the dial asks beside the cube; `say`: is told
    where a warehouse doesn't count them itself.
    Raises ConfigurationError: unreadable, or over 1 % of the rows are bad.
    """
    named = name_source(source)
    if isinstance(named, TableSource) and not named.is_duckdb:
        try:
            cube = aggregate_warehouse(named, actions, now=now, limit=same_call_limit, asked=asked)
        except NotCountedThereError as error:
            say(f"{named.shown} is read row by row: {printable(str(error))}.")
            cube = None
        if cube is not None:
            return cube
    return aggregate_files(named, actions, now=now, limit=same_call_limit, asked=asked)
