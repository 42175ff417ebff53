"""A cache of trajectories by comparability key: what an agent did need not be paid for twice.

Knows the check of every entry and the limits of size and age; leaves keys to
`suite.comparability`, the store to `reuse.plain_disk`, and counting a hit as what it is, no new
trial, to the caller.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Protocol

import zstandard

from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.files.problems import show_path
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.reuse.dropping import drop_old
from dialgate_evals.records.reuse.plain_disk import (
    ForeignEntryError,
    get_together,
    open_plain_cache,
    put_together,
)
from dialgate_evals.records.reuse.trial_entries import (
    BadEntryError,
    checked_trajectory,
    decompressed,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from dialgate_evals.actions.trajectory import Trajectory, WrittenTrajectory
    from dialgate_evals.records.machine_key import MachineKey

_FORMAT = 2

_LOT = 500
"""Trials in one transaction: other processes wait for its end."""

_SHORT = 1024
"""Bytes below which an entry is compressed in a third of the time; it is a quarter larger then."""

_PURPOSE = "trial"
_DROP = "the trial is run again"


class TrialCache(Protocol):
    """What keeps trajectories between runs."""

    def get(self, key: str) -> Trajectory | None:
        """The trajectory of that key, or None; its `case_id` is the one it was recorded under."""
        ...

    def put_all(self, trials: Iterable[tuple[str, Trajectory | WrittenTrajectory]]) -> None:
        """Keeps finished trials by their keys; one that could not be run is never kept."""
        ...

    def gc(self, *, max_bytes: int, max_age_days: float, now: dt.datetime) -> int:
        """Drops what is too old, then the oldest until the rest fits; how many were dropped."""
        ...

    def close(self) -> None:
        """Ends the connection to the store."""
        ...


class DiskTrialCache:
    """Trajectories in a folder, shared by any number of processes.

    A failed trial is kept like a passed one: run again until it passes, it would be no evidence.
    An entry carries the mark of the machine that made it; one of another is a miss, as a folder can
    come with a checkout. `say` hears a sentence about the first bad entry of each kind.
    """

    def __init__(
        self, folder: Path, *, say: Callable[[str], None], key: MachineKey | None = None
    ) -> None:
        """Opens or makes the folder. Raises UsageError where that fails."""
        self._folder = folder
        self._say = say
        self._key = key or machine_key()
        self._said: set[str] = set()
        self._cache = open_plain_cache(folder, say=say)
        self._compressor = zstandard.ZstdCompressor(level=3)
        self._quick = zstandard.ZstdCompressor(level=-1)

    def get(self, key: str) -> Trajectory | None:
        """The trajectory of that key, or None; its `case_id` is the one it was recorded under."""
        try:
            raw = self._cache.get(key, retry=True)
        except ForeignEntryError as error:
            raw = error
        except sqlite3.Error as error:
            raw = ForeignEntryError(f"it can't be read ({error})")
        return self._believed(key, raw)

    def get_all(self, keys: Sequence[str]) -> list[Trajectory | None]:
        """What `get` gives for each key; together they take a fraction of the time."""
        found: list[Trajectory | None] = []
        for start in range(0, len(keys), _LOT):
            lot = keys[start : start + _LOT]
            try:
                rows = get_together(self._folder, lot)
            except sqlite3.Error:  # what is odd about one is no other's fault
                found += map(self.get, lot)
            else:
                found += [self._believed(key, rows.get(key)) for key in lot]
        return found

    def _believed(self, key: str, raw: bytes | ForeignEntryError | None) -> Trajectory | None:
        """The trajectory of an entry; None: there is none, or none that this machine made."""
        reason = str(raw)
        if raw is None or isinstance(raw, bytes):
            try:
                return None if raw is None else _unpack(key, raw, self._key)
            except BadEntryError as error:
                reason = str(error)
        if reason not in self._said:
            self._said.add(reason)
            self._say(f"{self._shown}: an entry is no recorded trial: {reason}; {_DROP}.")
        return None

    def put(self, key: str, trajectory: Trajectory) -> None:
        """Keeps one finished trial."""
        self.put_all([(key, trajectory)])

    def put_all(self, trials: Iterable[tuple[str, Trajectory | WrittenTrajectory]]) -> None:
        """Keeps finished trials by their keys; one that could not be run is never kept.

        They are written together: a transaction each costs more than all else of a short trial.
        """
        packed = [
            (key, self._compressed(_pack(key, trajectory, self._key)))
            for key, trajectory in trials
            if trajectory.error is None
        ]
        try:
            for start in range(0, len(packed), _LOT):
                put_together(self._folder, packed[start : start + _LOT])
        except sqlite3.Error as error:
            self._say(f"{self._shown}: a trial can't be kept ({error}).")

    def _compressed(self, payload: bytes) -> bytes:
        few = len(payload) < _SHORT
        return (self._quick if few else self._compressor).compress(payload)

    def gc(self, *, max_bytes: int, max_age_days: float, now: dt.datetime) -> int:
        """Drops what is too old, then the oldest until the rest fits; how many were dropped.

        Entries without a usable time, or from more than a day after `now` (aware), count as too
        old. Several processes may do so at once.
        """
        try:
            return drop_old(self._folder, max_bytes=max_bytes, max_age_days=max_age_days, now=now)
        except sqlite3.Error as error:
            self._say(f"{self._shown}: old trials can't be dropped ({error}).")
            return 0

    def close(self) -> None:
        """Ends the connection to the store."""
        self._cache.close()

    @property
    def _shown(self) -> str:
        return show_path(self._folder)


def _pack(key: str, trajectory: Trajectory | WrittenTrajectory, machine: MachineKey) -> bytes:
    """Mark, line feed, JSON."""
    document = {"schema": _FORMAT, "key": key, "trajectory": trajectory.as_json()}
    payload = json_line(document)
    return machine.mark(_PURPOSE, payload).encode("ascii") + b"\n" + payload


def _unpack(key: str, raw: bytes, machine: MachineKey) -> Trajectory:
    """The trajectory of an entry. Raises BadEntryError for anything but what `_pack` made."""
    mark, _, payload = decompressed(raw).partition(b"\n")
    if not machine.knows(_PURPOSE, payload, mark.decode("latin-1")):
        raise BadEntryError("it is damaged, or another machine or user made it")
    try:
        document = parse_json(payload)
    except JsonTextError as error:
        raise BadEntryError(f"it holds {error}") from None
    if not isinstance(document, dict) or document.get("schema") != _FORMAT:
        raise BadEntryError("it has another format")
    if document.get("key") != key:
        raise BadEntryError("it was recorded under another key")
    return checked_trajectory(document.get("trajectory"))
