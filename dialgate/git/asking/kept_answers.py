"""One question is asked once where a command says so: the answers that are kept until it ends."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from dialgate.git.asking.git_process import GitError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Hashable, Iterator
    from typing import IO

T = TypeVar("T")


class Ahead(NamedTuple):
    """A question that git works on."""

    process: subprocess.Popen[bytes]
    printed: IO[bytes]

    def answer(self) -> bytes | None:
        """What it printed; None where it refused: asked again it says why."""
        code = self.process.wait()
        self.printed.seek(0)  # not before: the two share the place in the file
        return self.printed.read() if code == 0 else None


@dataclass(slots=True)
class Kept:
    """What was answered so far, and what is to be closed with it."""

    answers: dict[Hashable, object] = field(default_factory=dict)
    open: ExitStack = field(default_factory=ExitStack)


KEPT: ContextVar[Kept | None] = ContextVar("kept", default=None)


@contextmanager
def asking_once() -> Iterator[None]:
    """What git answered inside is not asked again until the outermost of these ends.

    For a command that judges one state of the checkout and changes nothing of it: every part of it
    then sees the commits, refs and edited files of its beginning, whatever an agent does meanwhile.
    """
    if KEPT.get() is not None:
        yield
        return
    kept = Kept()
    token = KEPT.set(kept)
    try:
        with kept.open:
            yield
    finally:
        KEPT.reset(token)


def once(key: Hashable, find: Callable[[], T]) -> T:
    """What `find` gives, kept under the key inside `asking_once`, a GitError too."""
    kept = KEPT.get()
    if kept is None:
        return find()
    answers = kept.answers
    if isinstance(begun := answers.get(key), Ahead):
        del answers[key]
        answers.update({} if (answer := begun.answer()) is None else {key: answer})
    if key not in answers:
        try:
            answers[key] = find()
        except GitError as error:
            answers[key] = error
    found = answers[key]
    if isinstance(found, GitError):
        raise GitError(str(found))
    return cast("T", found)


def keep(key: Hashable, answer: object) -> None:
    """Keeps what another question has told, inside `asking_once`."""
    kept = KEPT.get()
    if kept is not None:
        kept.answers.setdefault(key, answer)
