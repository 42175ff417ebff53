"""Objects of a repository by their names, many from one process of git.

Inside `asking_once` that process lives on, so that a name costs no start of another. Leaves what an
object means to the callers.
"""

from __future__ import annotations

import re
import subprocess
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Self

from dialgate.git.asking.git_process import GitError, run, shortened, start
from dialgate.git.asking.kept_answers import KEPT

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

_HEAD = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?) (blob|tree|commit|tag) ([0-9]+)\n")
_NO_NAME = b"-"
"""What git takes for no object's name."""
_MOST_BYTES = 4_000
"""Of names on their way to git: less than the smallest pipe holds, so that neither side waits for
the other."""


class GitObject(NamedTuple):
    """An object as git stores it."""

    oid: str
    kind: str
    # blob, tree, commit or tag
    content: bytes


def read_objects(root: Path, names: Sequence[str]) -> Generator[GitObject | None]:
    """What each name stands for, in that order; None where there is no such object here.

    Names are what `git rev-parse` takes. Raises GitError where git can't be run, or ends meanwhile.
    """
    asked = [_as_a_line(root, name) for name in names]
    if not asked:
        return
    reader = _kept_reader(root)
    if reader is None or not reader.lock.acquire(blocking=False):
        # Nothing is kept here, or whoever reads from the process that is asks for more meanwhile.
        with _Reader(root) as own:
            yield from own.read(asked)
        return
    try:
        yield from reader.read(asked)
    except BaseException:
        reader.close()  # some of an answer is still in the pipe
        raise
    finally:
        reader.lock.release()


def _as_a_line(root: Path, name: str) -> bytes:
    """The name as one line; the object's own where the name would be several or cut short."""
    if "\0" in name:
        return _NO_NAME
    if "\n" in name or name.endswith("\r"):
        try:
            found = run(root, ("rev-parse", "--verify", "--quiet", "--end-of-options", name))
        except GitError:
            return _NO_NAME
        return found.rstrip(b"\n")
    return name.encode("utf-8", "surrogateescape")


def _kept_reader(root: Path) -> _Reader | None:
    """The process that lives on, begun where there is none; None outside `asking_once`."""
    kept = KEPT.get()
    if kept is None:
        return None
    key = ("objects", root)
    reader = kept.answers.get(key)
    if not isinstance(reader, _Reader) or reader.is_over:
        kept.answers[key] = reader = kept.open.enter_context(_Reader(root))
    return reader


class _Reader:
    """One `git cat-file --batch`."""

    def __init__(self, root: Path) -> None:
        self.lock = Lock()
        self._words = TemporaryFile()  # noqa: SIM115 - closed with the process
        try:
            self._process = start(
                root, "cat-file", "--batch", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self._words,
            )  # fmt: skip
        except GitError:
            self._words.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_over(self) -> bool:
        """Whether it answers no more."""
        return self._process.poll() is not None

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()
        self._words.close()

    def _ended(self) -> GitError:
        """That git ended, with its own words."""
        self._process.wait()
        self._words.seek(0)
        said = shortened(self._words.read().decode("utf-8", "replace"))
        return GitError(f"git ended before it answered{f': {said}' if said else ''}")

    def read(self, names: Sequence[bytes]) -> Iterator[GitObject | None]:
        """The objects of these names."""
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        for part in _parts(names):
            try:
                asked.write(b"".join(name + b"\n" for name in part))
                asked.flush()
            except OSError:
                raise self._ended() from None
            for _ in part:
                head = answers.readline()
                if not head.endswith(b"\n"):
                    raise self._ended()
                found = _HEAD.fullmatch(head)
                if found is None:
                    yield None
                    continue
                size = int(found[3])
                content = answers.read(size)
                if len(content) != size or answers.read(1) != b"\n":
                    raise self._ended()
                yield GitObject(found[1].decode(), found[2].decode(), content)


def _parts(names: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The names in their order, in parts that go through a pipe at once."""
    part: list[bytes] = []
    size = 0
    for name in names:
        if part and size + len(name) >= _MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(name)
        size += len(name) + 1
    yield part
