"""Trials that were run together, kept together: an entry of the cache for up to 64 of them.

One at a time each costs a row, a mark and a compression of its own. Knows what such an entry holds
and where the trial of a key lies; leaves single ones to `reuse.trial_cache`, and keys to
`suite.comparability`.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections import OrderedDict
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

import zstandard

from dialgate_evals.files.json_lines import parse_json_lines
from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.files.problems import show_path
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.reuse.plain_disk import ForeignEntryError, PlainRows
from dialgate_evals.records.reuse.trial_entries import (
    BadEntryError,
    checked_trajectory,
    decompressed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from dialgate_evals.actions.trajectory import Trajectory, WrittenTrajectory
    from dialgate_evals.records.machine_key import MachineKey

_FORMAT = 1
_PURPOSE = "trial lot"
_MOST = 64
_MOST_BYTES = 2**18
"""Of trajectories in one entry, but for the last: what is read for one of them stays small."""

_MOST_OPEN = 8
"""Entries whose trials stay read: trials are asked for about in the order in which they ended."""


class TrialLots:
    """The trials of one `run_key` in a cache's folder that were kept together.

    An entry carries the mark of the machine that made it, over its keys and trajectories; one that
    carries none is a miss, and dropped: it would be found again each time.
    """

    def __init__(
        self, folder: Path, run: str, *, say: Callable[[str], None], key: MachineKey | None = None
    ) -> None:
        """The folder is one that `open_plain_cache` opened; `say` hears what is no entry."""
        self._folder, self._say = folder, say
        self._rows = PlainRows(folder, f"lot {run} ")
        self._key = key or machine_key()
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._open: OrderedDict[int, dict[str, Any]] = OrderedDict()
        # by row what its trials are
        self._said: set[str] = set()

    def put_all(self, trials: Iterable[tuple[str, Trajectory | WrittenTrajectory]]) -> None:
        """Keeps finished trials by their keys; one that could not be run is never kept."""
        lots = _lots((key, trial) for key, trial in trials if trial.error is None)
        try:
            self._rows.put((secrets.token_hex(8), self._packed(lot)) for lot in lots)
        except sqlite3.Error as error:
            self._say(f"{show_path(self._folder)}: trials can't be kept ({error}).")
        self.__dict__.pop("_places", None)

    def get_all(self, keys: Sequence[str]) -> list[Trajectory | None]:
        """The trajectory of each key, as it was recorded; None: none that this machine made."""
        found: list[Trajectory | None] = []
        for key in keys:
            row = self._places.get(hash(key))
            document = None if row is None else self._documents(row).get(key)
            trial = None
            if document is not None:
                try:
                    trial = checked_trajectory(document)
                except BadEntryError as error:
                    self._doubt(error)
            found.append(trial)
        return found

    @cached_property
    def _places(self) -> dict[int, int]:
        """By a key's hash the row of its trial: the newest."""
        found: dict[int, int] = {}
        bad: list[int] = []
        with suppress(sqlite3.Error):  # single entries say so
            for row, value in self._rows.read():
                try:
                    keys, _ = _unpack(value, self._key)
                    found.update((hash(key), row) for key in keys)
                except (BadEntryError, ForeignEntryError) as error:
                    self._doubt(error)
                    bad.append(row)
            if bad:
                self._rows.drop(bad)
        return found

    def _documents(self, row: int) -> dict[str, Any]:
        """By key the documents of an entry; empty where it is none any more."""
        found = self._open.get(row)
        if found is None:
            found = {}
            with suppress(sqlite3.Error, BadEntryError, ForeignEntryError, JsonTextError):
                for _, value in self._rows.read(row):
                    keys, lines = _unpack(value, self._key)
                    found = dict(zip(keys, parse_json_lines(lines), strict=True))
            self._open[row] = found
            if len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)
        return found

    def _packed(self, lot: list[tuple[str, bytes]]) -> bytes:
        head = json_line({"schema": _FORMAT, "keys": [key for key, _ in lot]})
        payload = b"".join([head, *(line for _, line in lot)])
        mark = self._key.mark(_PURPOSE, payload).encode("ascii")
        return self._compressor.compress(mark + b"\n" + payload)

    def _doubt(self, error: Exception) -> None:
        reason = str(error)
        if reason not in self._said:
            self._said.add(reason)
            self._say(
                f"{show_path(self._folder)}: an entry is no recorded trials: {reason}; they are "
                "run again."
            )


def _lots(
    trials: Iterable[tuple[str, Trajectory | WrittenTrajectory]],
) -> Iterator[list[tuple[str, bytes]]]:
    """Keys and lines that one entry holds."""
    lot: list[tuple[str, bytes]] = []
    size = 0
    for key, trial in trials:
        line = json_line(trial.as_json())
        lot.append((key, line))
        size += len(line)
        if len(lot) >= _MOST or size >= _MOST_BYTES:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot


def _unpack(raw: bytes | ForeignEntryError, machine: MachineKey) -> tuple[list[str], list[bytes]]:
    """Keys and lines of an entry. Raises BadEntryError for what `_packed` didn't make."""
    if isinstance(raw, ForeignEntryError):
        raise raw
    mark, _, payload = decompressed(raw).partition(b"\n")
    if not machine.knows(_PURPOSE, payload, mark.decode("latin-1")):
        raise BadEntryError("it is damaged, or another machine or user made it")
    head, *lines = payload.removesuffix(b"\n").split(b"\n")
    try:
        document = parse_json(head)
    except JsonTextError as error:
        raise BadEntryError(f"it holds {error}") from None
    keys: Any = document.get("keys") if isinstance(document, dict) else None
    is_known = isinstance(keys, list) and document.get("schema") == _FORMAT
    if not is_known or len(keys) != len(lines) or not all(isinstance(key, str) for key in keys):
        raise BadEntryError("it has another format")
    return keys, lines
