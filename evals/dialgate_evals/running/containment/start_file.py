"""What `starter` is told: which paths stand where, which network, which program.

Knows the three ways of building walls; leaves what an agent may see to `sandbox`.
"""

from __future__ import annotations

import marshal
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.running.containment.scripts import write_compiled
from dialgate_evals.running.containment.visible_paths import RUNNING, SETTINGS, SYSTEM
from dialgate_evals.running.containment.walls import Means
from dialgate_evals.suite.suite import Network

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dialgate_evals.running.containment.release_copy import ReleaseCopy

_SCRATCH_MB = 1024
"""What an agent may write at most; its scratch folder is in memory."""

_STARTER = Path(__file__).with_name("starter")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFile:
    """One start of a program."""

    means: Means
    temporary: Path
    # root/ to mount on, start/ with the harness's scripts, scratch/
    copy: ReleaseCopy | None = None
    # None: nothing is copied
    also_at: tuple[Path, ...] = ()
    # where the copy stands too, for absolute paths of what is installed
    hidden: tuple[Path, ...] = ()
    # folders that stay out of sight, wherever they lie
    parts: tuple[Path, ...] = ()
    # folders of programs
    needs: tuple[tuple[Path, str], ...] = ()
    # further files, and where the program finds them
    network: Network = Network.OPEN
    ports: tuple[int, ...] = ()
    # of the harness's loopback that are reached
    memory_mb: int | None = None
    folder: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def listen(self) -> tuple[int, ...]:
        """The ports that are opened inside and handed over: of a network of its own."""
        mounted = self.means in {Means.NAMESPACES, Means.BUBBLEWRAP}
        return self.ports if mounted and self.network is not Network.OPEN else ()


def write_start_file(start: StartFile, path: Path, *, line: int) -> tuple[str, ...]:
    """Writes the file; the command that starts the program, with the line's descriptor."""
    document = _as_data(start)
    # The starter is this Python: it reads its own form without loading a parser.
    path.write_bytes(marshal.dumps(document))
    starter = path.with_name("starter")
    if not starter.exists():
        write_compiled(_STARTER, starter)
    # Not sys.executable: where it lies may say who is asking.
    interpreter = os.path.realpath(sys.executable)
    if start.means is Means.BUBBLEWRAP:
        # Read from a file: the program could see them among the arguments of its parent.
        arguments = "\0".join(_bubblewrap(document, start, path))
        path.with_suffix(".arguments").write_text(arguments, "utf-8")
    return (interpreter, "-I", "-S", str(starter / "start.pyc"), str(path), str(line))


def _as_data(start: StartFile) -> dict[str, Any]:
    parts = [*start.parts]
    if start.means is Means.BUBBLEWRAP:
        parts.append(Path(os.path.realpath(sys.executable)).parent.parent)
    shown, links = _system()
    return {
        "means": start.means.value,
        "root": str(start.temporary / "root"),
        "shown": shown,
        "links": links,
        "hidden": [str(path) for path in start.hidden],
        "shown_last": list(_shown_last(start, parts)),
        "readable": list(_readable(start, parts)) if start.means is Means.LANDLOCK else [],
        "writable": [str(start.temporary / "scratch")],
        "scratch_mb": _SCRATCH_MB,
        "network": start.network.value,
        "ports": list(start.ports),
        "listen": list(start.listen),
        "bubblewrap": shutil.which("bwrap") or "",
        "memory_mb": start.memory_mb,
        "folder": start.folder,
        "command": list(start.command),
    }


def _system() -> tuple[list[list[str]], list[list[str]]]:
    """What of the system is shown, and what is a link to it, as on a merged /usr."""
    shown, links = [], []
    for name in (*SYSTEM, *SETTINGS, *RUNNING):
        path = Path(name)
        if path.is_symlink() and name in SYSTEM:
            links.append([str(path.readlink()), name])
        elif path.exists():
            shown.append([str(path.resolve()), name])
    return shown, links


def _shown_last(start: StartFile, parts: Iterable[Path]) -> Iterator[list[str]]:
    """The copy at its places, then programs over it."""
    copy = start.copy
    if copy is not None:
        for place in (Path("/release"), *start.also_at):
            yield [str(copy.folder), str(place)]
            for path in copy.shown:
                yield [str(path), str(place / path.relative_to(copy.root))]
    for path, target in start.needs:
        yield [str(path), target]
    yield [str(start.temporary / "start"), "/start"]
    for part in parts:
        if not _is_system(part):
            yield from ([str(part), place] for place in _places(part, start))


def _places(part: Path, start: StartFile) -> Iterator[str]:
    """Where a part stands: as it is called, and where links lead.

    A link in the workspace that its copy holds leads there by itself; one that no commit holds,
    as an environment kept elsewhere, is not in the copy.
    """
    resolved = part.resolve()
    yield str(resolved)
    if resolved != part and not _is_copied(part, start):
        yield str(part)


def _is_copied(part: Path, start: StartFile) -> bool:
    inside = [place for place in start.also_at if part.is_relative_to(place)]
    if start.copy is None or not inside:
        return bool(inside)
    return any(os.path.lexists(start.copy.folder / part.relative_to(place)) for place in inside)


def _is_system(part: Path) -> bool:
    return any(part.is_relative_to(name) for name in SYSTEM)


def _readable(start: StartFile, parts: Iterable[Path]) -> Iterator[str]:
    """Everything that may be read, where paths can't be moved."""
    own = [start.temporary / "start", *(path for path, _ in start.needs)]
    if start.copy is not None:
        own += [start.copy.folder, *start.copy.shown]
    for path in (*map(Path, (*SYSTEM, *SETTINGS, *RUNNING)), *parts):
        if path.exists():
            yield from map(str, _without(path.resolve(), start.hidden))
    yield from map(str, own)
    yield from (f"/proc/{name}" for name in ("cpuinfo", "meminfo", "stat", "filesystems"))


def _without(path: Path, hidden: tuple[Path, ...]) -> Iterator[Path]:
    """The path, or what it holds where something hidden lies below it."""
    if any(path.is_relative_to(item) for item in hidden):
        # A part of the workspace that was asked for, such as its installed dependencies.
        yield path
    elif not any(item.is_relative_to(path) for item in hidden):
        yield path
    else:
        for child in path.iterdir():
            if child not in hidden:
                yield from _without(child, hidden)


def _bubblewrap(document: Mapping[str, Any], start: StartFile, path: Path) -> Iterator[str]:
    """The same walls as bubblewrap's arguments."""
    yield from ("--die-with-parent", "--unshare-user", "--unshare-pid", "--unshare-ipc")
    if start.network is not Network.OPEN:
        yield "--unshare-net"
    for name in ("/tmp", "/dev/shm"):  # noqa: S108 - inside the sandbox
        yield from ("--tmpfs", name)
    for source, target in document["shown"]:
        yield from ("--ro-bind-try", source, target)
    for hidden in document["hidden"]:
        if any(Path(hidden).is_relative_to(target) for _, target in document["shown"]):
            yield from ("--tmpfs", hidden)
    for source, target in document["shown_last"]:
        yield from ("--ro-bind-try", source, target)
    for target, link in document["links"]:
        yield from ("--symlink", target, link)
    yield from ("--dev", "/dev", "--proc", "/proc")
    for own in (path.with_name("starter"), path):
        yield from ("--ro-bind", str(own), str(own))
    yield from ("--remount-ro", "/")
