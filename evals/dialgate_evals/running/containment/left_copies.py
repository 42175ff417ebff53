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
_MOST_TRIES = 100
"""Folders that are tried; another run takes one out in the moment before it is held."""


class HeldFolder:
    """A temporary folder of this process; `close` takes it away."""

    def __init__(self, place: str | None) -> None:
        """In `place`, or where temporary files go. Raises OSError."""
        take_out_left_folders(Path(place or tempfile.gettempdir()))
        for _ in range(_MOST_TRIES):
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place)).resolve()
            lock = _hold(self.path)
            if lock is not None:
                self._lock = lock
                return
        raise OSError(f"no folder below {self.path.parent} stays: something takes each of them out")

    def close(self) -> None:
        """Takes the folder with all that it holds away."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _hold(folder: Path) -> int | None:
    """The folder's lock; None where another run took it for left behind before it was held."""
    lock = -1
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), (folder / _LOCK).stat()):
            return lock
    except (FileNotFoundError, BlockingIOError):
        pass
    if lock >= 0:
        os.close(lock)
    return None


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
