"""Which suites a change touches: shared prompts, tools, code and whatever an agent may load.

Where nobody knows what an agent loads, every changed file that it could read touches its suite: not
knowing is never a reason to leave one out. Leaves judging them to `check`, and which paths a suite
names to `dialgate.git.suite_paths`.
"""

from __future__ import annotations

import os
import posixpath
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dialgate.changes.touched_suites import changed_files, is_below, listed_suites
from dialgate.git.asking.git_process import GitError
from dialgate.git.base_ref import GitBaseline, resolve_ref, suite_path_at
from dialgate.git.change_tree import every_change
from dialgate.git.default_base import default_base
from dialgate.git.git_checkout import open_checkout
from dialgate.git.suite_paths import concerns, named_paths, working_folder
from dialgate.git.suite_place import suites_at
from dialgate.runs.loaded_files import LoadedFiles
from dialgate.runs.run_records import records_of_suite
from dialgate_evals.errors import ConfigurationError, DialgateError, UsageError
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.changes.judged.path_rules import is_for_people

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from dialgate.git.git_checkout import Checkout


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedSuite:
    """A suite that is to be judged, and what touches it."""

    folder: Path
    why: str
    is_new: bool = False
    # the base doesn't hold it: its first release


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneSuite:
    """A suite of the base that is not below the roots any more."""

    place: str
    # in the base's repository
    base: str
    allowed: bool
    # the base's own policy names the label suite-change, and it was given


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What a change means for the suites below some folders."""

    touched: tuple[TouchedSuite, ...]
    untouched: tuple[Path, ...]
    gone: tuple[GoneSuite, ...]


@dataclass(kw_only=True)
class AffectedQuery:
    """One question; what git says is asked once for each base."""

    baseline: str | None
    # a git ref; None: each suite's default base
    out: Path
    # where records lie: they say what agents load
    allow: Collection[str] = ()
    _changed: dict[str, list[str]] = field(default_factory=dict)
    _found: dict[Path, GitBaseline | None] = field(default_factory=dict)

    def below(self, roots: Sequence[Path]) -> Affected:
        """What the change touches below the roots.

        Raises UsageError outside git, for a root that is no folder, and for a baseline that is no
        git ref or is the commit itself with nothing changed.
        """
        touched: dict[Path, TouchedSuite] = {}
        untouched: dict[Path, Path] = {}
        gone: dict[str, GoneSuite] = {}
        for root in roots:
            checkout = _checkout(root)
            top = checkout.path_of(root).as_posix()
            folders = [
                folder
                for folder in listed_suites(checkout)
                if is_below(folder.relative_to(checkout.root).as_posix(), top)
            ]
            for folder in folders:
                shown = Path(os.path.relpath(folder))
                found = self._look_at(folder, checkout, shown)
                if found is None:
                    untouched[folder.resolve()] = shown
                else:
                    touched[folder.resolve()] = found
            gone.update({item.place: item for item in self._gone(root, checkout, top, folders)})
        return Affected(
            touched=tuple(sorted(touched.values(), key=lambda item: item.folder)),
            untouched=tuple(sorted(untouched.values())),
            gone=tuple(gone[place] for place in sorted(gone)),
        )

    def _base(self, folder: Path) -> GitBaseline | None:
        """What the folder's change is measured against; None: there is no commit."""
        if folder not in self._found:
            self._found[folder] = self._find_base(folder)
        return self._found[folder]

    def _find_base(self, folder: Path) -> GitBaseline | None:
        if self.baseline is None:
            checkout = open_checkout(folder)
            # What is not committed yet is the change, whichever suite it touches.
            is_changed = checkout is not None and bool(every_change(checkout))
            return default_base(folder, is_changed=is_changed)
        commit = resolve_ref(folder, self.baseline)
        if commit is None:
            raise UsageError(f"--affected: --baseline {self.baseline} is no git ref here.")
        return GitBaseline(ref=self.baseline, commit=commit)

    def _files(self, checkout: Checkout, commit: str) -> list[str]:
        """Files that differ. Raises UsageError where nothing at all does, of HEAD itself."""
        if commit not in self._changed:
            found = self._without_records(checkout, changed_files(checkout, commit))
            if not found and commit == checkout.commit_of("HEAD"):
                raise UsageError(
                    f"The base {commit[:12]} is the commit that is judged, and no file differs: "
                    "compared with itself it would pass whatever it holds. Name another base with "
                    "--baseline."
                )
            self._changed[commit] = found
        return self._changed[commit]

    def _without_records(self, checkout: Checkout, names: list[str]) -> list[str]:
        """Without what dialgate itself left and nobody committed."""
        place = os.path.relpath(self.out.resolve(), checkout.root.resolve()).replace(os.sep, "/")
        if place.split("/")[0] == "..":
            return names
        kept = checkout.git("ls-files", "-z", "--cached", "--", f":(top,literal){place}")
        known = {os.fsdecode(name) for name in kept.split(b"\0")}
        return [name for name in names if name in known or not is_below(name, place)]

    def _look_at(self, folder: Path, checkout: Checkout, shown: Path) -> TouchedSuite | None:
        """The suite with what touches it; None: the change doesn't."""
        try:
            base = self._base(folder)
            if base is None or suite_path_at(folder, base.commit) is None:
                return TouchedSuite(folder=shown, why="it is new", is_new=True)
        except (ConfigurationError, GitError) as error:
            return TouchedSuite(folder=shown, why=f"its base can't be read: {error}")
        files = self._files(checkout, base.commit)
        why = _SuiteFiles(folder=folder, checkout=checkout, out=self.out).why(files)
        return None if why is None else TouchedSuite(folder=shown, why=why)

    def _gone(
        self, root: Path, checkout: Checkout, top: str, folders: Sequence[Path]
    ) -> Iterator[GoneSuite]:
        """Suites of the base below the root that none of the folders is, moved or not."""
        here = {folder.relative_to(checkout.root).as_posix() for folder in folders}
        for base in {found.commit: found for found in self._bases(root, folders)}.values():
            moved = {suite_path_at(folder, base.commit) for folder in folders}
            kept = here | {place.as_posix() for place in moved if place is not None}
            # What is ignored or lies behind a link is out of sight, whatever is there.
            for place in sorted(set(suites_at(checkout, base.commit)) - kept):
                if is_below(place, top):
                    allowed = "suite-change" in self.allow and _allows(checkout, base, place)
                    yield GoneSuite(place=place, base=str(base), allowed=allowed)

    def _bases(self, root: Path, folders: Sequence[Path]) -> Iterator[GitBaseline]:
        """The root's own, and those of the suites below it, as far as they can be told."""
        own = self._base(root)
        if own is not None:
            yield own
        for folder in folders:
            try:
                found = self._base(folder)
            except DialgateError:
                continue
            if found is not None:
                yield found


