"""A git checkout, asked through GitPython.

Knows how git is called so that nothing of the user's changes: no hooks, no locks that could be done
without, no variables of a hook that runs us; and that one question is asked once where a command
says so. Leaves what a commit means to `dialgate.git.base_ref`.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, NamedTuple, TypeVar, cast

from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

T = TypeVar("T")

# A hook's variables name the repository of the commit in progress, which a submodule's is not.
_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
_ALWAYS = {
    "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a commit is what its name says
}  # fmt: skip
# Reading other people's checkouts is no reason to run their hooks and monitors.
_OPTIONS = (
    "-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", "-c", "safe.directory=*",
)  # fmt: skip


class _Ahead(NamedTuple):
    """A question that git works on."""

    process: subprocess.Popen[bytes]
    printed: IO[bytes]

    def answer(self) -> bytes | None:
        """What it printed; None where it refused: asked again it says why."""
        code = self.process.wait()
        self.printed.seek(0)  # not before: the two share the place in the file
        return self.printed.read() if code == 0 else None


class GitError(Exception):
    """Git refused; the message is git's own, shortened."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working tree that git knows: a clone, a linked worktree or a submodule."""

    root: Path
    # its top folder, links followed

    def git(
        self,
        *arguments: str,
        stdin: IO[bytes] | None = None,
        environment: Mapping[str, object] | None = None,
    ) -> bytes:
        """What git prints; `environment` is set beside ours. Raises GitError where it refuses."""
        return _run(self.root, arguments, stdin, environment or {})

    @contextmanager
    def stream(self, *arguments: str, stdin: IO[bytes]) -> Iterator[IO[bytes]]:
        """What git prints, as it comes. Raises GitError where it can't be run."""
        try:
            process = subprocess.Popen(
                ["git", *_OPTIONS, *arguments], cwd=self.root, stdin=stdin, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env=_environment({}),
            )  # fmt: skip
        except OSError as error:
            raise GitError(_why_not_run(error)) from None
        with process:
            assert process.stdout is not None
            try:
                yield process.stdout
            finally:
                process.kill()

    @contextmanager
    def ahead(self, *arguments: str) -> Iterator[None]:
        """Within `asking_once` git works on this meanwhile: whoever asks waits for that answer."""
        kept, key = _KEPT.get(), (os.path.abspath(self.root), arguments)  # noqa: PTH100 - as `_run`
        if kept is None or key in kept:
            yield
            return
        with TemporaryFile() as printed:
            try:
                process = subprocess.Popen(
                    ["git", *_OPTIONS, *arguments], cwd=self.root, stdin=subprocess.DEVNULL,
                    stdout=printed, stderr=subprocess.DEVNULL, env=_environment({}),
                )  # fmt: skip
            except OSError:  # who asks hears why
                yield
                return
            kept[key] = _Ahead(process, printed)
            try:
                yield
            finally:
                if isinstance(kept.get(key), _Ahead):
                    del kept[key]
                    process.kill()
                process.wait()

    def text(self, *arguments: str) -> str:
        """What git prints, as one text without the line's end. Raises GitError."""
        return self.git(*arguments).decode("utf-8", "surrogateescape").rstrip("\n")

    def ask(self, *arguments: str) -> str | None:
        """As `text`; None where git refuses."""
        try:
            return self.text(*arguments)
        except GitError:
            return None

    @property
    def is_shallow(self) -> bool:
        """Whether the clone holds a part of the history only."""
        return self.ask("rev-parse", "--is-shallow-repository") == "true"

    def commit_of(self, ref: str) -> str | None:
        """The commit that the ref names; None where it names none.

        Only the hexadecimal name is used from then on: a ref can look like an option of git.
        """
        if ref.startswith("-"):
            return None
        self._refuse_ambiguous(ref)
        return self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")

    def _refuse_ambiguous(self, ref: str) -> None:
        """A tag of a branch's name would win, so that who pushes a tag would choose the base."""
        names = [f"{kind}/{ref}" for kind in ("refs/heads", "refs/tags", "refs/remotes")]
        listed = self.ask(
            "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", *names
        )
        found = [line.split() for line in (listed or "").splitlines()]
        exact = {words[0]: words[-1] for words in found if words and words[0] in names}
        if len(set(exact.values())) > 1:
            raise UsageError(
                f"{ref!r} names several things here: {', '.join(sorted(exact))}. Name one of them."
            )

    def path_of(self, folder: Path) -> Path:
        """The folder's path below the root as it was named: links in it are not followed.

        A suite's folder that a change turned into a link stays the suite of that name.
        """
        named = Path(os.path.abspath(folder))  # noqa: PTH100 - links stay as they are
        for above in (named, *named.parents):
            if above.resolve() == self.root:
                return named.relative_to(above)
        return folder.resolve().relative_to(self.root)


