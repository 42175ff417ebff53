"""A process of git, called so that nothing of the user's changes.

No hooks, no locks that could be done without, no variables of a hook that runs us. Leaves what is
asked to `dialgate.git.git_checkout`.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


class GitError(Exception):
    """Git refused; the message is git's own, shortened."""


def run(folder: Path, arguments: tuple[str, ...]) -> bytes:
    """What git prints in the folder. Raises GitError where it refuses."""
    try:
        done = subprocess.run(
            ["git", *_OPTIONS, *arguments], cwd=folder, stdin=subprocess.DEVNULL,
            capture_output=True, env=_environment(), check=False,
        )  # fmt: skip
    except OSError as error:
        raise GitError(_why_not_run(error)) from None
    if done.returncode:
        raise GitError(shortened(done.stderr.decode("utf-8", "replace")))
    return done.stdout


def run_on_history(folder: Path, arguments: tuple[str, ...]) -> bytes:
    """As `run`, by GitPython: for what walks commits, which a check's short way never does."""
    try:
        import git  # noqa: PLC0415 - 40 to 60 ms, and it fails without a git executable
    except ImportError as error:
        raise GitError(f"git can't be run ({str(error).splitlines()[0]})") from None
    try:
        with _without_hook_variables():
            printed = git.cmd.Git(str(folder)).execute(
                ["git", *_OPTIONS, *arguments],
                istream=subprocess.DEVNULL,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                env=_ALWAYS,
            )
    except git.GitCommandNotFound:
        raise GitError("git can't be run (no such command)") from None
    except git.GitCommandError as error:
        said = str(error.stderr).strip().removeprefix("stderr: '").removesuffix("'")
        raise GitError(shortened(said)) from None
    assert isinstance(printed, bytes)
    return printed


def start(
    folder: Path,
    *arguments: str,
    stdin: int = subprocess.DEVNULL,
    stdout: IO[bytes] | int,
    stderr: IO[bytes] | int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """A process that goes on meanwhile. Raises GitError where it can't be run."""
    try:
        return subprocess.Popen(
            ["git", *_OPTIONS, *arguments], cwd=folder, stdin=stdin, stdout=stdout,
            stderr=stderr, env=_environment(),
        )  # fmt: skip
    except OSError as error:
        raise GitError(_why_not_run(error)) from None


def shortened(said: str) -> str:
    """What git itself said, as a message holds it."""
    return said.strip()[:400]


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


def _environment() -> dict[str, str]:
    """Ours without what a hook that runs us has set, and with what holds for every call."""
    given = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    return {**given, **_ALWAYS}
