"""Of which commits a verdict speaks; leaves choosing the base to `dialgate.git.base_ref`.

Shown, never used: nothing here decides.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dialgate.git.asking.git_process import GitError
from dialgate.git.base_ref import GitBaseline
from dialgate.git.change_tree import has_uncommitted
from dialgate.git.git_checkout import open_checkout
from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate.changes.baselines import Baseline
    from dialgate.git.git_checkout import Checkout

_BRANCH_OF_CI = ("GITHUB_HEAD_REF", "CI_COMMIT_BRANCH", "CI_COMMIT_REF_NAME", "GITHUB_REF_NAME")
"""Where CI says which branch it checked out: it checks out a commit, not the branch."""


def name_commits(
    folder: Path, baseline: Baseline | None, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """`{"candidate": {commit, branch, uncommitted}, "baseline": {commit, ref}}`.

    A side that is in no git checkout, or no commit, is None.
    """
    known = os.environ if environment is None else environment
    return {"candidate": _head(folder, known), "baseline": _base(baseline)}


def _base(baseline: Baseline | None) -> dict[str, str] | None:
    if not isinstance(baseline, GitBaseline):
        return None
    return {"commit": baseline.commit, "ref": baseline.ref}


def _head(folder: Path, environment: Mapping[str, str]) -> dict[str, Any] | None:
    try:
        checkout = open_checkout(folder)
    except UsageError:
        return None
    commit = None if checkout is None else checkout.commit_of("HEAD")
    if checkout is None or commit is None:
        return None
    named = checkout.branch
    of_ci = next((environment[key] for key in _BRANCH_OF_CI if environment.get(key)), "")
    return {"commit": commit, "branch": named or of_ci, "uncommitted": _is_edited(checkout)}


def _is_edited(checkout: Checkout) -> bool:
    try:
        return has_uncommitted(checkout)
    except GitError:
        return False
