"""What of a workspace goes to a worker: the release's tree by content, and what simulates tools.

Knows which files those are and their digests; leaves sending them to `cluster.executor` and laying
them out to `cluster.worker.trees`. Cases, policy and records stay here.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate_evals.errors import ConfigurationError, EvidenceError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.running.containment.release_copy import FoundTree, find_release
from dialgate_evals.running.executors.cluster.messages import Job, TreeFile, encode
from dialgate_evals.running.executors.cluster.plain_data import pack_actions, pack_release
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite
    from dialgate_evals.suite.workspace import Workspace

_SEND_BYTES = 4 * 2**20
"""Of files that go in one message."""

_KEPT_BYTES = 64 * 2**20
"""Of small files kept as they were read: a log that grows beside the agent ends nothing."""
_SMALL_BYTES = 2**20

MOST_BYTES = 2**30
"""Of one release's tree: more is not sent."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A job, and where the content of its files lies here."""

    job: Job
    job_id: str
    paths: dict[str, Path]
    # by digest
    kept: dict[str, bytes]
    # by digest, small files as they were read; others are read again where they are sent

    def content(self, digest: str) -> bytes:
        """The file's bytes. Raises EvidenceError where it wasn't kept and is not what it was."""
        if digest in self.kept:
            return self.kept[digest]
        path = self.paths[digest]
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise _changed(path, str(error.strerror)) from None
        if content_digest(raw) != digest:
            raise _changed(path, "another content")
        return raw

    def in_messages(self, digests: Sequence[str]) -> Iterator[list[bytes]]:
        """These files' contents, a message's worth at a time. Raises as `content`."""
        lot: list[bytes] = []
        for digest in digests:
            lot.append(self.content(digest))
            if sum(map(len, lot)) >= _SEND_BYTES:
                yield lot
                lot = []
        if lot:
            yield lot


def content_digest(raw: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()


def job_digest(job: Job) -> str:
    """By what client and worker know a job: everything that it says."""
    return content_digest(encode(job))


def take_snapshot(workspace: Workspace, release: Release, actions: ActionRegistry) -> Snapshot:
    """The job of this release, as its files are now.

    Raises ConfigurationError where the tree is too large to be sent.
    """
    suite, root = workspace.suite, workspace.root
    found = _tree_of(workspace)
    settings = workspace.folder / "suite.toml"
    names = {str(settings): False, **dict(found.files)}
    if suite.simulator is not None:
        names[str(workspace.folder / suite.simulator.partition(":")[0])] = False
    private = _private_files(workspace)
    files, paths, kept, size, kept_size = [], {}, {}, 0, 0
    for name, executable in sorted(names.items()):
        path = Path(name)
        # A tree that was laid out of a commit has a file by that name, as a mark of its root.
        if path in private or path.name == ".git":
            continue
        raw = _read(path)
        if raw is None:
            continue
        size += len(raw)
        if size > MOST_BYTES:
            raise _too_large(root)
        digest = content_digest(raw)
        files.append(TreeFile(_inside(name, root), digest, executable))
        paths[digest] = path
        if len(raw) <= _SMALL_BYTES and kept_size + len(raw) <= _KEPT_BYTES:
            kept[digest] = raw
            kept_size += len(raw)
    home = workspace.home or workspace.folder
    job = Job(
        run=secrets.token_hex(8),
        files=files,
        links=[(_inside(name, root), os.readlink(name)) for name in found.links],  # noqa: PTH115 - text paths, many of them
        folders=[_inside(name, root) for name in found.folders if name != str(root)],
        installed=[_inside(name, root) for name in found.shown if _is_installed(Path(name))],
        suite_folder=_inside(str(workspace.folder.resolve()), root),
        home=str(home.resolve()),
        release=pack_release(release),
        actions=pack_actions(actions),
    )
    return Snapshot(job=job, job_id=job_digest(job), paths=paths, kept=kept)


def _tree_of(workspace: Workspace) -> FoundTree:
    """The release's tree; nothing of it where the agent is behind an address."""
    root = workspace.root
    if workspace.suite.agent.kind not in {AgentKind.PYTHON, AgentKind.COMMAND}:
        return FoundTree(root=str(root))
    left_out = [*workspace.case_files(), *_simulator_file(workspace.suite, workspace.folder)]
    found = find_release(root, left_out=[path.resolve() for path in left_out], may_show=False)
    # What is installed is named, not sent; a large file of the release's own is sent.
    found.files += [(name, False) for name in found.shown if Path(name).is_file()]
    return found


def _is_installed(folder: Path) -> bool:
    """Whether a worker needs it at its place; an environment of Python's is known by its path."""
    return folder.is_dir() and not (folder / "pyvenv.cfg").exists()


def _simulator_file(suite: Suite, folder: Path) -> list[Path]:
    return [] if suite.simulator is None else [folder / suite.simulator.partition(":")[0]]


def _private_files(workspace: Workspace) -> set[Path]:
    """Files with secrets: a worker has its own, or none."""
    name = workspace.suite.agent.env_file
    if name is None:
        return set()
    homes = (workspace.folder, workspace.home or workspace.folder)
    return {Path(os.path.normpath(home.resolve() / name)) for home in homes}


def _read(path: Path) -> bytes | None:
    """The content; None for a file that went away or may not be read, as the agent could not."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, PermissionError):
        return None


def _inside(name: str, root: Path) -> str:
    return os.path.relpath(name, root).replace(os.sep, "/")


def _too_large(root: Path) -> ConfigurationError:
    return ConfigurationError(
        [
            Problem(
                file=show_path(root),
                found=f"a release of more than {MOST_BYTES // 2**20:,} MiB",
                expected="one that can be sent to each worker",
                advice="Keep large data out of the checkout, where workers reach it by themselves.",
            )
        ]
    )


def _changed(path: Path, found: str) -> EvidenceError:
    return EvidenceError(
        [
            Problem(
                file=show_path(path),
                found=f"{found}, while it was sent to the workers",
                expected="the release as it was when the run began",
                advice="Run again when nothing writes to the checkout.",
            )
        ]
    )
