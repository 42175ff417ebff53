"""What a look at review events is asked for and what it found; and the table of one look."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_evals.events.counts.checked_table import CheckedTable
from dialgate_evals.events.counts.counting_database import counting_database
from dialgate_evals.events.counts.cube_of_files import WORDS
from dialgate_evals.events.counts.task_reading import read_alarms
from dialgate_evals.events.tables.class_keys import ClassKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.counts.task_streams import TaskStreams
    from dialgate_evals.events.named_source import FileSource, TableSource
    from dialgate_evals.events.task_runs import Alarm, InForce
    from dialgate_evals.files.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a look found. rows = counted + merged + not_live + bad_rows."""

    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    # by class
    rows: int = 0
    merged: int = 0
    not_live: int = 0
    bad_rows: int = 0
    bad: tuple[Problem, ...] = ()
    # the first of them
    streams: TaskStreams | None = None
    # its tasks one by one; None: not asked for, or this look didn't read all of them

    @property
    def counted(self) -> int:
        """Events, canaries among them."""
        return self.rows - self.merged - self.not_live - self.bad_rows


@dataclass(frozen=True, kw_only=True)
class Look:
    """Which actions and modes one look at the events is about, and whom it tells."""

    actions: ActionRegistry
    asked: InForce
    say: Callable[[str], None]
    # is told why something was read that need not have been
    loop_limit: int | None = None
    # the same call more often in a task is a loop; None: tasks aren't asked for one by one


@contextmanager
def checked_table(
    actions: ActionRegistry, source: FileSource | TableSource | None
) -> Iterator[CheckedTable]:
    """A table for looks at the source; None: it may grow meanwhile."""
    with counting_database(source) as connection:
        yield CheckedTable(connection, keys=ClassKeys.of(actions), is_ordered=True)


def find_alarms(table: CheckedTable, look: Look) -> dict[str, Alarm]:
    """The alarms of all rows that the table holds."""
    table.classify(look.actions, look.asked)
    table.watch()
    return read_alarms(lambda sql: table.connection.execute(sql).fetchall(), WORDS, look.asked)