def path_in(checkout: Checkout, file: Path) -> Path:
    """The file's path in the repository. Raises UsageError outside it."""
    try:
        return checkout.path_of(file.parent) / file.name
    except ValueError:
        raise UsageError(
            f"{file} is outside the checkout {checkout.root}: only a release in it can be checked "
            "against a git base."
        ) from None


def open_checkout(folder: Path) -> Checkout | None:
    """The checkout around the folder; None where there is none.

    Raises UsageError where there is one that git can't or won't read: taking that for no history
    at all would judge a change as a first release.
    """
    try:
        root = _run(folder, ("rev-parse", "--show-toplevel"), None, {})
    except GitError as error:
        if not _is_below_git(folder):
            return None
        raise UsageError(f"git can't read the checkout of {show_path(folder)}: {error}") from None
    return Checkout(Path(os.fsdecode(root.rstrip(b"\n"))).resolve())


def _is_below_git(folder: Path) -> bool:
    above = folder.resolve()
    return any((candidate / ".git").exists() for candidate in (above, *above.parents))


_KEPT: ContextVar[dict[Hashable, object] | None] = ContextVar("kept", default=None)


@contextmanager
def asking_once() -> Iterator[None]:
    """What git answered inside is not asked again until the outermost of these ends.

    For a command that judges one state of the checkout and changes nothing of it: every part of it
    then sees the commits, refs and edited files of its beginning, whatever an agent does meanwhile.
    """
    if _KEPT.get() is not None:
        yield
        return
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def once(key: Hashable, find: Callable[[], T]) -> T:
    """What `find` gives, kept under the key inside `asking_once`, a GitError too."""
    kept = _KEPT.get()
    if kept is None:
        return find()
    if isinstance(begun := kept.get(key), _Ahead):
        del kept[key]
        kept.update({} if (answer := begun.answer()) is None else {key: answer})
    if key not in kept:
        try:
            kept[key] = find()
        except GitError as error:
            kept[key] = error
    found = kept[key]
    if isinstance(found, GitError):
        raise GitError(str(found))
    return cast("T", found)


def _run(
    folder: Path,
    arguments: tuple[str, ...],
    stdin: IO[bytes] | None,
    environment: Mapping[str, object],
) -> bytes:
    if stdin is not None or environment:
        return _start(folder, arguments, stdin, environment)
    place = os.path.abspath(folder)  # noqa: PTH100 - links stay as they are
    return once((place, arguments), lambda: _start(folder, arguments, None, {}))


def _start(
    folder: Path,
    arguments: tuple[str, ...],
    stdin: IO[bytes] | None,
    environment: Mapping[str, object],
) -> bytes:
    try:
        import git  # noqa: PLC0415 - slow, and it fails without a git executable
    except ImportError as error:
        raise GitError(f"git can't be run ({str(error).splitlines()[0]})") from None
    given = {name: str(value) for name, value in environment.items()}
    try:
        with _without_hook_variables():
            printed = git.cmd.Git(str(folder)).execute(
                ["git", *_OPTIONS, *arguments],
                istream=subprocess.DEVNULL if stdin is None else stdin.fileno(),
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                env={**_ALWAYS, **given},
            )
    except git.GitCommandNotFound:
        raise GitError("git can't be run (no such command)") from None
    except git.GitCommandError as error:
        raise GitError(_words_of(error)) from None
    assert isinstance(printed, bytes)
    return printed


def _words_of(error: Exception) -> str:
    """What git itself said; GitPython wraps it in a line of its own."""
    said = str(getattr(error, "stderr", "") or "").strip()
    return said.removeprefix("stderr: '").removesuffix("'").strip()[:400]


@contextmanager
def _without_hook_variables() -> Iterator[None]:
    """What a hook that runs us has set is not there inside; GitPython hands the environment on."""
    kept = {name: os.environ.pop(name) for name in _OF_A_HOOK if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _why_not_run(error: OSError) -> str:
    """That there is no git, or no folder to ask it in."""
    what = "no such command" if error.filename == "git" else f"{error.filename}: {error.strerror}"
    return f"git can't be run ({what})"


def _environment(more: Mapping[str, object]) -> dict[str, str]:
    """Ours without what a hook that runs us has set, and with what holds for every call."""
    given = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    return {**given, **_ALWAYS, **{name: str(value) for name, value in more.items()}}
