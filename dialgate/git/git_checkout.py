"""A git checkout: its top folder, commits, settings and what else it is asked.

Leaves how git is called and what is kept of its answers to `dialgate.git.asking`, and what a commit
means to `dialgate.git.base_ref`.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from dialgate.git.asking.git_process import GitError, run, run_on_history, start
from dialgate.git.asking.kept_answers import KEPT, Ahead, keep, once
from dialgate.git.asking.object_reader import read_objects
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.git.asking.object_reader import GitObject

_NO_REF = re.compile(r"[~^:?*\[\\\s\x00-\x1f\x7f]|@\{|\.\.")
"""What no name of a branch or tag holds."""
_DESCRIBED = re.compile(r"-g[0-9a-fA-F]+\Z")
"""How a name ends that git takes for its own description of a commit, whatever stands before."""

_SHORTENED = re.compile(r"[0-9a-fA-F]{4,}")
"""What git takes for the beginning of an object's name, where no branch or tag is called so."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working tree that git knows: a clone, a linked worktree or a submodule."""

    root: Path
    # its top folder, links followed

    def git(self, *arguments: str) -> bytes:
        """What git prints. Raises GitError where it refuses."""
        place = os.path.abspath(self.root)  # noqa: PTH100 - links stay as they are
        return once((place, arguments), lambda: run(self.root, arguments))

    def walk(self, *arguments: str) -> str:
        """What git prints of a history, without the line's end. Raises GitError."""
        return _text(run_on_history(self.root, arguments))

    def object_at(self, name: str) -> GitObject | None:
        """The object of a name such as `COMMIT:PATH`; None: there is none. Raises GitError."""

        def find() -> GitObject | None:
            (found,) = read_objects(self.root, [name])
            return found

        return once(("object", self.root, name), find)

    @contextmanager
    def ahead(self, *arguments: str) -> Iterator[None]:
        """Within `asking_once` git works on this meanwhile: whoever asks waits for that answer."""
        kept, key = KEPT.get(), (os.path.abspath(self.root), arguments)  # noqa: PTH100 - as `git`
        if kept is None or key in kept.answers:
            yield
            return
        with TemporaryFile() as printed:
            try:
                process = start(self.root, *arguments, stdout=printed)
            except GitError:  # who asks hears why
                yield
                return
            kept.answers[key] = Ahead(process, printed)
            try:
                yield
            finally:
                if isinstance(kept.answers.get(key), Ahead):
                    del kept.answers[key]
                    process.kill()
                process.wait()

    def text(self, *arguments: str) -> str:
        """What git prints, as one text without the line's end. Raises GitError."""
        return _text(self.git(*arguments))

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
        """The commit that the ref names; None where it names none. Raises UsageError where git
        can't say: who has no commit is judged as a first release.

        Only the hexadecimal name is used from then on: a ref can look like an option of git.
        """
        if ref.startswith("-"):
            return None
        return once(("commit", self.root, ref), lambda: self._find_commit(ref))

    def _find_commit(self, ref: str) -> str | None:
        kinds = [f"{kind}/{ref}" for kind in ("refs/heads", "refs/tags", "refs/remotes")]
        names = [] if _NO_REF.search(ref) or _DESCRIBED.search(ref) else kinds
        try:
            *exact, found = read_objects(
                self.root, [*(f"{name}^{{}}" for name in names), f"{ref}^{{commit}}"]
            )
        except GitError as error:
            raise UsageError(f"git could not look for {ref!r}: {error}") from None
        at = {name: item.oid for name, item in zip(names, exact, strict=True) if item is not None}
        if _DESCRIBED.search(ref):
            at = self._listed(kinds)
        if at and _SHORTENED.fullmatch(ref) and (found is None or found.oid != ref):
            at |= self._shortened_to(ref)
        _refuse_ambiguous(ref, at)
        return None if found is None else found.oid

    def _shortened_to(self, start: str) -> dict[str, str]:
        """The objects whose names begin so: a branch or tag of that name would win."""
        return {
            oid: oid for oid in (self.ask("rev-parse", f"--disambiguate={start}") or "").split()
        }

    def _listed(self, names: list[str]) -> dict[str, str]:
        """Which of these refs there are, and what they name."""
        listed = self.ask(
            "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", *names
        )
        found = [line.split() for line in (listed or "").splitlines()]
        return {words[0]: words[-1] for words in found if words and words[0] in names}

    @property
    def branch(self) -> str | None:
        """The name of the branch that HEAD is; None where it is none."""
        return once(
            ("branch", self.root), lambda: self.ask("symbolic-ref", "--short", "--quiet", "HEAD")
        )

    @property
    def settings(self) -> dict[str, str | None]:
        """What git's configuration says here, the last of each key; None: the key alone."""
        entries = (self.ask("config", "--list", "-z") or "").split("\0")
        pairs = [entry.partition("\n") for entry in entries if entry]
        return {key: value if parted else None for key, parted, value in pairs}

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


