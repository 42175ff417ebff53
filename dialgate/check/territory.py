"""Whose path is whose, read from both sides' files: components, cases, simulators, trajectories.

Leaves the rules to `dialgate_gate.changes.judged.path_rules`.
"""

from __future__ import annotations

import glob
import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.git.raw_tree import SUBMODULE
from dialgate.git.suite_paths import loose_toml, texts_of
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.changes.judged.changed_paths import Territory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dialgate.git.raw_tree import Entries
    from dialgate_evals.suite.suite import Suite

PARTS = ("prompts", "tools", "code")


class SideFiles:
    """One side's folder and what its files name, as paths of the repository."""

    def __init__(
        self, folder: Path, *, was: str, suite: str, parsed: Suite, root: Path | None = None
    ) -> None:
        """`was` is the folder's path in this side's tree, `suite` in the change's."""
        depth = 0 if was == "." else was.count("/") + 1
        self._folder = folder
        self._root = root or folder.parents[depth - 1] if depth else folder
        self._was = was
        self.suite = suite
        self.parsed = parsed

    def cases(self) -> frozenset[str]:
        """Files that the case globs match."""
        return self._matches(self.parsed.cases, self._folder)

    def named_by(self, release_file: Path, keys: Iterable[str] = PARTS) -> frozenset[str]:
        """Files that a release file names; none where it can't be read."""
        values = loose_toml(release_file)
        words = [word for key in keys for word in texts_of(values.get(key))]
        return self._matches(words, release_file.parent)

    def release_files(self) -> list[Path]:
        """release.toml and those beside it."""
        return [self._folder / "release.toml", *sorted(self._folder.glob("releases/*.toml"))]

    def named(self, keys: Iterable[str] = PARTS, more: Iterable[Path] = ()) -> frozenset[str]:
        """Files that any of the side's release files names."""
        wanted = tuple(keys)
        files = dict.fromkeys((*self.release_files(), *more))
        return frozenset().union(*(self.named_by(path, wanted) for path in files))

    def code_folders(self, more: Iterable[Path] = ()) -> frozenset[str]:
        """Folders of code, and those of `pythonpath`; never the whole repository."""
        code = {posixpath.dirname(path) for path in self.named(("code",), more)}
        paths = {self.at(folder) for folder in self.parsed.agent.pythonpath}
        return frozenset((code | paths) - {"", "."})

    def simulators(self) -> frozenset[str]:
        """The file of the suite's simulator, as a set; empty where it has none."""
        reference = self.parsed.simulator
        return (
            frozenset() if reference is None else frozenset({self.at(reference.partition(":")[0])})
        )

    def rotas(self) -> frozenset[str]:
        """The file that says who is on call."""
        rota = loose_toml(self._folder / "runbook.toml").get("rota")
        return frozenset(self.at(word) for word in texts_of([rota.get("file")])) if isinstance(
            rota, dict
        ) else frozenset()  # fmt: skip

    def transcripts(self) -> Callable[[str], bool]:
        """Whether a path is one of the suite's recorded trajectories."""
        path = self.parsed.agent.path
        if self.parsed.agent.kind is not AgentKind.TRANSCRIPT or path is None:
            return lambda _: False
        parts = re.split(r"\{(?:version|name)\}", self.at(path))
        pattern = re.compile("[^/]*".join(re.escape(part) for part in parts))
        return lambda name: pattern.fullmatch(name) is not None

    def at(self, relative: str) -> str:
        """A path of suite.toml as one of the repository."""
        return posixpath.normpath(posixpath.join(self.suite, relative))

    def _matches(self, patterns: Iterable[str], folder: Path) -> frozenset[str]:
        found = set()
        for pattern in patterns:
            if Path(pattern).is_absolute():
                continue
            for name in glob.glob(pattern, root_dir=folder, recursive=True):  # noqa: PTH207 - ".."
                # Where a link leads counts as well: what stands there is what is read.
                path = Path(os.path.normpath(folder / name))
                places = {path, path.resolve()} if path.is_file() else set()
                found |= {self._name(place) for place in places}
        return frozenset(found - {""})

    def _name(self, path: Path) -> str:
        """The path in the change's repository; empty outside it."""
        for root in (self._root, self._root.resolve()):
            if path.is_relative_to(root):
                name = path.relative_to(root).as_posix()
                if name.startswith(f"{self._was}/"):
                    return self.suite + name[len(self._was) :]
                return name
        return ""


def territory(
    base: SideFiles, head: SideFiles, *, release_file: Path | None, base_entries: Entries
) -> Territory:
    """Both sides' words together; `release_file` is the one that was named."""
    more = [] if release_file is None else [release_file]
    cases = base.cases() | head.cases()
    linked = {name for name, item in base_entries.items() if item.mode == SUBMODULE}
    recorded = (base.transcripts(), head.transcripts())
    return Territory(
        suite=head.suite,
        components=base.named() | head.named(more=more),
        cases=cases,
        case_folders=frozenset(
            folder
            for folder in map(posixpath.dirname, cases)
            if folder and not f"{head.suite}/".startswith(f"{folder}/")
        ),
        code_folders=base.code_folders() | head.code_folders(more),
        simulators=base.simulators() | head.simulators(),
        rotas=base.rotas(),
        transcripts=lambda name: any(fits(name) for fits in recorded),
        base_paths=frozenset(base_entries),
        submodules=frozenset(
            name for name in linked if any(path.startswith(f"{name}/") for path in cases)
        ),
    )
