"""What a change does beside its release: every path by a rule, every key by its own.

Knows both sides as trees of git and as read workspaces; gives the changes of the judge and the tree
that the candidate is laid out from. Nothing of the change is loaded: its files are data here.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.changes.comparing import read_side
from dialgate.check.dial_moves import dial_changes
from dialgate.check.ledger_state import ledger_lines, signing_rules
from dialgate.check.territory import SideFiles, territory
from dialgate.git.base_ref import suite_path_at
from dialgate.git.base_tree import reading
from dialgate.git.change_tree import differing, moved, working_tree
from dialgate.git.git_checkout import open_checkout, path_in
from dialgate.git.raw_tree import LINK, SUBMODULE, tree_entries
from dialgate_evals.errors import UsageError
from dialgate_gate.changes.judged.changed_paths import SETTINGS, ChangedPath, Fate
from dialgate_gate.changes.judged.judge_change import JudgeChange, Label, in_order
from dialgate_gate.changes.judged.path_rules import path_change, rule_of
from dialgate_gate.changes.judged.runbook_keys import runbook_key_changes
from dialgate_gate.changes.suite_changes import judge_changes_between

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from dialgate.check.check_inputs import CheckInputs
    from dialgate.git.base_ref import GitBaseline
    from dialgate.git.git_checkout import Checkout
    from dialgate.git.raw_tree import Entries
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.changes.judged.changed_paths import Territory
    from dialgate_gate.changes.suite_changes import ComparedSide


@dataclass(frozen=True, kw_only=True)
class ChangeSides:
    """Both sides as they were read."""

    checkout: Checkout
    base_commit: str
    base: Workspace
    # laid out in a folder of its own
    base_suite: str
    # where the suite lies in the base's commit
    base_side: ComparedSide
    head: Workspace
    # the working tree
    head_suite: str
    head_side: ComparedSide
    release_file: Path | None = None
    # the candidate's, in the working tree; None: release.toml


@dataclass(frozen=True, kw_only=True)
class ChangeSurvey:
    """What the change does to its judge, and what the candidate is made of."""

    changes: tuple[JudgeChange, ...]
    # of the judge, whatever is allowed
    run_with: tuple[str, ...]
    # paths that the agent is run with and no fingerprint knows
    candidate: Entries
    # the base plus what a release may change
    head: Entries
    # all that the change holds
    suite: str
    # the suite's folder in both

    def tree_for(self, allowed: Collection[str]) -> Entries:
        """The candidate's tree; with the label, what a reviewer looked at belongs to it."""
        return self.head if Label.SUITE.value in allowed else self.candidate


def survey_change(sides: ChangeSides) -> ChangeSurvey:
    """Surveys the working tree against the base. Raises UsageError where git can't read them."""
    with reading("git could not read the change"):
        before = tree_entries(sides.checkout, sides.base_commit)
        now, untracked = working_tree(sides.checkout)
    before = moved(before, before=sides.base_suite, now=sides.head_suite)
    base, head = _side_files(sides)
    ground = territory(base, head, release_file=sides.release_file, base_entries=before)
    items = changed_paths(before, now)
    counted = [item for item in items if not _is_ignored(item, ground, untracked)]
    refuse_tracked(sides, {**before, **now})
    return ChangeSurvey(
        changes=in_order(
            (
                *(c for c in (path_change(item, ground) for item in counted) if c is not None),
                *_settings_that_are_none(counted, ground),
                *judge_changes_between(baseline=sides.base_side, candidate=sides.head_side),
                *_owner_changes(sides),
                *_dial_changes(sides),
                *_reaching(base, head, ground, sides),
            )
        ),
        run_with=tuple(i.path for i in counted if rule_of(i, ground).fate is Fate.RUN_WITH),
        candidate=candidate_entries(before, now, counted, ground),
        head=now,
        suite=sides.head_suite,
    )


def survey_against(
    inputs: CheckInputs,
    baseline: GitBaseline,
    base: Workspace,
    *,
    base_side: ComparedSide | None = None,
    head_side: ComparedSide | None = None,
) -> ChangeSurvey:
    """Surveys what `check` was given against the base that is laid out in `base`.

    `base_side` and `head_side` are both sides as they were read; None: they are read.
    """
    head = inputs.workspace
    checkout = open_checkout(head.folder)
    base_suite = suite_path_at(head.folder, baseline.commit)
    assert checkout is not None
    assert base_suite is not None
    named = inputs.release_file
    return survey_change(
        ChangeSides(
            checkout=checkout,
            base_commit=baseline.commit,
            base=base,
            base_suite=base_suite.as_posix(),
            base_side=base_side or read_side(base, base.release()),
            head=head,
            head_suite=checkout.path_of(head.folder).as_posix(),
            head_side=head_side or read_side(head, inputs.candidate),
            release_file=None if named is None else checkout.root / path_in(checkout, named),
        )
    )


def _side_files(sides: ChangeSides) -> tuple[SideFiles, SideFiles]:
    base = SideFiles(
        sides.base.folder, was=sides.base_suite, suite=sides.head_suite, parsed=sides.base.suite
    )
    root = sides.checkout.root
    head = SideFiles(
        root / sides.head_suite,
        was=sides.head_suite,
        suite=sides.head_suite,
        parsed=sides.head.suite,
        root=root,
    )
    return base, head


