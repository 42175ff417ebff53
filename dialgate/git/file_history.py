"""Every content that a file has had in the history of HEAD.

Leaves what an older content means to the callers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.git.git_checkout import GitError, open_checkout
from dialgate.git.raw_tree import read_blobs

if TYPE_CHECKING:
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
        printed = checkout.text(*listing, f":(top,literal){name}")
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
