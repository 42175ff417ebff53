"""The files of a bundle: which of a suite one case needs, and how they are sealed and read.

A bundle is hostile until its list, its limits and its digests hold: no link, no path out of it, no
file beside the list. Leaves running it to `replaying`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import (
    JsonTextError,
    digest_of_bytes,
    digest_of_parsed,
    json_line,
    parse_json,
)
from dialgate_evals.files.problems import Problem, show_path

if TYPE_CHECKING:
    from collections.abc import Mapping

LIST = "bundle.json"
CASE = "case.jsonl"
TRAJECTORY = "trajectory.jsonl"
TREE = "tree"
"""The folder of the suite's own files, at their places in the workspace."""

_MOST_FILES = 2_000
_MOST_BYTES = 64 * 2**20
_MOST_OF_A_FILE = 16 * 2**20
_MOST_OF_LIST = 2**20


def write_bundle(folder: Path, document: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Writes the files, and last the list with their digests. Raises ConfigurationError."""
    if len(files) > _MOST_FILES or sum(map(len, files.values())) > _MOST_BYTES:
        raise _refused(folder, f"more than {_MOST_FILES} files or {_MOST_BYTES >> 20} MiB")
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    digests = {name: digest_of_bytes(content) for name, content in sorted(files.items())}
    whole = {**document, "files": digests}
    whole["digest"] = digest_of_parsed(whole)
    write_atomically(folder / LIST, json_line(whole))


def read_bundle(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The list and every file of a bundle. Raises ConfigurationError where it is not as sealed."""
    document = _list_of(folder)
    names = document["files"]
    found = _names_in(folder)
    if found != set(names):
        odd = sorted(found.symmetric_difference(names))[:3]
        raise _refused(folder, f"other files than its list names: {', '.join(odd)}")
    files: dict[str, bytes] = {}
    total = 0
    for name, digest in names.items():
        content = _read_file(folder / name, _MOST_OF_A_FILE)
        total += len(content)
        if total > _MOST_BYTES:
            raise _refused(folder, f"more than {_MOST_BYTES >> 20} MiB")
        if digest_of_bytes(content) != digest:
            raise _refused(folder / name, "another content than its digest says")
        files[name] = content
    return document, files


def _list_of(folder: Path) -> dict[str, Any]:
    raw = _read_file(folder / LIST, _MOST_OF_LIST)
    try:
        document = parse_json(raw)
    except JsonTextError as error:
        raise _refused(folder / LIST, str(error)) from None
    names = document.get("files") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("schema") != 1 or not isinstance(names, dict):
        raise _refused(folder / LIST, "no list of a bundle")
    if len(names) > _MOST_FILES:
        raise _refused(folder / LIST, f"more than {_MOST_FILES} files")
    for name in names:
        if not is_plain_path(name):
            raise _refused(folder / LIST, f"the path {name[:200]!r}, which leads out of it")
    own = {key: value for key, value in document.items() if key != "digest"}
    if digest_of_parsed(own) != document.get("digest"):
        raise _refused(folder / LIST, "another content than its digest says")
    return document


def is_plain_path(name: str) -> bool:
    """Whether it is a relative path of ordinary names.

    >>> is_plain_path("tree/a.py"), is_plain_path("../a"), is_plain_path("/a")
    (True, False, False)
    """
    parts = PurePosixPath(name).parts
    is_same = bool(name) and "/".join(parts) == name and "\\" not in name and "\0" not in name
    return is_same and not name.startswith("/") and ".." not in parts and len(name) < 1_000


def _names_in(folder: Path) -> set[str]:
    """Every file of the folder but the list; links are none of a bundle's."""
    found: set[str] = set()
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(place) / name
            if path.is_symlink():
                raise _refused(path, "a symbolic link")
        found |= {(Path(place) / name).relative_to(folder).as_posix() for name in names}
        if len(found) > _MOST_FILES + 1:
            raise _refused(folder, f"more than {_MOST_FILES} files")
    return found - {LIST}


def _read_file(path: Path, most: int) -> bytes:
    """The bytes of an ordinary file; a link, a pipe or a huge one is refused."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise _refused(path, f"a file that can't be read ({error.strerror})") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _refused(path, "no ordinary file")
        content = file.read(most + 1)
    if len(content) > most:
        raise _refused(path, f"a file over {most >> 20} MiB")
    return content


def _refused(path: Path, found: str) -> ConfigurationError:
    return ConfigurationError(
        [
            Problem(
                file=show_path(path),
                found=found,
                expected="a bundle as `dialgate bundle` sealed it",
                advice="Make it again, or ask for it again.",
            )
        ]
    )
