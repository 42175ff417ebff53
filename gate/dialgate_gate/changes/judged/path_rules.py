"""What becomes of each changed path: the release's, a case, harmless, or a change of the judge.

One table of rules, the first that fits; pure over paths of the repository. Leaves what stands in
the files that are compared key by key to the modules beside it.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.changes.judged.changed_paths import (
    SETTINGS,
    WHOLE,
    ChangedPath,
    Fate,
    Territory,
    below,
    folded,
)
from dialgate_gate.changes.judged.judge_change import JudgeChange, Label

if TYPE_CHECKING:
    from collections.abc import Callable


_RUNBOOKS = frozenset({"runbook.toml", "owners.toml", "dial.toml", "ledger.jsonl"})
_DOCUMENTS = (".md", ".rst")
_FOR_PEOPLE = frozenset(
    {
        "README", "CHANGELOG", "CONTRIBUTING", "LICENSE", "NOTICE", "SECURITY", "CODEOWNERS",
        ".gitignore", ".gitattributes", ".gitkeep", ".editorconfig",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRule:
    """One row: which paths, what becomes of them, why."""

    name: str
    fate: Fate
    why: str
    fits: Callable[[ChangedPath, Territory], bool]
    takes_untracked: bool = False
    # whether a file that is in no commit counts; else it is laid out nowhere


def _in_suite(item: ChangedPath, ground: Territory) -> bool:
    return below(item.path, ground.suite)


def _in_judged_folder(item: ChangedPath, ground: Territory) -> bool:
    return _in_suite(item, ground) or any(below(item.path, f) for f in ground.case_folders)


def _in_suite_name(item: ChangedPath, ground: Territory) -> str:
    """The path below the suite's folder; empty elsewhere."""
    return posixpath.relpath(item.path, ground.suite or ".") if _in_suite(item, ground) else ""


def _is_setting(item: ChangedPath, ground: Territory) -> bool:
    return _in_suite_name(item, ground) in SETTINGS


def _looks_like_another(item: ChangedPath, ground: Territory) -> bool:
    """Another spelling of a path that a file system may take for it, or of a folder above it."""
    if item.kind == "removed":
        return False
    if not _in_judged_folder(item, ground):
        seen_as = folded(item.path)
        folders = {ground.suite, *ground.case_folders} - {"", "."}
        return any(below(seen_as, folded(folder)) for folder in folders)
    if item.path in ground.base_paths or _is_setting(item, ground):
        return False
    # A file that was only renamed in its spelling leaves the old path: both are listed.
    return bool(ground.spellings.get(folded(item.path), frozenset()) - {item.path})


def _is_linked(item: ChangedPath, ground: Territory) -> bool:
    """A link or submodule where files are judged, but one that holds the cases as it did."""
    if not (item.is_link or item.was_link) or not _in_judged_folder(item, ground):
        return False
    return not (item.is_link and item.was_link and item.path in ground.submodules)


def _is_simulator(item: ChangedPath, ground: Territory) -> bool:
    return item.path in ground.simulators


def _is_signed(item: ChangedPath, ground: Territory) -> bool:
    name = _in_suite_name(item, ground)
    return posixpath.dirname(name) in {"lease", "drills"} and name.endswith(".json")


def _is_licensing(item: ChangedPath, ground: Territory) -> bool:
    name = _in_suite_name(item, ground)
    is_label = posixpath.dirname(name) == "labels" and name.endswith(".jsonl")
    return is_label or name == "calibration.jsonl"


def _is_release_file(item: ChangedPath, ground: Territory) -> bool:
    name = _in_suite_name(item, ground)
    in_releases = posixpath.dirname(name) == "releases" and name.endswith(".toml")
    return name == "release.toml" or in_releases


def is_for_people(path: str) -> bool:
    """Whether only people and their tools read it, wherever it lies.

    >>> [is_for_people(path) for path in ("a/README.md", ".github/x.yml", "notes.md")]
    [True, True, False]
    """
    name = posixpath.basename(path)
    return (
        name in _FOR_PEOPLE
        or name.partition(".")[0].upper() in _FOR_PEOPLE
        or path.startswith(".github/")
    )


def _is_document(item: ChangedPath, ground: Territory) -> bool:
    return _in_judged_folder(item, ground) and item.path.lower().endswith(_DOCUMENTS)


def _is_beside_code(item: ChangedPath, ground: Territory) -> bool:
    """In a folder of the agent's code, and no simulator could read it there."""
    folders = [f for f in ground.code_folders if below(item.path, f)]
    if not folders:
        return False
    shared = {posixpath.dirname(path) for path in ground.simulators}
    return not any(below(item.path, folder) for folder in shared if below(folder, ground.suite))


def _is_recorded(item: ChangedPath, ground: Territory) -> bool:
    return ground.transcripts(item.path)


