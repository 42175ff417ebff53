"""Trials that all broke off alike before the agent did anything: its wiring failed.

A key that is not set, a module that is missing: replayed, they would hide that it was mended.
They are left out as a whole or not at all; leaving out single trials that broke off would make
what is replayed luckier than the agent is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.actions.trajectory import Trajectory


class AlikeFailures:
    """Hears of each trial of a run, and tells whether all of them are such."""

    def __init__(self) -> None:
        self._failure: str | None = None
        self._trials = 0
        self._is_other = False

    def note(self, trial: Trajectory) -> None:
        """Takes a trial in; one that could not be run at all says nothing either way."""
        if self._is_other or trial.error is not None:
            return
        self._trials += 1
        if self._trials == 1:
            self._failure = trial.failure
        self._is_other = (
            trial.failure is None or trial.failure != self._failure or _has_acted(trial)
        )

    @property
    def is_all(self) -> bool:
        """Whether there are two trials or more, and each broke off with the same words."""
        return self._trials > 1 and not self._is_other

    @property
    def may_be_all(self) -> bool:
        """Whether nothing that was heard so far tells of the release."""
        return not self._is_other


def broke_off_alike(trials: Iterable[Trajectory]) -> bool:
    """Whether all trials of a record are such; reads no further than to the first that isn't."""
    heard = AlikeFailures()
    for trial in trials:
        heard.note(trial)
        if not heard.may_be_all:
            return False
    return heard.is_all


def _has_acted(trial: Trajectory) -> bool:
    """Whether a message stands behind the request, which is the last one of a case."""
    return not trial.messages or trial.messages[-1].get("role") != "user"