def changed_paths(before: Entries, now: Entries) -> list[ChangedPath]:
    """Every path that differs, as the rules see it."""
    other = {LINK, SUBMODULE}
    return [
        ChangedPath(
            path=name,
            kind="added" if name not in before else "removed" if name not in now else "edited",
            is_link=name in now and now[name].mode in other,
            was_link=name in before and before[name].mode in other,
        )
        for name in differing(before, now)
    ]


def _is_ignored(item: ChangedPath, ground: Territory, untracked: frozenset[str]) -> bool:
    """A file that is in no commit and that no rule has a use for: it is laid out nowhere."""
    return item.path in untracked and not rule_of(item, ground).takes_untracked


def candidate_entries(
    before: Entries, now: Entries, items: Iterable[ChangedPath], ground: Territory
) -> Entries:
    """The base's tree with the change's version of what a release may change."""
    found = dict(before)
    for item in items:
        if rule_of(item, ground).fate in {Fate.COMPARED, Fate.JUDGE}:
            continue
        if item.path in now:
            found[item.path] = now[item.path]
        else:
            found.pop(item.path, None)
    return found


def _settings_that_are_none(
    items: Iterable[ChangedPath], ground: Territory
) -> Iterator[JudgeChange]:
    """A file of keys that is gone has no keys to compare, where its absence means a default."""
    optional = {"runbook.toml", "owners.toml", "dial.toml", "ledger.jsonl"}
    prefix = "" if ground.suite in {"", "."} else f"{ground.suite}/"
    for item in items:
        name = item.path.removeprefix(prefix)
        if item.kind == "removed" and name in SETTINGS and item.path.startswith(prefix):
            label = Label.RUNBOOK if name in optional else Label.SUITE
            yield JudgeChange(path=item.path, detail=f"removes {name}", label=label)


def _owner_changes(sides: ChangeSides) -> Iterator[JudgeChange]:
    before, now = (_toml(side.folder / "owners.toml") for side in (sides.base, sides.head))
    yield from runbook_key_changes("owners.toml", baseline=before, candidate=now)


def _toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(f"{path.name} is no TOML: {error}") from None


def _dial_changes(sides: ChangeSides) -> Iterator[JudgeChange]:
    yield from dial_changes(
        baseline_dial=sides.base_side.settings.dial,
        candidate_dial=sides.head_side.settings.dial,
        baseline_ledger=ledger_lines(sides.base.folder),
        candidate_ledger=ledger_lines(sides.head.folder),
        actions=sides.base.actions,
        policy=sides.base_side.settings.policy,
        rules=signing_rules(sides.base, sides.base_side.settings),
        today=dt.datetime.now(dt.UTC).date(),
    )


def _reaching(
    base: SideFiles, head: SideFiles, ground: Territory, sides: ChangeSides
) -> Iterator[JudgeChange]:
    """Release files whose globs reach for the judge's files, or let go of the release's code."""
    folder = sides.checkout.root / sides.head_suite
    for path in dict.fromkeys((*head.release_files(), *_named_file(sides))):
        inside = path.is_relative_to(folder)
        old = sides.base.folder / path.relative_to(folder) if inside else None
        named, before = head.named_by(path), base.named_by(old) if old else frozenset()
        for reached in sorted(_judged(named, ground) - before):
            yield JudgeChange(path=path.name, detail=f"names {reached} as a part of the release")
        dropped = base.named_by(old, ("code",)) - named if old else frozenset()
        for left in sorted(name for name in dropped if (sides.checkout.root / name).is_file()):
            detail = f"no longer names {left} as code, though it is still there"
            yield JudgeChange(path=path.name, detail=detail)


def _named_file(sides: ChangeSides) -> list[Path]:
    return [] if sides.release_file is None else [sides.release_file]


def _judged(named: frozenset[str], ground: Territory) -> frozenset[str]:
    prefix = "" if ground.suite in {"", "."} else f"{ground.suite}/"
    settings = {prefix + name for name in SETTINGS}
    return frozenset(
        name for name in named if name in ground.cases | settings or ground.transcripts(name)
    )


def refuse_tracked(sides: ChangeSides, entries: Entries) -> None:
    """The interpreter and what the agent needs beside its release come from outside the tree.

    Raises UsageError where one of them is tracked: then the change could choose it for both sides.
    """
    agent = sides.base.suite.agent
    keys = {"interpreter": agent.interpreter, "env_file": agent.env_file}
    named = [(key, value) for key, value in keys.items() if value is not None]
    named += [("needs", value) for value in agent.needs]
    for key, value in named:
        for path in _places(value, sides.head_suite):
            tracked = _tracked(path, entries)
            if tracked is not None:
                raise UsageError(
                    f"suite.toml agent.{key} names {value}, which is in the repository "
                    f"({tracked}): a change could choose it for both sides. Keep it out of git."
                )


def _places(value: str, suite: str) -> list[str]:
    """Where a path of suite.toml is looked up in the repository; none for a bare command."""
    if posixpath.isabs(value):
        return []
    if "/" not in value.rstrip("/"):
        return [posixpath.normpath(posixpath.join(suite, value))]
    return [posixpath.normpath(posixpath.join(above, value)) for above in (suite, "")]


def _tracked(path: str, entries: Entries) -> str | None:
    """The entry at, above (a link or file) or below the path."""
    parts = path.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    found = next((name for name in above if name in entries), None)
    return found or next((name for name in entries if name.startswith(f"{path}/")), None)
