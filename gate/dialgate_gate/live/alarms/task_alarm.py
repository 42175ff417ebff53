"""An alarm of a class's tasks: what rose, since when, under which release, against which limit.

The value and its words; leaves finding it to `alarms.detecting`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.settings.watch_policy import Signal
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a class is held against, and where it comes from."""

    value: float
    # a rate, dollars, milliseconds, or a share of the usual volume
    learned_from: int | None = None
    # first tasks that taught it; None: the policy names it
    rise: float = 1.0
    # so many times what they showed
    cut: float | None = None
    # of a learned mean of costs: what is over it counts as it


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAlarm:
    """What a detector found of one class."""

    signal: Signal
    since: dt.datetime
    # of the most likely first task of the change; of volume: the hour
    found_at: dt.datetime
    # of the task that showed it; of volume: the end of the hour
    is_within: bool
    # found inside one release, by its own tasks; False: by the class's over all releases
    releases: tuple[str, ...]
    # since then, in order of first use
    before: tuple[str, ...]
    # the releases of the tasks before, the latest last
    tasks: int
    # since then
    figure: float
    # what they show: a rate, dollars, milliseconds, tasks an hour
    usual: float | None
    # the same of the tasks before; None: there were none
    limit: Limit
    alpha: float
    # the chance that this detector ever alarms of this class without a change
    log_e_value: float

    @property
    def sentence(self) -> str:
        """The reason, with figures."""
        since = f"{self.since:%Y-%m-%d %H:%M} UTC"
        return f"{self._figures(since)} {self._held()} {self._chance()}"

    @property
    def found(self) -> str:
        """The reason in short."""
        return self._figures(f"{self.since:%Y-%m-%d %H:%M} UTC").rstrip(".")

    def _figures(self, since: str) -> str:
        if self.signal is Signal.VOLUME:
            usual = "" if self.usual is None else f" where {self.usual:.1f} are usual"
            return (
                f"{count_of(self.tasks, 'task')} began since {since}, {self.figure:.1f} an hour"
                f"{usual}."
            )
        before = "" if self.usual is None else f", {show(self.signal, self.usual)} before"
        return (
            f"{WHAT[self.signal]} {show(self.signal, self.figure)} in "
            f"{count_of(self.tasks, 'task')} since {since}{before}."
        )

    def _held(self) -> str:
        limit = self.limit
        if self.signal is Signal.VOLUME:
            return (
                f"Alarmed is under {show_rate(limit.value)} of what is usual at that hour of the "
                f"week, by {count_of(limit.learned_from or 0, 'day')} before."
            )
        said = f"The limit is {show(self.signal, limit.value)}"
        if limit.learned_from is None:
            return f"{said}, by the policy."
        cut = "" if limit.cut is None else f", cut at {show(self.signal, limit.cut)} a task"
        return (
            f"{said}{cut}: {limit.rise:g} times what {count_of(limit.learned_from, 'first task')} "
            "can have shown."
        )

    def _chance(self) -> str:
        return (
            "Without a change this class ever alarms so with a chance of at most "
            f"{show_rate(self.alpha)}."
        )


WHAT = {
    Signal.INTERVENTION_RATE: "Intervened in:",
    Signal.ESCALATION_RATE: "Escalated:",
    Signal.COST_USD: "A task costs",
    Signal.COST_P99_USD: "The P99 of a task's cost is",
    Signal.LATENCY_P95_MS: "The P95 of a task's slowest call is",
    Signal.RETRY_LOOPS: "Went round in a retry loop:",
    Signal.VOLUME: "Tasks an hour:",
}
"""How a sentence about the figure begins."""


def show(signal: Signal, value: float) -> str:
    """The figure in the signal's unit."""
    if signal in {Signal.COST_USD, Signal.COST_P99_USD}:
        return f"${value:,.4g}" if value < 1000 else f"${value:,.0f}"
    if signal is Signal.LATENCY_P95_MS:
        return f"{value:,.0f} ms"
    if signal is Signal.VOLUME:
        return f"{value:,.1f}"
    return show_rate(value)
