"""A look at a table of a database that goes on from a state: settled tasks are not gone through.

What is kept are counts, sums of hashes and where each detector was, no rows. Each look asks the
database whether the rows before a moment are those that they were: where not, or where one of them
would be judged otherwise by what came since, everything is counted anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.bad_rows import MOST_NAMED
from dialgate_evals.events.counts.task_reading import describe_stretch, read_alarms, read_runs
from dialgate_evals.events.tables.task_queries import PLACED
from dialgate_evals.events.watched.checkpoints import Checkpoint, Settled
from dialgate_evals.events.watched.settled_queries import followed, placed_between, turned
from dialgate_evals.events.watched.settling import TAIL_US, go_on
from dialgate_evals.events.watched.watch_state import UnusableStateError, WatchState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.events.task_runs import Alarm, InForce, Stretch
    from dialgate_evals.events.watched.table_parts import CountedPart, TableParts
    from dialgate_evals.files.problems import Problem


_UNTOLD = "the times are written in ways that its database can't tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFound:
    """What a look at a table found, and the state that it leaves; None: it leaves none."""

    alarms: Mapping[str, Alarm]
    rows: int
    merged: int
    not_live: int
    bad_rows: int = 0
    bad: tuple[Problem, ...] = ()
    state: WatchState | None = None
    why_none: str = ""
    # why it leaves no state, as the rest of a sentence


class TableWatch:
    """One look at a table."""

    def __init__(self, table: TableParts, asked: InForce, now_us: int) -> None:
        # now_us: only how far the next look goes back depends on it
        self._table = table
        self._asked = asked
        self._now_us = now_us

    @cached_property
    def _whole(self) -> CountedPart:
        return self._table.whole()

    def look(self) -> TableFound:
        """Everything is counted. Raises ConfigurationError: over 1 % of the rows are bad."""
        whole = self._whole
        lines = whole.lines
        return TableFound(
            alarms=read_alarms(whole.ask, self._table.words, self._asked),
            rows=whole.rows,
            merged=lines.merged,
            not_live=lines.not_live,
            bad_rows=len(lines.bad),
            bad=tuple(lines.bad[:MOST_NAMED]),
        )

    def begin(self) -> TableFound:
        """The same, with a state for the next look."""
        found, whole, table = self.look(), self._whole, self._table
        newest_us = table.newest_us()
        if self._asked.detector is None or newest_us is None:
            return found
        if found.bad:
            # Their places move with every row that comes: a whole look names them.
            return replace(found, why_none="it holds bad rows")
        before_us = self._settled_until(newest_us)
        if table.stands_twice(before_us):
            return replace(found, why_none="an event_id of old rows stands in new ones again")
        reached = self._reached(whole, None, before_us, found)
        return replace(found, state=reached, why_none="" if reached else _UNTOLD)

    def go_on_from(self, known: WatchState) -> TableFound:
        """What came since is counted. Raises UnusableStateError."""
        point, settled, table = known.checkpoint, known.settled, self._table
        if point is None or settled is None or self._asked.detector is None:
            raise UnusableStateError("is of files")
        before_us = point.before_us
        if table.past(before_us) != (settled.rows, settled.content):
            raise UnusableStateError("knows other old rows than there are now")
        if table.stands_twice(before_us):
            raise UnusableStateError("knows an event that stands there again")
        counts = table.counts(before_us)
        if counts.bad:
            raise UnusableStateError("and the new rows hold bad ones")
        if counts.early:
            raise UnusableStateError(f"can't tell rows apart of which {_UNTOLD}")
        part = table.part(before_us)
        if self._straddling(part, before_us, point.alarms) != (settled.turned, settled.followed):
            raise UnusableStateError("knows a task that later reviews changed")
        found = TableFound(
            alarms={},
            rows=known.rows + counts.rows,
            merged=known.merged + counts.merged,
            not_live=known.not_live + counts.not_live,
        )
        newest_us = table.newest_us()
        until_us = before_us if newest_us is None else self._settled_until(newest_us)
        reached = self._reached(part, point, max(before_us, until_us), found) or known
        point = reached.checkpoint
        assert point is not None
        _, alarms = self._go_on(part, point, point.before_us, None)
        return replace(found, alarms=dict(sorted(alarms.items())), state=reached)

    def _settled_until(self, newest_us: int) -> int:
        # An event of a clock that is ahead must not make all others late.
        return min(newest_us, self._now_us) - TAIL_US

    def _reached(
        self, part: CountedPart, point: Checkpoint | None, before_us: int, found: TableFound
    ) -> WatchState | None:
        """The state at a moment; `part`: rows in which all tasks from the point on are.

        None: the rows before the moment can't be told from the others.
        """
        after = self._table.counts(before_us)
        if after.early:
            return None
        first_us = None if point is None else point.before_us
        states, alarms = self._go_on(part, point, first_us, before_us)
        checkpoint = Checkpoint.of(before_us, states, alarms)
        rows, content = self._table.past(before_us)
        turned_now, followed_now = self._straddling(part, before_us, checkpoint.alarms)
        return WatchState(
            rows=found.rows - after.rows,
            merged=found.merged - after.merged,
            not_live=found.not_live - after.not_live,
            checkpoint=checkpoint,
            settled=Settled(rows=rows, content=content, turned=turned_now, followed=followed_now),
        )

    def _straddling(
        self, part: CountedPart, before_us: int, alarmed: Mapping[str, Any]
    ) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Of the tasks on both sides of the moment: what a later look must find again."""
        hashed = self._table.hashed
        now_turned = _sums(part.ask(turned(before_us, hashed)))
        if not alarmed:
            return now_turned, {}
        later = _sums(part.ask(followed(before_us, hashed)))
        return now_turned, {name: later[name] for name in sorted(alarmed) if name in later}

    def _go_on(
        self,
        part: CountedPart,
        point: Checkpoint | None,
        first_us: int | None,
        until_us: int | None,
    ) -> tuple[dict[str, Mapping[str, Any]], dict[str, Alarm]]:
        detector = self._asked.detector
        assert detector is not None
        tasks = placed_between(first_us, until_us, PLACED)
        runs = read_runs(part.ask, self._table.words.tie, tasks)
        return go_on(detector, point, runs, self._describe)

    def _describe(self, name: str, stretch: Stretch) -> Alarm:
        """Places are those among all tasks of the class: only all rows tell them."""
        return describe_stretch(self._whole.ask, self._table.words, name, stretch)


def _sums(rows: Any) -> dict[str, list[str]]:  # noqa: ANN401 - a query's answer
    return {str(name): [str(int(count)), str(int(content))] for name, count, content in rows}
