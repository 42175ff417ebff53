"""The candidate as it is judged: the base's tree with what the change may bring, laid out apart.

The agent is run from there by the base's suite.toml, whatever the change's says. Leaves what may be
brought to `dialgate.check.change_survey`.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.git.base_tree import whole_tree
from dialgate.git.git_checkout import path_in
from dialgate_evals.errors import ConfigurationError, EvidenceError, UsageError
from dialgate_evals.suite.suite import AgentKind
from dialgate_evals.suite.workspace import load_workspace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dialgate.check.change_survey import ChangeSurvey
    from dialgate.git.git_checkout import Checkout
    from dialgate_evals.files.problems import Problem
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """The candidate's workspace and release, both of the laid-out tree."""

    workspace: Workspace
    release: Release


@contextlib.contextmanager
def laid_out_candidate(
    survey: ChangeSurvey,
    checkout: Checkout,
    *,
    home: Path,
    release_file: Path | None,
    allowed: Collection[str],
) -> Iterator[Candidate]:
    """The candidate in a folder of its own; gone afterwards. `home` is the user's suite folder.

    Raises UsageError for a release file that is in no commit's reach, ConfigurationError where the
    candidate's files can't be read by the base's suite.
    """
    with whole_tree(checkout, survey.tree_for(allowed), "the change") as tree, named_in(tree):
        workspace = load_workspace(tree / survey.suite, home=home)
        path = None if release_file is None else tree / path_in(checkout, release_file)
        if path is not None and not path.is_file():
            raise UsageError(
                f"{release_file} is left out of the change: git ignores it, or it is a part of the "
                "judge. A release file that is checked against a git base must be in the checkout."
            )
        yield Candidate(workspace=workspace, release=workspace.release(path))


@contextlib.contextmanager
def named_in(tree: Path, place: str = "") -> Iterator[None]:
    """Problems of laid-out files name them as files of the repository."""
    try:
        yield
    except (ConfigurationError, EvidenceError) as error:
        named = [_named(problem, tree, place) for problem in error.problems]
        raise type(error)(named) from None


def _named(problem: Problem, tree: Path, place: str) -> Problem:
    path = Path(os.path.abspath(problem.file))  # noqa: PTH100 - links stay as they are
    if not path.is_relative_to(tree):
        return problem
    return replace(problem, file=f"{path.relative_to(tree).as_posix()}{place}")


def may_be_on_record(survey: ChangeSurvey, workspace: Workspace) -> bool:
    """Whether earlier trials can stand for the candidate's: nothing it may read goes unseen.

    What an agent reads beside its release is in no fingerprint; an endpoint reads nothing.
    """
    return workspace.suite.agent.kind is AgentKind.CHAT or not survey.run_with
