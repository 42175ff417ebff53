"""Writes a pack: files, page, mapping, manifest; whole beside its place, then moved there at once.

Knows what may be replaced: a pack that holds nothing but its own files. Leaves what is in it to
`collecting`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.dial.operating.packing.computed import computed_files
from dialgate.dial.operating.packing.open_pack import open_pack
from dialgate.dial.operating.packing.pack_folder import read_folder
from dialgate.signatures.keys import sign
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.json_text import json_document
from dialgate_evals.files.problems import Problem, show_path
from dialgate_gate.audit.pack.manifest import (
    CHECKSUMS,
    ENVELOPE,
    MANIFEST,
    FileFact,
    build_manifest,
    checksum_text,
    is_path,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate.dial.operating.packing.collecting import Collected
    from dialgate.signatures.keys import PrivateKey


def refuse_target(target: Path) -> None:
    """Raises UsageError where the folder may not be written or replaced."""
    shown = show_path(target)
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise UsageError(f"--out {shown} is no folder: expected a new or empty one, or a pack.")
    if not target.resolve().parent.is_dir():
        raise UsageError(f"--out {shown}: there is no folder {show_path(target.parent)}.")
    if target.resolve() == Path.cwd():
        raise UsageError("--out is the current folder, which can't be replaced: name another one.")
    if not target.is_dir() or not any(target.iterdir()):
        return
    found = read_folder(target)
    if found.listed is None:
        raise UsageError(
            f"--out {shown} holds files and is no pack ({found.problems[0].found}): name a new or "
            "empty folder."
        )
    if found.added:
        raise UsageError(
            f"--out {shown} holds what no pack wrote: {ascii(found.added[0])[1:-1]}. Move it, or "
            "name another folder."
        )


def write_pack(target: Path, collected: Collected, key: PrivateKey | None) -> int:
    """The pack in its place; how many files it holds. Raises ConfigurationError, UsageError."""
    _refuse_names(collected.files)
    place = target.resolve()
    try:
        staged = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    except OSError as error:
        raise UsageError(
            f"{show_path(target.parent)} can't be written: {error.strerror}."
        ) from None
    try:
        count = _write_all(staged / "new", collected, key)
        _replace(place, staged)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return count


def _refuse_names(files: Mapping[str, bytes]) -> None:
    problems = [
        Problem(
            file=name,
            found="a name that a pack can't hold",
            expected="letters, digits, blanks and . _ - % ~",
            advice="Rename the file in the suite's folder.",
        )
        for name in files
        if not is_path(name)
    ]
    if problems:
        raise ConfigurationError(problems)


def _write_all(folder: Path, collected: Collected, key: PrivateKey | None) -> int:
    """Every file into a new folder: what is computed is computed from what was written."""
    files = dict(collected.files)
    _write(folder, files)
    problems: list[Problem] = []
    pack = open_pack(folder, problems)
    if pack is None:
        raise ConfigurationError(problems)
    computed = computed_files(pack)
    _write(folder, computed)
    files |= computed
    facts = {
        name: FileFact(size=len(raw), sha256=hashlib.sha256(raw).hexdigest())
        for name, raw in files.items()
    }
    manifest = json_document(build_manifest(facts, collected.said))
    last = {MANIFEST: manifest}
    if key is not None:
        last[ENVELOPE] = json_document(sign(manifest, key).as_json())
    _write(folder, {**last, CHECKSUMS: checksums({**files, **last})})
    return len(files) + len(last) + 1


def checksums(files: Mapping[str, bytes]) -> bytes:
    """The file that `sha256sum -c` reads."""
    digests = {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}
    return checksum_text(digests).encode("ascii")


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, raw in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())


def _replace(place: Path, staged: Path) -> None:
    """Moves the new folder to its place; a kill in between leaves the old pack beside it."""
    if place.exists():
        place.rename(staged / "old")
    try:
        (staged / "new").rename(place)
    except OSError:
        if (staged / "old").exists():
            (staged / "old").rename(place)
        raise
