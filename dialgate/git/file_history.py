"""Every content that a file has had in the history of HEAD.

Leaves what an older content means to the callers.
"""

from __future__ import annotations

import datetime as dt
import posixpath
from typing import TYPE_CHECKING

from dialgate.git.asking.git_process import GitError
from dialgate.git.git_checkout import open_checkout
from dialgate.git.raw_tree import read_blobs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def committed_contents(path: Path) -> list[bytes]:
    """The file's committed contents, each once, the newest first; none outside git.

    A shallow clone has the part of the history that it has.
    """
    checkout = open_checkout(path.parent)
    if checkout is None or checkout.commit_of("HEAD") is None:
        return []
    name = (checkout.path_of(path.parent) / path.name).as_posix()
    listing = ("log", "--raw", "--no-abbrev", "--no-renames", "--format=", "--")
    try:
        printed = checkout.walk(*listing, f":(top,literal){name}")
        oids = dict.fromkeys(
            oid
            for line in printed.splitlines()
            if line.startswith(":")
            for oid in reversed(line.split()[2:4])
            if set(oid) != {"0"}
        )
        return [content for _, content in read_blobs(checkout, oids)]
    except GitError:
        return []


def last_commit_day(folder: Path, names: Sequence[str]) -> dt.date | None:
    """The day (UTC) of the last commit that touched any of the files or globs of the folder.

    None outside git, and where no commit did. A shallow clone knows what it has.
    """
    checkout = open_checkout(folder)
    if checkout is None or checkout.commit_of("HEAD") is None:
        return None
    above = checkout.path_of(folder).as_posix()
    paths = [posixpath.normpath(posixpath.join(above, name)) for name in names]
    inside = [f":(top,glob){path}" for path in paths if not path.startswith("..")]
    if not inside:
        return None
    try:
        printed = checkout.walk("log", "-1", "--format=%ct", "--", *inside).strip()
    except GitError:
        return None
    return dt.datetime.fromtimestamp(int(printed), dt.UTC).date() if printed.isdigit() else None
