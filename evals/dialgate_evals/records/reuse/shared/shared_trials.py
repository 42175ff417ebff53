"""Trials of other machines, believed where they carry the mark of the secret that all share.

The store is foreign: a forged, cut, moved, foreign suite's or old entry is never used. A store that
fails is given up for the rest of the run, which goes on without it and says so. Leaves reaching the
store to `stores`, the secret to `machine_key`, and what a hit counts as to the caller.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import zstandard

from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.files.store_urls import parse_store_url
from dialgate_evals.records.machine_key import FILE_VARIABLE, VARIABLE, named_key
from dialgate_evals.records.reuse.shared.stores import MOST_BYTES, open_store
from dialgate_evals.records.reuse.trial_entries import (
    BadEntryError,
    checked_trajectory,
    decompressed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dialgate_evals.actions.trajectory import Trajectory, WrittenTrajectory
    from dialgate_evals.records.machine_key import MachineKey
    from dialgate_evals.records.reuse.shared.stores import Store
    from dialgate_evals.suite.suite import Suite

_FORMAT = 1
_PURPOSE = "shared "
_TRIAL, _LOADED = "trial", "loaded files"
_LOT = 200
"""Entries that are asked for, or written, at once."""


class SharedTrials:
    """The trials of one suite in one store, and which files its agents are known to load."""

    def __init__(
        self,
        store: Store,
        *,
        shown: str,
        suite: str,
        key: MachineKey,
        max_age_days: float,
        may_write: bool,
        say: Callable[[str], None],
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        """`shown` is the store for people; `say` hears what is wrong, once a kind."""
        self._store: Store | None = store
        self._shown, self._suite, self._key = shown, suite, key
        self._max_age = dt.timedelta(days=max_age_days)
        self._may_write, self._say, self._now = may_write, say, now
        self._said: set[str] = set()
        self._compressor = zstandard.ZstdCompressor(level=3)

    def get_all(self, keys: Sequence[str]) -> dict[str, Trajectory]:
        """The trials that are there and believed, by their keys."""
        found: dict[str, Trajectory] = {}
        for start in range(0, len(keys), _LOT):
            for key, body in self._believed(_TRIAL, keys[start : start + _LOT]):
                try:
                    found[key] = checked_trajectory(body)
                except BadEntryError as error:
                    self._doubt(error)
        return found

    def known_files(self, run: str) -> tuple[str, ...] | None:
        """Which files agents of that `run_key` were seen to load elsewhere; None: nobody says.

        Without them a machine that never ran the release can't tell its trials apart.
        """
        for _, body in self._believed(_LOADED, [run]):
            if isinstance(body, list) and all(isinstance(path, str) for path in body):
                return tuple(body)
        return None

    def keep_known_files(self, run: str, files: Iterable[str]) -> None:
        """Tells the others which files were loaded."""
        if self._may_write:
            self._write({self._name(_LOADED, run): self._pack(_LOADED, run, sorted(files))})

    def put_all(self, trials: Iterable[tuple[str, Trajectory | WrittenTrajectory]]) -> None:
        """Gives finished trials to the others; one that could not be run is never given."""
        if not self._may_write:
            return
        self._write(
            {
                self._name(_TRIAL, key): self._pack(_TRIAL, key, trajectory.as_json())
                for key, trajectory in trials
                if trajectory.error is None
            }
        )

    def _write(self, packed: Mapping[str, bytes]) -> None:
        fitting = [item for item in packed.items() if len(item[1]) <= MOST_BYTES]
        keep_s = round(self._max_age.total_seconds())
        for start in range(0, len(fitting), _LOT):
            with self._without_an_outage():
                if self._store is not None:
                    self._store.write(dict(fitting[start : start + _LOT]), keep_s=keep_s)

    def _believed(self, kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """By key what authentic entries hold; every other is said."""
        names = {self._name(kind, key): key for key in keys}
        for name, raw in self._read(list(names)).items():
            try:
                yield names[name], self._unpack(kind, names[name], raw)
            except BadEntryError as error:
                self._doubt(error)

    def _doubt(self, error: BadEntryError) -> None:
        self._once(f"{self._shown}: an entry is not believed: {error}; its trial is run.")

    def _read(self, names: list[str]) -> Mapping[str, bytes]:
        with self._without_an_outage():
            if self._store is not None:
                return self._store.read(names)
        return {}

    @contextmanager
    def _without_an_outage(self) -> Iterator[None]:
        """A store that fails is asked no more; its client's words may hold what is secret."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - other people's clients, any failure of a network
            self._store = None
            self._once(
                f"{self._shown}: the shared trials can't be reached ({type(error).__name__}); "
                "the run goes on without them."
            )

    def _once(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self._say(sentence)

    def _name(self, kind: str, key: str) -> str:
        """Nothing of a key or of a suite's name becomes a part of a path."""
        return hashlib.sha256(f"{kind}\0{self._suite}\0{key}".encode()).hexdigest()

    def _pack(self, kind: str, key: str, body: object) -> bytes:
        document = {
            "schema": _FORMAT,
            "key": key,
            "suite": self._suite,
            "at": self._now().astimezone(dt.UTC).isoformat(),
            "body": body,
        }
        payload = json_line(document)
        mark = self._key.mark(_PURPOSE + kind, payload).encode("ascii")
        return self._compressor.compress(mark + b"\n" + payload)

    def _unpack(self, kind: str, key: str, raw: bytes) -> Any:  # noqa: ANN401 - JSON data
        """Raises BadEntryError for anything but what `_pack` made of this key, not long ago."""
        if len(raw) > MOST_BYTES:
            raise BadEntryError(f"it is over {MOST_BYTES // 2**20} MiB")
        mark, _, payload = decompressed(raw).partition(b"\n")
        if not self._key.knows(_PURPOSE + kind, payload, mark.decode("latin-1")):
            raise BadEntryError("it is damaged, or made without the secret")
        try:
            document = parse_json(payload)
        except JsonTextError as error:
            raise BadEntryError(f"it holds {error}") from None
        if not isinstance(document, dict) or document.get("schema") != _FORMAT:
            raise BadEntryError("it has another format")
        if (document.get("key"), document.get("suite")) != (key, self._suite):
            raise BadEntryError("it is of another trial or suite")
        self._refuse_old(document.get("at"))
        return document.get("body")

    def _refuse_old(self, at: Any) -> None:  # noqa: ANN401 - marked, but of any version
        """An entry that somebody kept and put back later is as old as its mark says."""
        try:
            age = self._now() - dt.datetime.fromisoformat(at)
        except (TypeError, ValueError):
            raise BadEntryError("it has no usable time") from None
        if not -dt.timedelta(days=1) <= age <= self._max_age:
            raise BadEntryError("it is older than max_age_days, or of the future")


def open_shared(
    suite: Suite,
    environment: Mapping[str, str],
    *,
    may_write: bool,
    say: Callable[[str], None],
) -> SharedTrials | None:
    """The suite's shared trials; None where it names none, or where no secret is shared.

    Raises UsageError where the extra that reaches the store is not installed, or for a secret that
    is none. The URL was checked when the suite was read.
    """
    if suite.cache.url is None:
        return None
    url = parse_store_url(suite.cache.url)
    key = named_key(environment)
    if key is None:
        say(
            f"{url}: shared trials are not used, as nothing would tell who made them: every "
            f"machine needs the same secret in {VARIABLE}, or in a file that {FILE_VARIABLE} names."
        )
        return None
    return SharedTrials(
        open_store(url, environment),
        shown=str(url),
        suite=suite.name,
        key=key,
        max_age_days=suite.cache.max_age_days,
        may_write=may_write,
        say=say,
    )