def _refuse_ambiguous(ref: str, found: dict[str, str]) -> None:
    """A tag of a branch's name would win, so that who pushes a tag would choose the base."""
    if len(set(found.values())) > 1:
        raise UsageError(
            f"{ref!r} names several things here: {', '.join(sorted(found))}. Name one of them."
        )


def _text(printed: bytes) -> str:
    return printed.decode("utf-8", "surrogateescape").rstrip("\n")


def open_checkout(folder: Path) -> Checkout | None:
    """The checkout around the folder; None where there is none.

    Raises UsageError where there is one that git can't or won't read: taking that for no history
    at all would judge a change as a first release.
    """
    place = os.path.abspath(folder)  # noqa: PTH100 - links stay as they are
    try:
        return Checkout(once(("root", place), lambda: _root_of(folder)))
    except GitError as error:
        if not _is_below_git(folder):
            return None
        raise UsageError(f"git can't read the checkout of {show_path(folder)}: {error}") from None


def _root_of(folder: Path) -> Path:
    """The top folder, without a question where a known one is plainly it. Raises GitError."""
    roots: list[Path] = once("roots", list)
    known = next((root for root in roots if _is_plainly_below(folder, root)), None)
    if known is not None:
        return known
    _refuse_plain_files(folder)
    root = _find_root(folder)
    roots.append(root)
    return root


def _refuse_plain_files(folder: Path) -> None:
    """A repository that lies here as plain files can be a change's own: git would take it.

    Raises GitError. Git knows one by the same names; a checkout has them inside `.git`.
    """
    found = folder.resolve()
    for above in (found, *found.parents):
        if os.path.lexists(above / ".git"):
            return
        if os.path.lexists(above / "HEAD") and any(
            os.path.lexists(above / name) for name in ("refs", "commondir")
        ):
            raise GitError(f"{show_path(above)} is a repository without a working tree")


def _is_plainly_below(folder: Path, root: Path) -> bool:
    """Whether nothing on the way up to the root can be a repository of its own, bare ones too."""
    found = folder.resolve()
    if not found.is_relative_to(root) or not found.is_dir():
        return False
    between = (found, *found.parents[: len(found.parts) - len(root.parts)])[:-1]
    return not any(os.path.lexists(at / name) for at in between for name in (".git", "HEAD"))


def _find_root(folder: Path) -> Path:
    """The top folder, told with what else every command asks of a checkout. Raises GitError."""
    try:
        told = run(folder, _BEGINNING).splitlines()
    except GitError:  # nothing is committed yet, or it is no checkout
        told = []
    if len(told) != 4:  # or a folder's name holds a line's end
        return Path(os.fsdecode(run(folder, ("rev-parse", "--show-toplevel"))[:-1])).resolve()
    root = Path(os.fsdecode(told[0])).resolve()
    keep((str(root), ("rev-parse", "--is-shallow-repository")), told[1])
    shared = folder.resolve() / os.fsdecode(told[2])
    keep((str(root), ("rev-parse", "--git-common-dir")), os.fsencode(shared))
    branch = _text(told[3]).partition("refs/heads/")[2]
    keep(("branch", root), branch or None)
    return root


_BEGINNING = (
    "rev-parse", "--show-toplevel", "--is-shallow-repository", "--git-common-dir",
    "--symbolic-full-name", "HEAD",
)  # fmt: skip


def _is_below_git(folder: Path) -> bool:
    above = folder.resolve()
    return any((candidate / ".git").exists() for candidate in (above, *above.parents))
