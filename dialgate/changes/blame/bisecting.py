"""`dialgate bisect`: the commit between a good and a bad one that breaks the suite's cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.changes.blame.commit_line import brought_in, commit_line
from dialgate.changes.blame.commit_trials import ERROR, CommitTrials
from dialgate.git.git_checkout import open_checkout
from dialgate.terminal.output import say
from dialgate_evals.errors import UsageError
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.blame.commit_search import find_breaking
from dialgate_gate.blame.question import Answer, broken_case
from dialgate_gate.blame.search import SpentError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dialgate.changes.blame.commit_line import LineCommit
    from dialgate.git.git_checkout import Checkout
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.blame.question import BrokenCase

_LOOKS = 3
"""Trials by which a case that looks broken between the ends is known."""

_MOST_CASES = 8
_DEEPEST = 10
"""Merges within merges that are followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BisectRequest:
    """What a person asked for."""

    workspace: Workspace
    good: str
    bad: str
    action_class: str | None
    case_ids: Sequence[str]
    # empty: all of the suite
    budget: int
    # trials
    out: Path


def bisect(request: BisectRequest) -> dict[str, Any]:
    """Which commit breaks it, as a document.

    Raises UsageError, and what the two ends raise where their suite or agent can't be loaded.
    """
    workspace = request.workspace
    if workspace.suite.agent.kind in {AgentKind.TRANSCRIPT, AgentKind.HTTP}:
        raise UsageError(
            f'An agent of kind "{workspace.suite.agent.kind.value}" is not started here, so no '
            "commit of it can be run."
        )
    checkout = open_checkout(workspace.folder)
    if checkout is None:
        raise UsageError("There is no git checkout around the suite, so there are no commits.")
    good, bad = (_commit(checkout, ref) for ref in (request.good, request.bad))
    line = commit_line(checkout, good, bad)
    if not line:
        raise UsageError(f"There is no commit between {request.good} and {request.bad}.")
    trials = CommitTrials(workspace=workspace, out=request.out, budget=request.budget)
    document: dict[str, Any] = {
        "schema": 1, "suite": workspace.suite.name, "good": good, "bad": bad,
        "commits": len(line), "budget": request.budget, "error": ERROR,
    }  # fmt: skip
    try:
        broken = _broken(trials, _cases(request), good, bad)
    except SpentError:
        found: dict[str, Any] = _range(line, is_done=False)
        broken = []
    else:
        found = _searched(trials, checkout, line, broken) if broken else _range([], is_done=True)
    return {
        **document,
        "cases": [case.id for case in broken],
        **found,
        "skipped": [
            {"commit": commit, "why": why} for commit, why in sorted(trials.why_skipped.items())
        ],
        "trials": trials.spent,
        "reused": trials.reused,
        "questions": trials.questions,
    }


def _commit(checkout: Checkout, ref: str) -> str:
    found = checkout.commit_of(ref)
    if found is None:
        raise UsageError(f"{ref} names no commit here.")
    return found


def _cases(request: BisectRequest) -> list[Case]:
    """The cases that may decide."""
    workspace = request.workspace
    unknown = [name for name in request.case_ids if name not in workspace.cases_by_id]
    if unknown:
        raise UsageError(f'The suite has no case "{unknown[0]}".')
    found = [c for c in workspace.cases if not request.case_ids or c.id in request.case_ids]
    name = request.action_class
    if name is None:
        return found
    if workspace.actions.get(name) is None:
        raise UsageError(f'actions.toml has no class "{name}".')
    return [
        case
        for case in found
        if any(
            workspace.actions.classify_pattern(pattern).name == name
            for items in case.expect.lists
            for pattern in items
        )
    ]


def _broken(trials: CommitTrials, cases: list[Case], good: str, bad: str) -> list[BrokenCase]:
    """Cases that pass at the good end and fail at the bad one, the surest to tell first."""
    say(f"Asking {len(cases)} cases of both ends.", to_stderr=True)
    if 2 * len(cases) > trials.budget:
        raise SpentError
    before, now = (trials.passed(commit, cases, 1) for commit in (good, bad))
    looks = [case for case in cases if all(before[case.id]) and not all(now[case.id])]
    if looks and not trials.workspace.suite.deterministic:
        if 2 * _LOOKS * len(looks) > trials.budget - trials.spent:
            looks = looks[:_MOST_CASES]
        before, now = (trials.passed(commit, looks, _LOOKS) for commit in (good, bad))
    found = [
        broken_case(
            case.id,
            before=(sum(before[case.id]), len(before[case.id])),
            now=(sum(now[case.id]), len(now[case.id])),
        )
        for case in looks
    ]
    telling = sorted((c for c in found if c.tells), key=lambda c: (c.breaks - c.holds, c.id))
    return telling[:_MOST_CASES]


def _searched(
    trials: CommitTrials, checkout: Checkout, line: list[LineCommit], broken: list[BrokenCase]
) -> dict[str, Any]:
    """The range of the line, and of what its merge brought in, as deep as there are merges."""
    say(f"{len(line)} commits, {len(broken)} broken cases to ask by.", to_stderr=True)
    merges: list[LineCommit] = []
    for _ in range(_DEEPEST):
        commits = line
        found = find_breaking(len(line), lambda place: trials.ask(commits[place].name, broken))  # noqa: B023 - asked at once
        guilty = line[found.first : found.last + 1]
        last = guilty[-1]
        if not found.is_done or len(guilty) > 1 or not last.is_merge:
            return _range(guilty, is_done=found.is_done, merges=merges)
        inside = brought_in(checkout, last)
        try:
            is_theirs = bool(inside) and trials.ask(inside[-1].name, broken) is Answer.BREAKS
        except SpentError:
            return _range(guilty, is_done=True, merges=merges)
        if not is_theirs:
            break  # neither side breaks it alone: the merge itself does
        merges.append(last)
        line = inside
    return _range(guilty, is_done=True, merges=merges)


def _range(
    guilty: Sequence[LineCommit], *, is_done: bool, merges: Sequence[LineCommit] = ()
) -> dict[str, Any]:
    return {
        "guilty": [{"commit": item.name, "title": item.title} for item in guilty],
        "merged_by": [{"commit": item.name, "title": item.title} for item in merges],
        "is_merge": bool(guilty) and guilty[-1].is_merge and is_done and len(guilty) == 1,
        "is_done": is_done,
    }
