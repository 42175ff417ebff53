"""A feed of events in files that a watch looks at again and again, with a state and without."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.named_source import FileSource, name_source
from dialgate_evals.events.watched.event_watch import watch_events
from dialgate_evals.events.watched.looks import Look, Watched
from dialgate_evals.events.watched.watch_state import MANIFEST, StateFolder
from dialgate_evals.records.machine_key import MachineKey
from tests.evals.events import task_model
from tests.evals.events.event_tables import (
    ACTIONS,
    Cells,
    write_csv,
    write_json_lines,
    write_parquet,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


KEY = MachineKey((b"a secret of this machine",))


OTHER = MachineKey((b"a secret of another one",))


WRITERS: dict[str, Callable[[Sequence[Cells], Path], None]] = {
    "parquet": write_parquet,
    "jsonl": write_json_lines,
    "csv": write_csv,
}


_WHOLE: dict[tuple[tuple[str, bytes], ...], Watched] = {}


class Feed:
    """A folder of events, and the looks at it."""

    def __init__(self, folder: Path, kind: str = "parquet") -> None:
        self.folder = folder / "events"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state = folder / "state"
        self.kind = kind
        self.said: list[str] = []

    def write(self, name: str, rows: Sequence[Cells]) -> Path:
        path = self.folder / f"{name}.{self.kind}"
        WRITERS[self.kind](rows, path)
        return path

    def source(self) -> FileSource:
        found = name_source(self.folder)
        assert isinstance(found, FileSource)
        return found

    def look(self, **more: Any) -> Watched:
        """A look with the state; it notes what was said."""
        self.said = []
        state = StateFolder(
            self.state, more.get("basis", {"dial": "as it is"}), more.get("key", KEY)
        )
        return watch_events(self.source(), self._of(**more), state)

    def whole(self, **more: Any) -> Watched:
        """A look at everything, without a state: of equal files at one place it is asked once."""
        source = self.source()
        if more:
            return watch_events(source, self._of(**more))
        files = tuple((str(path), path.read_bytes()) for path in source.paths)
        if files not in _WHOLE:
            _WHOLE[files] = watch_events(source, self._of())
        return _WHOLE[files]

    def _of(self, **more: Any) -> Look:
        asked = more.get("asked") or task_model.asked()
        return Look(actions=ACTIONS, asked=asked, say=self.said.append)

    def agrees(self) -> Watched:
        found = self.look()
        assert found == self.whole()
        return found

    def manifest(self) -> Path:
        return self.state / MANIFEST


class BegunFeed:
    """A feed of these files and its state, as it was after a first look, as often as is asked.

    A first look is dear; a state names files by where they lie, so all lie in the one place.
    """

    def __init__(self, folder: Path, files: Mapping[str, Sequence[Cells]]) -> None:
        self._place, self._kept = folder / "feed", folder / "kept"
        feed = Feed(self._place)
        for name, rows in files.items():
            feed.write(name, rows)
        feed.look()
        assert feed.said == []
        shutil.copytree(self._place, self._kept)

    def again(self) -> Feed:
        """The feed; the one that was given before is gone."""
        shutil.rmtree(self._place)
        shutil.copytree(self._kept, self._place)
        return Feed(self._place)