RULES: tuple[PathRule, ...] = (
    PathRule(
        name="links and submodules under the suite or its cases",
        fate=Fate.JUDGE,
        why="what stands behind one is no file of the suite",
        fits=_is_linked,
    ),
    PathRule(
        name="another spelling of a path (case, Unicode form)",
        fate=Fate.JUDGE,
        why="some file systems take it for the other",
        fits=_looks_like_another,
    ),
    PathRule(
        name=", ".join(SETTINGS),
        fate=Fate.COMPARED,
        why="the base's counts, keys are compared",
        fits=_is_setting,
        takes_untracked=True,
    ),
    PathRule(
        name=", ".join(WHOLE),
        fate=Fate.JUDGE,
        why="they choose the judge of later changes",
        fits=lambda item, ground: _in_suite_name(item, ground) in WHOLE,
    ),
    PathRule(
        name="labels/*.jsonl, calibration.jsonl",
        fate=Fate.JUDGE,
        why="they license the judge of replies: no change licenses its own",
        fits=_is_licensing,
    ),
    PathRule(
        name="the simulator's file",
        fate=Fate.JUDGE,
        why="what answers the agent's calls is part of the judge",
        fits=_is_simulator,
    ),
    PathRule(
        name="files that the case globs match",
        fate=Fate.COMPARED,
        why="added cases are run, edited ones are judged in both versions",
        fits=lambda item, ground: item.path in ground.cases or item.path in ground.submodules,
        takes_untracked=True,
    ),
    PathRule(
        name="release.toml, releases/*.toml",
        fate=Fate.RELEASE,
        why="the release says what it is made of",
        fits=_is_release_file,
        takes_untracked=True,
    ),
    PathRule(
        name="files that a release file names as prompts, tools or code",
        fate=Fate.RELEASE,
        why="what is judged",
        fits=lambda item, ground: item.path in ground.components,
        takes_untracked=True,
    ),
    PathRule(
        name="recorded trajectories of a suite of kind transcript",
        fate=Fate.RELEASE,
        why="they come from the change, so that the verdict is not sealed",
        fits=_is_recorded,
        takes_untracked=True,
    ),
    PathRule(
        name="the rota that the base's runbook.toml names",
        fate=Fate.HARMLESS,
        why="whom a page reaches this week decides nothing; it names people of owners.toml only",
        fits=lambda item, ground: item.path in ground.rotas,
    ),
    PathRule(
        name="lease/*.json, drills/*.json",
        fate=Fate.HARMLESS,
        why="signed, and checked where they are used",
        fits=_is_signed,
    ),
    PathRule(
        name="other files in a folder of the release's code or of `pythonpath`",
        fate=Fate.RUN_WITH,
        why="the agent may read them: it is run with them, and nothing on record stands for it",
        fits=_is_beside_code,
        takes_untracked=True,
    ),
    PathRule(
        name="README, CHANGELOG, LICENSE …, .gitignore, .gitattributes, .github/",
        fate=Fate.HARMLESS,
        why="for people and their tools; raw blobs know no attribute",
        fits=lambda item, _ground: is_for_people(item.path),
    ),
    PathRule(
        name="other *.md and *.rst under the suite's folder or that of its cases",
        fate=Fate.RUN_WITH,
        why="words that the agent may read, and the judge does not",
        fits=_is_document,
    ),
    PathRule(
        name="everything else under the suite's folder or that of its cases",
        fate=Fate.JUDGE,
        why="nobody can say that it is harmless",
        fits=_in_judged_folder,
    ),
    PathRule(
        name="everything else in the repository",
        fate=Fate.RUN_WITH,
        why="nothing of the judge is read from it; the agent is run with it",
        fits=lambda _item, _ground: True,
    ),
)
"""Every changed path has the fate of the first rule that fits."""


def rule_of(item: ChangedPath, ground: Territory) -> PathRule:
    """The rule for a changed path; the last one fits any."""
    return next(rule for rule in RULES if rule.fits(item, ground))


def path_change(item: ChangedPath, ground: Territory) -> JudgeChange | None:
    """The change of the judge that the path is; None where its rule makes it none."""
    rule = rule_of(item, ground)
    if rule.fate is not Fate.JUDGE:
        return None
    verb = {"added": "adds", "removed": "removes"}.get(item.kind, "edits")
    name = _in_suite_name(item, ground)
    label = Label.RUNBOOK if name in _RUNBOOKS else Label.SUITE
    what = posixpath.basename(item.path)
    if item.path in ground.simulators:
        what = f"the simulator {what} that answers the agent's calls"
    if item.is_link:
        what = f"{what}, a link or a submodule"
    return JudgeChange(path=item.path, detail=f"{verb} {what}", label=label)
