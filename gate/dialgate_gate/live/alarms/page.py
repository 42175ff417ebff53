"""What a pager gets: the alarm of a class, the change that is suspected, who answers, what to do.

The value and its JSON; leaves gathering it to `dialgate.dial.alarms` and showing it to reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import digest_of
from dialgate_evals.files.problems import join_words
from dialgate_gate.live.alarms.task_alarm import WHAT, TaskAlarm, show
from dialgate_gate.settings.watch_policy import Signal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from dialgate_evals.events.review_events import Mode
    from dialgate_gate.live.alarms.on_call import OwnerOnCall
    from dialgate_gate.live.demotion import Demotion
    from dialgate_gate.live.live_reviews import KnownReleases


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One alarm of one class, for a person who was asleep."""

    alarm: Demotion | TaskAlarm
    action_class: str
    mode: Mode
    to: Mode | None
    # one mode down; None: the alarm asks for none
    suspect: str
    # a sentence: which change the alarm came with
    on_call: OwnerOnCall
    runbook: str
    # where it lies
    kill_switch: str | None
    # what pauses the agent; None: the runbook has none
    rollback: str | None
    command: str | None
    # moves the class down; None: the alarm asks for no move

    @property
    def signal(self) -> Signal:
        """What the class alarms on."""
        alarm = self.alarm
        return alarm.signal if isinstance(alarm, TaskAlarm) else Signal.INTERVENTION_RATE

    @property
    def name(self) -> str:
        """The same for the same alarm, however often it is looked at."""
        at = self.alarm.found_at.timestamp()
        return digest_of([self.action_class, self.signal.value, self.mode.value, at])

    @property
    def title(self) -> str:
        """What alarms, for a subject line: the class, the signal, the move."""
        if self.signal is Signal.INTERVENTION_RATE and self.to is not None:
            return f"DEMOTE {self.action_class}: {_mode(self.mode)} → {_mode(self.to)}"
        alarm = f"ALARM {self.action_class}: {_NAMES[self.signal]}"
        return alarm if self.to is None else f"{alarm}; {_mode(self.mode)} → {_mode(self.to)}"

    def as_json(self) -> dict[str, Any]:
        """What a pager gets."""
        return {
            "page": self.name,
            "signal": self.signal.value,
            "title": self.title,
            **self._figures(),
            "suspect": self.suspect,
            "on_call": self.on_call.as_json(),
            "runbook": self.runbook,
            "kill_switch": self.kill_switch,
            "rollback": self.rollback,
            "command": self.command,
        }

    def _figures(self) -> dict[str, Any]:
        alarm = self.alarm
        if not isinstance(alarm, TaskAlarm):
            return alarm.as_json()
        return {
            "action_class": self.action_class,
            "mode": self.mode.value,
            "to": None if self.to is None else self.to.value,
            "since": _moment(alarm.since),
            "found_at": _moment(alarm.found_at),
            "releases": list(alarm.releases),
            "tasks": alarm.tasks,
            "figure": _rounded(alarm.figure),
            "usual": None if alarm.usual is None else _rounded(alarm.usual),
            "limit": _rounded(alarm.limit.value),
            "learned_from": alarm.limit.learned_from,
            "alpha": _rounded(alarm.alpha),
            "reason": alarm.sentence,
        }


_NAMES = {
    Signal.INTERVENTION_RATE: "interventions",
    Signal.ESCALATION_RATE: "escalations",
    Signal.COST_USD: "mean cost of a task",
    Signal.COST_P99_USD: "P99 of the cost of a task",
    Signal.LATENCY_P95_MS: "P95 of latency",
    Signal.RETRY_LOOPS: "retry loops",
    Signal.VOLUME: "tasks stopped coming",
}


def suspected(releases: Sequence[str], before: Sequence[str], known: KnownReleases) -> str:
    """The change that an alarm came with, as a sentence.

    `releases`: of the tasks since then, in order of first use; `before`: of those before.
    """
    if not releases:
        return "No task says which release it was under: look whether events still arrive."
    new = [name for name in releases if name not in before]
    if not before:
        return f"Release {releases[0]} was there from the first task on: nothing came before it."
    if not new:
        return (
            f"No release came with it (release {join_words(list(releases))}): look at the "
            "provider, the tools and what customers ask."
        )
    changed = _differing(known, before[-1], new[0])
    what = (
        "which no record or release file here can compare"
        if changed is None
        else f"which differs in {join_words(list(changed))}"
        if changed
        else "with the same prompts, tools, model and code"
    )
    return f"Release {new[0]} came with it, after {before[-1]}, {what}."


def _differing(known: KnownReleases, old: str, new: str) -> tuple[str, ...] | None:
    """The components in which they differ; None: one of them isn't known, or not for sure."""
    sides = [known.components.get(name, ()) for name in (old, new)]
    if any(len(items) == 0 for items in sides):
        return None
    pairs = [(one, other) for one in sides[0] for other in sides[1]]
    names = dict.fromkeys(name for one, other in pairs for name in (*one, *other))
    return tuple(name for name in names if any(a.get(name) != b.get(name) for a, b in pairs))


def figures_line(page: Page) -> str:
    """The figure beside its limit, for one line of a list."""
    alarm = page.alarm
    if not isinstance(alarm, TaskAlarm):
        return alarm.found
    shown = show(alarm.signal, alarm.figure)
    return f"{WHAT[alarm.signal]} {shown} (limit {show(alarm.signal, alarm.limit.value)})"


def _mode(mode: Mode) -> str:
    return mode.value.replace("_", " ")


def _moment(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
