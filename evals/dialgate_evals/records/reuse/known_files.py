"""Which project files the agents of a release are known to load, kept beside the records.

What is declared of a release doesn't say what runs; without this list nothing does, and nothing
on record stands for a trial. Where there is none, as beside a merged record, this machine's own
records say it. Leaves what the list is made of to `suite.loaded_code`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dialgate_evals.errors import RecordError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.part_digests import is_own

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FOLDER = "loaded"
_PURPOSE = "loaded files of "


def read_known_files(out: Path, run: str) -> tuple[str, ...] | None:
    """Paths relative to the suite's folder for that `run_key`; None: nobody has seen it run."""
    listed = _listed(out, run)
    return _on_record(out, run) if listed is None else listed


def _listed(out: Path, run: str) -> tuple[str, ...] | None:
    try:
        mark, _, content = _place(out, run).read_bytes().partition(b"\n")
        if not machine_key().knows(_PURPOSE + run, content, mark.decode("latin-1")):
            return None  # it may have come with the checkout, and would hide what is loaded
        found = json.loads(content)
    except (OSError, ValueError):
        return None
    if not isinstance(found, list) or not all(isinstance(path, str) for path in found):
        return None
    return tuple(found)


def _on_record(out: Path, run: str) -> tuple[str, ...] | None:
    """What own records with that key say was loaded; None: no such record."""
    from dialgate_evals.records.run_reading import read_run  # noqa: PLC0415 - slow, seldom needed

    key, found = machine_key(), None
    for folder in sorted(out.glob("run-*")):
        try:
            document = read_run(folder, allow_shard=True)
            if document["comparability"] == run and is_own(document, key):
                found = {*(found or ()), *document["loaded"]["files"]}
        except (RecordError, KeyError, TypeError):
            continue
    return None if found is None else tuple(sorted(found))


def keep_known_files(out: Path, run: str, files: Iterable[str]) -> None:
    """Adds these files to the list; a file that was loaded once may be loaded again."""
    place = _place(out, run)
    place.parent.mkdir(parents=True, exist_ok=True)
    known = {*(read_known_files(out, run) or ()), *files}
    content = json.dumps(sorted(known)).encode("ascii")
    mark = machine_key().mark(_PURPOSE + run, content)
    write_atomically(place, mark.encode("ascii") + b"\n" + content)


def _place(out: Path, run: str) -> Path:
    return out / _FOLDER / f"{run.rpartition(':')[2]}.json"
