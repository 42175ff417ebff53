"""Which project files the agents of a release are known to load, kept beside the cache.

What is declared of a release doesn't say what runs; without this list nothing does, and nothing
on record stands for a trial. Leaves what the list is made of to `suite.loaded_code`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dialgate_evals.files.file_writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FOLDER = "cache/loaded"


def read_known_files(out: Path, run: str) -> tuple[str, ...] | None:
    """Paths relative to the suite's folder for that `run_key`; None: nobody has seen it run."""
    try:
        found = json.loads(_place(out, run).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(found, list) or not all(isinstance(path, str) for path in found):
        return None
    return tuple(found)


def keep_known_files(out: Path, run: str, files: Iterable[str]) -> None:
    """Adds these files to the list; a file that was loaded once may be loaded again."""
    place = _place(out, run)
    place.parent.mkdir(parents=True, exist_ok=True)
    known = {*(read_known_files(out, run) or ()), *files}
    write_atomically(place, json.dumps(sorted(known)).encode("ascii"))


def _place(out: Path, run: str) -> Path:
    return out / _FOLDER / f"{run.rpartition(':')[2]}.json"
