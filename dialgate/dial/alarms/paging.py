"""Alarms of a suite's classes as pages: gathers release, owner, kill switch and command.

The wiring; leaves detecting and words to `dialgate_gate.live.alarms`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.dial.recommending.asking_events import known_releases
from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.problems import show_path
from dialgate_gate.live.alarms.detecting import UNSAID, watch_class
from dialgate_gate.live.alarms.on_call import owner_on_call
from dialgate_gate.live.alarms.page import Page, suspected
from dialgate_gate.settings.watch_policy import Signal

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from dialgate_evals.events.counts.task_streams import TaskStreams
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.live.alarms.task_alarm import TaskAlarm
    from dialgate_gate.live.demotion import Demotion
    from dialgate_gate.live.live_reviews import KnownReleases
    from dialgate_gate.settings.settings import GateSettings

_STAYS = frozenset({Signal.VOLUME})
"""Triggers that less autonomy doesn't mend."""


@dataclass(frozen=True, kw_only=True)
class Paged:
    """What the tasks of a suite's classes show."""

    pages: tuple[Page, ...] = ()
    # in the order in which they were found
    unwatched: tuple[str, ...] = ()
    # sentences: what the policy watches and nobody could
    blind: tuple[str, ...] = ()
    # sentences: what it watches and not one event of any class says


class Pager:
    """Makes pages of one suite."""

    def __init__(
        self, workspace: Workspace, settings: GateSettings, out: Path, now: dt.datetime
    ) -> None:
        self._workspace = workspace
        self._settings = settings
        self._out = out
        self._now = now
        self._known: KnownReleases | None = None
        self.order = (*workspace.actions.names, UNCLASSIFIED.name)

    def pages(self, demotions: tuple[Demotion, ...], streams: TaskStreams) -> Paged:
        """Those of the demotions, and of every class that alarms on a signal of `[watch]`."""
        pages = [self._demotion_page(item, streams) for item in demotions]
        unwatched: list[str] = []
        unsaid: list[Signal] = []
        policy = self._settings.policy.watch
        seen = [name for name in self.order if name in {*streams.by_class, *streams.hours}]
        for name in seen:
            if policy is None:
                break
            found = watch_class(name, streams, policy, classes=len(self.order), now=self._now)
            pages += [self._alarm_page(name, alarm) for alarm in found.alarms]
            unwatched += [
                f"{name}: {signal} is not watched: {why}."
                for signal, why in (found.unwatched or {}).items()
            ]
            unsaid += [item for item, why in (found.unwatched or {}).items() if why == UNSAID]
        pages.sort(key=lambda page: (page.alarm.found_at, self.order.index(page.action_class)))
        blind = tuple(
            f"No event says what {signal} of the policy watches: look at the feed."
            for signal in dict.fromkeys(unsaid)
            if unsaid.count(signal) == len(seen)
        )
        return Paged(pages=tuple(pages), unwatched=tuple(unwatched), blind=blind)

    def _demotion_page(self, item: Demotion, streams: TaskStreams) -> Page:
        stream = streams.by_class.get(item.action_class)
        before: tuple[str, ...] = ()
        if stream is not None:
            epoch_us = int(item.since.timestamp() * 1_000_000)
            earlier = stream.release[stream.at_us < epoch_us].tolist()
            before = tuple(stream.releases[number] for number in dict.fromkeys(earlier))
        return self._page(item.action_class, item, item.to, item.releases, before)

    def _alarm_page(self, name: str, alarm: TaskAlarm) -> Page:
        mode = self._mode(name)
        # In the loop a person decides each action already: less would only stop the work.
        falls = mode.rank > Mode.IN_THE_LOOP.rank and alarm.signal not in _STAYS
        to = list(Mode)[mode.rank - 1] if falls else None
        return self._page(name, alarm, to, alarm.releases, alarm.before)

    def _page(
        self,
        name: str,
        alarm: Demotion | TaskAlarm,
        to: Mode | None,
        releases: tuple[str, ...],
        before: tuple[str, ...],
    ) -> Page:
        runbook, folder = self._settings.runbook, self._workspace.folder
        return Page(
            alarm=alarm,
            action_class=name,
            mode=self._mode(name),
            to=to,
            suspect=suspected(releases, before, self._releases()),
            on_call=owner_on_call(self._settings, name, self._now),
            runbook=show_path(folder / "runbook.toml"),
            kill_switch=None if runbook.kill_switch is None else runbook.kill_switch.run,
            rollback=runbook.rollback,
            command=None if to is None else _command(folder, name, to),
        )

    def _mode(self, name: str) -> Mode:
        found = self._workspace.actions.get(name)
        return self._settings.dial.mode_of(UNCLASSIFIED if found is None else found)

    def _releases(self) -> KnownReleases:
        if self._known is None:
            release = self._workspace.release()
            self._known = known_releases(self._workspace, release, self._settings, self._out)
        return self._known


def _command(folder: Path, name: str, to: Mode) -> str:
    words = ["dialgate", "dial", "set", show_path(folder), name, to.value, "--by", "YOUR NAME"]
    return " ".join(map(shlex.quote, words))
