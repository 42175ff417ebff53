"""Found cases of a suite, what everybody says of them, and the end: those taken become the suite's.

Leaves how one looks to `found.found_view` and files of decisions to `found.decisions`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate.cases.accepting.found.decisions import FoundDecision, FoundWord, keep, read_all
from dialgate.cases.accepting.refusing import OvertakenError, RefusedError
from dialgate.cases.new_case import case_file, check_case
from dialgate.cases.taking import add_signed, found_cases, signed
from dialgate.runs.fuzzing.found_files import trials_file
from dialgate_evals.actions.trajectory import Trajectory, parse_trajectory
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.files.json_text import digest_of_parsed
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.case import Case, parse_case
from dialgate_evals.suite.workspace import load_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class FoundCase:
    """One case that waits for a person."""

    case: Case
    digest: str
    trajectory: Trajectory | None
    # None: what the agent did is not on record


@dataclass(kw_only=True)
class FoundQueue:
    """One reviewer's queue of found cases; `folder` holds everybody's decisions."""

    workspace: Workspace
    release: Release
    path: Path
    # of the cases
    reviewer: str
    folder: Path
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    items: list[FoundCase] = field(init=False)

    def __post_init__(self) -> None:
        """Raises ConfigurationError where the file of cases is none."""
        known = self.workspace.cases_by_id
        trials = _trajectories(trials_file(self.path))
        self.items = [
            FoundCase(
                case=parse_case(document),
                digest=digest_of_parsed(document),
                trajectory=trials.get(document["id"]),
            )
            for document in found_cases(self.path, ())
            if document["id"] not in known
        ]

    def standing(self) -> dict[str, list[FoundDecision]]:
        """Everybody's decisions on each case of the queue, by digest."""
        found: dict[str, list[FoundDecision]] = {item.digest: [] for item in self.items}
        for decision in read_all(self.folder):
            if decision.digest in found:
                found[decision.digest].append(decision)
        return found

    def mine(self) -> dict[str, FoundDecision]:
        """This reviewer's decision on each case, by digest."""
        return {
            digest: item
            for digest, items in self.standing().items()
            for item in items
            if item.reviewer == self.reviewer
        }

    def decide(self, digest: str, word: FoundWord | None, *, seen: str | None) -> None:
        """Keeps a word on the case; None takes it back. `seen` is the word that it replaces.

        Raises RefusedError where the suite could not hold the case, OvertakenError where
        something else was decided meanwhile.
        """
        item = next((item for item in self.items if item.digest == digest), None)
        if item is None:
            raise RefusedError("There is no such found case.")
        standing = self.mine().get(digest)
        if (None if standing is None else standing.word.value) != seen:
            raise OvertakenError("This case was decided elsewhere meanwhile.")
        if word is FoundWord.TAKE:
            problems = check_case(
                signed(item.case.document, self.reviewer, "now"), self.workspace, self.release
            )
            if problems:
                raise RefusedError(f"The suite can't hold it: {problems[0]}")
        moment = self.now().astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        made = FoundDecision(
            digest=digest, word=word or FoundWord.LEAVE, reviewer=self.reviewer, at=moment
        )
        keep(self.folder, made, word=word)

    def finish(self) -> dict[str, Any]:
        """Writes the cases that somebody takes and nobody leaves; what became of each.

        Raises ConfigurationError where one would be a problem of the suite by now.
        """
        workspace = load_workspace(self.workspace.folder)
        file = case_file(workspace, None)
        taken, left, contested, open_, documents = [], [], [], [], []
        for item in self.items:
            decisions = self.standing()[item.digest]
            words = {decision.word for decision in decisions}
            if len(words) > 1:
                contested.append(item.case.id)
            elif FoundWord.LEAVE in words:
                left.append(item.case.id)
            elif FoundWord.TAKE in words and item.case.id not in workspace.cases_by_id:
                first = min(decisions, key=lambda one: (one.at, one.reviewer))
                documents.append(signed(item.case.document, first.reviewer, first.at))
                taken.append(item.case.id)
            elif not words:
                open_.append(item.case.id)
        add_signed(workspace, self.release, documents, file)
        return {
            "taken": taken, "left": left, "contested": contested, "open": open_,
            "file": show_path(file) if taken else None,
        }  # fmt: skip


def _trajectories(path: Path) -> dict[str, Trajectory]:
    """What the agent did in each found case; a line that is none is as if it were not there."""
    if not path.is_file():
        return {}
    found = {}
    for _, document in read_json_lines(path):
        if isinstance(document, dict):
            try:
                trajectory = parse_trajectory(document)
            except (KeyError, TypeError, ValueError):
                continue
            found[trajectory.case_id] = trajectory
    return found
