"""A pack's folder against its manifest: every file that was changed, added, removed or is no file.

Nothing is opened but plain files inside the folder, read piece by piece; links are never followed.
Leaves signatures and what the files show to `verifying`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.problems import Problem
from dialgate_gate.audit.pack.manifest import (
    CHECKSUMS,
    MANIFEST,
    MOST_FILES,
    OUTSIDE,
    FileFact,
    checksum_text,
    read_manifest,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_NAMED = 20
_WHOLE = "a pack as it was written"


@dataclass(frozen=True, kw_only=True)
class FolderFound:
    """The files of a pack's folder beside what its own manifest says of them."""

    listed: Mapping[str, FileFact] | None
    # by the manifest; None: there is none that can be read
    manifest: bytes
    added: tuple[str, ...]
    # paths that no manifest lists
    problems: tuple[Problem, ...]


def read_folder(folder: Path) -> FolderFound:
    """The folder held against its own manifest; each problem names its file."""
    problems: list[Problem] = []
    raw = _manifest_bytes(folder, problems)
    listed = None
    if raw is not None:
        try:
            listed, why = read_manifest(parse_json(raw))
        except JsonTextError as error:
            why = str(error)
        if listed is None:
            problems.append(_problem(MANIFEST, why))
    if listed is None or raw is None:
        return FolderFound(listed=None, manifest=b"", added=(), problems=tuple(problems))
    kinds = dict(_walk(folder))
    added = tuple(sorted(name for name in kinds if name not in listed and name not in OUTSIDE))
    digests: dict[str, str] = {}
    for name in sorted({*listed, *(each for each in OUTSIDE if each in kinds)}):
        problems += _file_problems(folder, name, kinds.get(name), listed.get(name), digests)
    problems += [
        _problem(name, f"a {kinds[name]} that no manifest lists") for name in added[:_MOST_NAMED]
    ]
    if len(added) > _MOST_NAMED:
        problems.append(_problem("", f"{len(added) - _MOST_NAMED:,} more files of that kind"))
    problems += _checksum_problems(folder, listed, digests)
    return FolderFound(listed=listed, manifest=raw, added=added, problems=tuple(problems))


def _problem(name: str, found: str, expected: str = _WHOLE) -> Problem:
    return Problem(file=name or "the folder", found=found, expected=expected)


def _manifest_bytes(folder: Path, problems: list[Problem]) -> bytes | None:
    path = folder / MANIFEST
    try:
        mode = path.lstat().st_mode
    except OSError:
        problems.append(_problem(MANIFEST, "no such file", "the manifest of a pack"))
        return None
    if not stat.S_ISREG(mode):
        problems.append(_problem(MANIFEST, "no plain file", "the manifest of a pack"))
        return None
    return read_bytes(path, problems, expected="the manifest of a pack")


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Every entry but folders, with what it is: a file, a link or a device; bounded."""
    waiting, seen = [folder], 0
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                seen += 1
                if seen > 2 * MOST_FILES:
                    return
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                    continue
                kind = "file" if entry.is_file(follow_symlinks=False) else "device"
                kind = "link" if entry.is_symlink() else kind
                yield os.path.relpath(entry.path, folder).replace(os.sep, "/"), kind


def _file_problems(
    folder: Path, name: str, kind: str | None, fact: FileFact | None, digests: dict[str, str]
) -> Iterator[Problem]:
    """What is wrong with one file; its digest is noted where it could be read."""
    if kind is None:
        yield _problem(name, "no such file", "what the manifest lists")
        return
    if kind != "file":
        found = "a link, which is not followed" if kind == "link" else "no plain file"
        yield _problem(name, found)
        return
    size = (folder / name).lstat().st_size
    if fact is not None and size != fact.size:
        yield _problem(name, f"{size:,} bytes", f"{fact.size:,}, as the manifest says")
        return
    with (folder / name).open("rb") as file:
        digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
    if fact is not None and digests[name] != fact.sha256:
        found = f"other bytes (SHA-256 {digests[name][:12]})"
        yield _problem(name, found, f"{fact.sha256[:12]}, as the manifest says")


def _checksum_problems(
    folder: Path, listed: Mapping[str, FileFact], digests: Mapping[str, str]
) -> Iterator[Problem]:
    """SHA256SUMS says what the manifest says, so that both ways of checking are one."""
    if CHECKSUMS not in digests:
        if not (folder / CHECKSUMS).is_symlink():
            yield _problem(CHECKSUMS, "no such file", "the checksums of every other file")
        return
    due = {name: fact.sha256 for name, fact in listed.items()}
    due |= {name: digests[name] for name in OUTSIDE if name != CHECKSUMS and name in digests}
    if digests[CHECKSUMS] != hashlib.sha256(checksum_text(due).encode("ascii")).hexdigest():
        yield _problem(CHECKSUMS, "other checksums than the manifest's", "the same")
