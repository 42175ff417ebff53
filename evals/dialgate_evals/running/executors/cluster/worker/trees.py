"""Releases' trees on a worker: contents by digest, kept once, and laid out for each job.

Every file is checked when it is laid out: an agent without walls could have written to the store.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dialgate_evals.running.containment.left_copies import HeldFolder
from dialgate_evals.running.executors.cluster.messages import ForeignBytesError
from dialgate_evals.running.executors.cluster.snapshot import content_digest

if TYPE_CHECKING:
    from dialgate_evals.running.executors.cluster.messages import Job, TreeFile

CHECKOUT = "DIALGATE_CHECKOUT"
"""A variable of the worker's: where what no commit holds lies there, as in the user's checkout."""


class Trees:
    """Contents and trees in one temporary folder of this process."""

    def __init__(self) -> None:
        """Raises OSError where there is no room for a folder."""
        self._held = HeldFolder(None)
        self._store = self._held.path / "contents"
        self._store.mkdir()
        self._laid_out = 0

    def missing(self, job: Job) -> list[str]:
        """Digests of the files that neither were sent nor lie at the same path on this machine."""
        root = checkout_root(job)
        wanted: dict[str, TreeFile] = {}
        for file in job.files:
            wanted.setdefault(file.digest, file)
        return [
            digest
            for digest, file in wanted.items()
            if not (self._store / _hex(digest)).exists() and not self._take(root, file)
        ]

    def _take(self, root: Path | None, file: TreeFile) -> bool:
        """Takes a content from a checkout on this machine, where it is the very same."""
        if root is None:
            return False
        try:
            raw = (root / _inside(file.path)).read_bytes()
        except OSError:
            return False
        if content_digest(raw) != file.digest:
            return False
        self.add(raw)
        return True

    def add(self, content: bytes) -> None:
        """Keeps a content under its digest. Raises OSError."""
        path = self._store / content_digest(content)
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)

    def lay_out(self, job: Job) -> Path:
        """The job's tree in a folder of its own; gives its root.

        Raises ForeignBytesError for a path that leads out of it or a content that isn't the
        digest's, OSError where there is no room.
        """
        self._laid_out += 1
        root = self._held.path / f"tree-{self._laid_out}"
        # The mark by which a workspace's root is known, on every machine.
        (root / ".git").mkdir(parents=True)
        for folder in job.folders:
            (root / _inside(folder)).mkdir(parents=True, exist_ok=True)
        for file in job.files:
            raw = (self._store / _hex(file.digest)).read_bytes()
            if content_digest(raw) != file.digest:
                raise ForeignBytesError(f"{file.path} isn't what it was when it was sent")
            path = root / _inside(file.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
            path.chmod(0o700 if file.executable else 0o600)
        for name, target in job.links:
            path = root / _inside(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
        _take_installed(job, root)
        return root

    def close(self) -> None:
        """Takes all of it away."""
        self._held.close()


def _take_installed(job: Job, root: Path) -> None:
    """Puts what is installed in this machine's own checkout at its place, as far as it is there."""
    own = checkout_root(job)
    if own is None:
        return
    for name in job.installed:
        source, target = own / _inside(name), root / _inside(name)
        if source.is_dir() and not target.exists():
            shutil.copytree(source, target, symlinks=True, copy_function=_link_or_copy)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def home_on_worker(job: Job) -> Path | None:
    """The suite's folder in a checkout on this machine; None: there is none.

    There lie interpreter, env_file and `needs`: the worker's own, by name.
    """
    named = os.environ.get(CHECKOUT)
    home = Path(named) / _inside(job.suite_folder) if named else Path(job.home)
    return home if home.is_dir() else None


def checkout_root(job: Job) -> Path | None:
    """The root of the checkout in which `home_on_worker` lies; None: there is none here."""
    home = home_on_worker(job)
    depth = 0 if job.suite_folder == "." else len(PurePosixPath(job.suite_folder).parts)
    return None if home is None or len(home.parents) < depth else (home, *home.parents)[depth]


def _inside(name: str) -> PurePosixPath:
    """A path below the tree. Raises ForeignBytesError for one that leads out of it."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ForeignBytesError(f"a path that leads out of the release: {name}")
    return path


def _hex(digest: str) -> str:
    """The digest as a file's name. Raises ForeignBytesError for what is no digest."""
    if len(digest) != 64 or not all(letter in "0123456789abcdef" for letter in digest):
        raise ForeignBytesError("a digest that is none")
    return digest
