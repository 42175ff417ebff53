"""What a watch remembers between two looks, in a folder of its own: written whole or not at all.

Rows that were counted lie in segments, which are never changed; one small file names them, with
the sources they came from and where each detector was. It carries a mark of this machine, so that
what anybody else put there is never believed. Leaves what the rows mean to `watched_rows`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.watched.checkpoints import Checkpoint, Settled
from dialgate_evals.events.watched.source_marks import ChangedFileError, FileMark, mark_of
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import JsonTextError, canonical_json, parse_json
from dialgate_evals.files.plain_text import printable
from dialgate_evals.files.problems import Problem, show_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dialgate_evals.records.machine_key import MachineKey

SCHEMA = 3
MANIFEST = "state.json"
_PURPOSE = "watch state"
_MOST_BYTES = 256 * 1024 * 1024


class UnusableStateError(Exception):
    """Why a state is not gone on from: the sentence's middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A file of counted rows."""

    mark: FileMark
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCounts:
    """What one file of the source held."""

    mark: FileMark
    bad: tuple[Problem, ...] = ()
    # the first of its bad rows


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchState:
    """Everything that a look left for the next."""

    sources: tuple[SourceCounts, ...] = ()
    rows: int = 0
    merged: int = 0
    not_live: int = 0
    bad_rows: int = 0
    segments: tuple[Segment, ...] = ()
    checkpoint: Checkpoint | None = None
    settled: Settled | None = None
    # of a table; None: of files, whose rows lie in segments


class StateFolder:
    """The folder of one watch's state."""

    def __init__(self, folder: Path, basis: Mapping[str, Any], key: MachineKey) -> None:
        self.folder = folder
        self._basis = json.loads(canonical_json(basis))
        self._key = key

    @property
    def seed(self) -> int:
        """What hashes begin with: so that nobody can seek contents with one sum."""
        return int(self._key.mark("watch fingerprint", b"")[:15], 16)

    def refusal(self, error: Exception) -> str:
        """The sentence of why everything is read again."""
        why = str(error)
        if isinstance(error, OSError):
            why = f"can't be kept ({error.strerror or error})"
        return (
            f"The state {printable(show_state(self.folder))} {printable(why)}: "
            "everything is read again."
        )

    def load(self) -> WatchState | None:
        """The state; None: there is none. Raises UnusableStateError."""
        path = self.folder / MANIFEST
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise UnusableStateError("is larger than any that is written")
            document = parse_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnusableStateError(f"can't be read ({error.strerror})") from None
        except JsonTextError:
            raise UnusableStateError("is no JSON") from None
        return self._understood(document)

    def _understood(self, document: object) -> WatchState:
        if not isinstance(document, dict) or set(document) != {"state", "mark"}:
            raise UnusableStateError("is no state of a watch")
        content = canonical_json(document["state"]).encode()
        if not self._key.knows(_PURPOSE, content, document["mark"]):
            raise UnusableStateError("was changed, or was written by another machine")
        # From here on it is what this code wrote on this machine.
        state = document["state"]
        if state["schema"] != SCHEMA:
            raise UnusableStateError("is of another version of dialgate")
        other = [name for name, value in self._basis.items() if state["basis"].get(name) != value]
        if other or set(state["basis"]) != set(self._basis):
            raise UnusableStateError(f"is of another {' and '.join(other) or 'question'}")
        found = _read(state)
        return replace(found, segments=tuple(map(self._checked, found.segments)))

    def _checked(self, segment: Segment) -> Segment:
        """The segment, whose bytes are those that were written."""
        path = self.path_of(segment)
        try:
            # Nobody but a look writes there, so no time between two ticks of a clock is feared.
            if segment.mark.is_untouched(path, racy_ns=0):
                return segment
            now = mark_of(path, time.time_ns())
            if now.digest == segment.mark.digest:
                return replace(segment, mark=replace(now, path=path.name))
        except (OSError, ChangedFileError):
            pass
        raise UnusableStateError(f"lacks {path.name}, or it was changed")

    def path_of(self, segment: Segment) -> Path:
        """Where its rows lie."""
        return self.folder / Path(segment.mark.path).name

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other looks away from the folder. Raises OSError, UnusableStateError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / ".lock").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UnusableStateError("is in use by another look") from None
            yield

    def add_segment(self, write: Callable[[Path], int]) -> Segment:
        """A new one of what `write` writes; its name is its digest's. Raises OSError."""
        unnamed = self.folder / ".segment.part"
        rows = write(unnamed)
        digest = _digest(unnamed)
        path = self.folder / f"rows-{digest[:16]}.parquet"
        unnamed.replace(path)
        try:
            mark = mark_of(path, time.time_ns())
        except ChangedFileError:
            raise OSError("a segment changed while it was written") from None
        return Segment(mark=replace(mark, path=path.name), rows=rows)

    def save(self, state: WatchState) -> None:
        """Makes this the state; what it doesn't name is removed. Raises OSError."""
        document = {"schema": SCHEMA, "basis": self._basis, **_written(state)}
        mark = self._key.mark(_PURPOSE, canonical_json(document).encode())
        text = json.dumps({"mark": mark, "state": document}, sort_keys=True)
        write_atomically(self.folder / MANIFEST, text.encode())
        kept = {Path(segment.mark.path).name for segment in state.segments}
        for path in self.folder.glob("rows-*.parquet"):
            if path.name not in kept:
                path.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _written(state: WatchState) -> dict[str, Any]:
    point = state.checkpoint
    return {
        "sources": [
            {
                "mark": item.mark.as_json(),
                "bad": [
                    {"file": bad.file, "place": bad.place, "found": bad.found,
                     "expected": bad.expected, "advice": bad.advice}
                    for bad in item.bad
                ],
            }
            for item in state.sources
        ],
        "rows": state.rows,
        "merged": state.merged,
        "not_live": state.not_live,
        "bad_rows": state.bad_rows,
        "segments": [
            {"mark": item.mark.as_json(), "rows": item.rows} for item in state.segments
        ],
        "checkpoint": None
        if point is None
        else {"before_us": point.before_us, "states": point.states, "alarms": point.alarms},
        "settled": None if state.settled is None else asdict(state.settled),
    }  # fmt: skip


def _read(state: Mapping[str, Any]) -> WatchState:
    point = state["checkpoint"]
    return WatchState(
        sources=tuple(
            SourceCounts(
                mark=FileMark.of_json(item["mark"]),
                bad=tuple(Problem(**bad) for bad in item["bad"]),
            )
            for item in state["sources"]
        ),
        rows=state["rows"],
        merged=state["merged"],
        not_live=state["not_live"],
        bad_rows=state["bad_rows"],
        segments=tuple(
            Segment(mark=FileMark.of_json(item["mark"]), rows=item["rows"])
            for item in state["segments"]
        ),
        checkpoint=None if point is None else Checkpoint(**point),
        settled=None if state["settled"] is None else Settled(**state["settled"]),
    )


def show_state(folder: Path) -> str:
    """The state as messages name it."""
    return show_path(folder / MANIFEST)
