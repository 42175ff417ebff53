"""Folders for copies, and those that killed runs left behind: memory would hold them for good.

Each run holds a lock on a file in its folder for as long as it lives. A lock ends with its process,
however that ended and in whatever container; a process id says less.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "tmp-copy-"
# an agent can see it: it says nothing of who asks
_LOCK = "lock"


class HeldFolder:
    """A temporary folder of this process; `close` takes it away."""

    def __init__(self, place: str | None) -> None:
        """In `place`, or where temporary files go. Raises OSError."""
        take_out_left_folders(Path(place or tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place)).resolve()
        self._lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Takes the folder with all that it holds away."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def take_out_left_folders(place: Path) -> None:
    """Takes out what runs of this user left there that no longer live."""
    for folder in place.glob(f"{_PREFIX}*"):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            continue  # another's, or one that is just being made or taken away
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # its run lives
        finally:
            os.close(lock)
