"""A git checkout, asked through git's own command.

Knows how git is called so that nothing of the user's changes: no hooks, no locks that could be done
without, no variables of a hook that runs us. Leaves what a commit means to `dialgate.base_ref`.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from evals.errors import UsageError
from evals.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Mapping

# A hook's variables name the repository of the commit in progress, which a submodule's is not.
_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
_ALWAYS = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


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
        return self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")

    def path_of(self, folder: Path) -> Path:
        """The folder's path below the root."""
        return folder.resolve().relative_to(self.root)


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


def _run(
    folder: Path,
    arguments: tuple[str, ...],
    stdin: IO[bytes] | None,
    environment: Mapping[str, object],
) -> bytes:
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    given = {name: str(value) for name, value in environment.items()}
    try:
        done = subprocess.run(
            ["git", "-c", f"core.hooksPath={os.devnull}", *arguments],
            cwd=folder,
            env={**kept, **_ALWAYS, **given},
            stdin=stdin or subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise GitError(f"git can't be run ({error.strerror})") from None
    if done.returncode:
        raise GitError(done.stderr.decode("utf-8", "replace").strip()[:400])
    return done.stdout
