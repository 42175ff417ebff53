"""Trials that all ended alike before the agent used a tool: its wiring failed, not the release.

A key that is not set, a module that is missing: replayed, they would hide that it was mended. Some
frameworks raise what is wrong, others give it as their reply. Such trials are left out as a whole
or not at all; leaving out single ones would make what is replayed luckier than the agent is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_evals.actions.trajectory import Trajectory


class _End(NamedTuple):
    """How a trial ended that used no tool."""

    failure: str | None
    reply: str | None


class AlikeTrials:
    """Hears of each trial of a run, and tells whether all of them are such."""

    def __init__(self) -> None:
        self._end: _End | None = None
        self._request: object = None
        self._trials = 0
        self._requests_differ = False
        self._is_other = False

    def note(self, trial: Trajectory) -> None:
        """Takes a trial in; one that could not be run at all says nothing either way."""
        if self._is_other or trial.error is not None:
            return
        end, request = _end_of(trial)
        if self._trials == 0:
            self._end, self._request = end, request
        self._trials += 1
        self._is_other = end is None or end != self._end
        self._requests_differ = self._requests_differ or request != self._request

    @property
    def is_all(self) -> bool:
        """Whether two trials or more broke off with the same words, or replied the same to all.

        One reply to one request, asked several times, may be the agent's own.
        """
        if self._trials < 2 or self._is_other or self._end is None:
            return False
        return self._end.failure is not None or self._requests_differ

    @property
    def may_be_all(self) -> bool:
        """Whether nothing that was heard so far tells of the release."""
        return not self._is_other


def ended_alike(trials: Iterable[Trajectory]) -> bool:
    """Whether all trials of a record are such; reads no further than to the first that isn't."""
    heard = AlikeTrials()
    for trial in trials:
        heard.note(trial)
        if not heard.may_be_all:
            return False
    return heard.is_all


def _end_of(trial: Trajectory) -> tuple[_End | None, object]:
    """The end, None for a trial in which more was done, and the request."""
    messages: Sequence[Mapping[str, Any]] = trial.messages
    failure = None if trial.failure is None else _without_numbers(trial.failure)
    if messages and messages[-1].get("role") == "user":
        return _End(failure, None), messages[-1].get("content")
    if len(messages) < 2 or messages[-2].get("role") != "user":
        return None, None
    reply = messages[-1]
    is_plain = reply.keys() <= {"role", "content"} and isinstance(reply.get("content"), str)
    if not is_plain or reply.get("role") != "assistant":
        return None, None
    return _End(failure, reply["content"]), messages[-2].get("content")


def _without_numbers(failure: str) -> str:
    """The failure's words but for those that differ each time: a request's id, a time."""
    words = failure.split()
    return " ".join("#" if any(map(str.isdigit, word)) else word for word in words)
