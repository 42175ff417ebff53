"""A changed path, what can become of it, and whose ground it lies on.

Values over paths of the repository; leaves the rules to `path_rules`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Fate(StrEnum):
    """Where a changed path goes."""

    RELEASE = "release"
    # a component that the release names: laid out for the candidate, part of its fingerprint
    RUN_WITH = "run with"
    # laid out for the candidate, in no fingerprint: nothing on record stands for its trials
    COMPARED = "compared"
    # the base's counts; its keys or cases are judged one by one
    HARMLESS = "harmless"
    # nothing of a check reads it
    JUDGE = "judge"
    # the base's counts, and the change fails


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPath:
    """One path that differs between the base and the change."""

    path: str
    # in the repository, parts parted by `/`
    kind: str
    # added, removed, edited
    is_link: bool = False
    # in the change: a link or a submodule
    was_link: bool = False


@dataclass(frozen=True, kw_only=True)
class Territory:
    """Whose path is whose, by what base and change say."""

    suite: str
    # the suite's folder in the repository
    components: frozenset[str] = frozenset()
    # files that the release files name, on either side
    cases: frozenset[str] = frozenset()
    # files that the globs of either side match
    case_folders: frozenset[str] = frozenset()
    # folders above these files
    code_folders: frozenset[str] = frozenset()
    # folders with code that the base's release names, and its pythonpath
    simulators: frozenset[str] = frozenset()
    # the simulator's files, on either side
    rotas: frozenset[str] = frozenset()
    # the file that the base's runbook names: who is on call
    transcripts: Callable[[str], bool] = field(default=lambda _: False)
    base_paths: frozenset[str] = frozenset()
    # every path of the base: another spelling of one is no new file
    submodules: frozenset[str] = frozenset()

    @cached_property
    def spellings(self) -> dict[str, frozenset[str]]:
        """Paths where files are judged, by the spelling that some file systems take them for."""
        prefix = f"{self.suite}/" if self.suite not in {"", "."} else ""
        found: dict[str, frozenset[str]] = {}
        for path in {*self.base_paths, *(prefix + name for name in (*SETTINGS, *WHOLE))}:
            if below(path, self.suite) or any(below(path, f) for f in self.case_folders):
                key = folded(path)
                found[key] = found.get(key, frozenset()) | {path}
        return found


SETTINGS = (
    "suite.toml", "policy.toml", "actions.toml", "runbook.toml", "owners.toml", "dial.toml",
    "ledger.jsonl",
)  # fmt: skip
"""Files that are compared key by key."""

WHOLE = ("baseline.toml", "judge.toml")
"""Files that decide about later checks as a whole."""


def below(path: str, folder: str) -> bool:
    """Whether the path is the folder or lies in it; the repository's root holds all."""
    return folder in {"", "."} or path == folder or path.startswith(f"{folder}/")


def folded(path: str) -> str:
    """What file systems that tell fewer names apart may take the path for."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", path).casefold())