def _checkout(root: Path) -> Checkout:
    if not root.is_dir():
        raise UsageError(f"{show_path(root)}: no such folder.")
    checkout = open_checkout(root)
    if checkout is None:
        raise UsageError(f"{show_path(root)} is in no git checkout: name the suites to check.")
    return checkout


def _allows(checkout: Checkout, base: GitBaseline, place: str) -> bool:
    """Whether the gone suite's own policy at the base names the label."""
    found = checkout.object_at(f"{base.commit}:{place}/policy.toml")
    try:
        gate = tomllib.loads("" if found is None else found.content.decode()).get("gate", {})
    except ValueError:
        return False
    allowed = gate.get("allow", []) if isinstance(gate, dict) else []
    return isinstance(allowed, list) and "suite-change" in allowed


@dataclass(kw_only=True)
class _SuiteFiles:
    """The files that have a say in one suite."""

    folder: Path
    checkout: Checkout
    out: Path

    def why(self, changed: Sequence[str]) -> str | None:
        """What of the changed files touches the suite; None: nothing."""
        named = next((name for name in changed if self._is_named(name)), None)
        if named is not None:
            verb = "lies in it" if is_below(named, self._suite) else "is named by it"
            return f"{named} {verb} and differs"
        others = [name for name in changed if not is_for_people(name)]
        return self._loaded(others) if others else None

    @property
    def _suite(self) -> str:
        return self.folder.relative_to(self.checkout.root).as_posix()

    def _is_named(self, name: str) -> bool:
        return any(concerns(name, named) for named in self._named)

    @cached_property
    def _named(self) -> list[str]:
        """Paths of the repository that the suite names, and where links among them lead."""
        suite = self._suite
        named = [suite, *named_paths(self.folder, suite), *working_folder(self.folder, suite)]
        return [*named, *(place for name in named for place in self._behind(name))]

    def _behind(self, name: str) -> Iterator[str]:
        root = self.checkout.root.resolve()
        start = self.checkout.root / name
        links = [start]
        if name not in {"", "."}:
            for place, folders, files in os.walk(start):
                found = (Path(place) / entry for entry in (*folders, *files))
                links += [path for path in found if path.is_symlink()]
        for link in links:
            target = link.resolve()
            if target.is_relative_to(root):
                yield target.relative_to(root).as_posix()

    def _loaded(self, others: Sequence[str]) -> str | None:
        """Whether the agent loads one of the other files; that nobody knows is a yes."""
        try:
            workspace = load_workspace(self.folder)
            release = workspace.release()
            files = LoadedFiles(workspace=workspace, release=release, out=self.out)
            known = files.known()
        except (DialgateError, OSError):
            return "it can't be read"
        if not files.is_code:
            return None
        starts_others = any(
            (document.get("loaded") or {}).get("children")
            for _, document in records_of_suite(self.out, workspace.suite.name)
            if document["release"].get("fingerprint") == release.fingerprint
        )
        if known is None or starts_others:
            return f"nobody knows what its agent loads, and {others[0]} differs"
        places = {
            posixpath.normpath(posixpath.join(self._suite, name))
            for name in (*known, *files.lock_places(known))
        }
        # A submodule and a link are one changed path, with all that is loaded from below it.
        above = {str(parent) for place in places for parent in PurePosixPath(place).parents}
        loaded = next((name for name in others if name in places | above), None)
        return None if loaded is None else f"its agent loads {loaded}, which differs"
