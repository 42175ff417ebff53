"""What a release's agent loads, before and after a run: the key of its trials, and a list.

Leaves watching the agent to `running.agents` and what a difference means to `check`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import digest_of_bytes
from dialgate_evals.records.reuse.known_files import keep_known_files, read_known_files
from dialgate_evals.suite.loaded_code import LoadedCode, trials_key
from dialgate_evals.suite.release import with_unix_line_ends
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dialgate_evals.records.reuse.shared.shared_trials import SharedTrials
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

LOCK_FILES = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pixi.lock", "conda-lock.yml",
    "requirements.txt", "constraints.txt", "package-lock.json", "yarn.lock", "pnpm-lock.yaml",
    "bun.lock", "Cargo.lock", "go.sum", "Gemfile.lock", "composer.lock",
)  # fmt: skip
"""Files that say which versions of other people's code an agent runs with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFiles:
    """The files that decide what an agent does, of one release in its own tree."""

    workspace: Workspace
    release: Release
    out: Path
    # where records and the cache lie

    @property
    def is_code(self) -> bool:
        """Whether there is an agent of the user's own; a model behind an endpoint loads nothing."""
        kind = self.workspace.suite.agent.kind
        return kind not in {AgentKind.CHAT, AgentKind.TRANSCRIPT}

    def known(self) -> tuple[str, ...] | None:
        """What it is known to load, from runs before; None: not known."""
        run = self.workspace.run_key(self.release)
        if not self.is_code:
            return ()
        return None if run is None else read_known_files(self.out, run)

    def key(self, loaded: LoadedCode | None = None) -> str | None:
        """The key of its trials over what it declares and what it loads; None: not known.

        `loaded` is what it loaded just now; else what it is known to load, as it stands now.
        """
        run, known = self.workspace.run_key(self.release), self.known()
        if run is None or not self.is_code:
            return run
        if known is None and loaded is None:
            return None
        read = {} if loaded is None else loaded.files
        files = {*(known or ()), *read}
        digests = {name: read.get(name) or self._digest(name) for name in self._existing(files)}
        return trials_key(run, digests, self._locks(files))

    def as_they_stand(self, files: Iterable[str]) -> LoadedCode:
        """These files with the digests that they have now."""
        return LoadedCode(files={name: self._digest(name) for name in self._existing(files)})

    def keep(self, loaded: LoadedCode | None) -> dict[str, Any] | None:
        """Remembers what was loaded; comes back with what the record says, None: not known."""
        if loaded is None:
            return None
        run = self.workspace.run_key(self.release)
        files = self._existing(loaded.files)
        seen = LoadedCode(
            files={name: loaded.files[name] for name in files},
            elsewhere=loaded.elsewhere,
            children=loaded.children,
        )
        if run is not None:
            keep_known_files(self.out, run, files)
        return {**seen.as_json(), "locks": self._locks(files), "key": self.key(seen)}

    def learn_from(self, shared: SharedTrials | None) -> None:
        """Takes the list from other machines where this one never saw the release run."""
        run = self.workspace.run_key(self.release)
        if shared is None or run is None or not self.is_code or self.known() is not None:
            return
        found = shared.known_files(run)
        if found is not None:
            keep_known_files(self.out, run, found)

    def tell(self, shared: SharedTrials | None) -> None:
        """Gives the list to other machines."""
        run, known = self.workspace.run_key(self.release), self.known()
        if shared is not None and run is not None and self.is_code and known is not None:
            shared.keep_known_files(run, known)

    def lock_places(self, files: Iterable[str]) -> list[str]:
        """Where lock files beside these files, or above them up to the root, would be."""
        workspace = self.workspace
        folders = {workspace.folder, *(self._path(name).parent for name in files)}
        above = {
            folder
            for start in folders
            for folder in (start, *start.parents)
            if folder.is_relative_to(workspace.root)
        }
        beside = (_from(folder, workspace.folder) for folder in above)
        return sorted(
            name if place == "." else f"{place}/{name}" for place in beside for name in LOCK_FILES
        )

    def _locks(self, files: Iterable[str]) -> dict[str, str]:
        return {name: self._digest(name) for name in self._existing(self.lock_places(files))}

    def _existing(self, files: Iterable[str]) -> list[str]:
        """Those of the tree: what an agent wrote and read again is none of the release."""
        folder = str(self.workspace.folder)
        return sorted(name for name in files if os.path.isfile(os.path.join(folder, name)))  # noqa: PTH113, PTH118 - of hundreds, few are there

    def _path(self, name: str) -> Path:
        return (self.workspace.folder / name).resolve()

    def _digest(self, name: str) -> str:
        try:
            return digest_of_bytes(with_unix_line_ends(self._path(name).read_bytes()))
        except OSError:
            return "missing"


def _from(path: Path, folder: Path) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")
