"""What a CI says of the run it started: the commits of the change, and names of branches.

One table for every CI; only full commit names are taken for commits, and a name of a branch is
only ever looked up. Leaves what is made of it to `dialgate.git.base_ref`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

# Where each says it; the first that is set counts.
_THIS = (
    "GITHUB_SHA", "CI_COMMIT_SHA", "BITBUCKET_COMMIT", "BUILD_SOURCEVERSION", "CIRCLE_SHA1",
    "BUILDKITE_COMMIT", "DRONE_COMMIT_SHA", "TRAVIS_COMMIT", "GIT_COMMIT",
)  # fmt: skip
_BEFORE = (
    "CI_COMMIT_BEFORE_SHA", "CI_PREV_COMMIT_SHA", "DRONE_COMMIT_BEFORE", "GIT_PREVIOUS_COMMIT",
)  # fmt: skip
_INTO = (
    "CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA",
    "BITBUCKET_PR_DESTINATION_COMMIT",
)  # fmt: skip
_HEAD = (
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "SYSTEM_PULLREQUEST_SOURCECOMMITID",
    "TRAVIS_PULL_REQUEST_SHA",
)  # fmt: skip
_INTO_BRANCH = (
    "GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "SYSTEM_PULLREQUEST_TARGETBRANCH",
    "BITBUCKET_PR_DESTINATION_BRANCH", "CHANGE_TARGET", "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
    "CI_COMMIT_TARGET_BRANCH",
)  # fmt: skip
_MAIN_BRANCH = (
    "CI_DEFAULT_BRANCH", "BUILDKITE_PIPELINE_DEFAULT_BRANCH", "CI_REPO_DEFAULT_BRANCH",
    "DRONE_REPO_BRANCH",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CiRun:
    """What is known of the run; None: not said."""

    this: str | None = None
    # the commit that was asked for; often a merge made for the run
    before: str | None = None
    # where the pushed range starts
    into: str | None = None
    # the commit that a change goes into
    head: str | None = None
    # the change's own last commit
    is_queue: bool = False
    # a merge queue: what is checked out begins at `into`
    main_branch: str | None = None
    # the branch that a change goes into, else the repository's default one


def read_ci(environment: Mapping[str, str]) -> CiRun:
    """What the environment says; nothing of it is set outside of a CI."""
    event = _event(environment)
    main_branch = _first(environment, _INTO_BRANCH) or _first(environment, _MAIN_BRANCH)
    return CiRun(
        this=_commit(_first(environment, _THIS)) or _commit(event.get("after")),
        before=_commit(event.get("before")) or _before(environment),
        into=_commit(_at(event, "pull_request", "base", "sha"))
        or _commit(_at(event, "merge_group", "base_sha"))
        or _commit(_first(environment, _INTO)),
        head=_commit(_at(event, "pull_request", "head", "sha"))
        or _commit(_at(event, "merge_group", "head_sha"))
        or _commit(_first(environment, _HEAD)),
        is_queue="merge_group" in event,
        main_branch=main_branch or _text(_at(event, "repository", "default_branch")),
    )


def _event(environment: Mapping[str, str]) -> dict[str, Any]:
    """GitHub's event, or that of a CI that says it the same way; empty where there is none."""
    path = environment.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        document = json.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _before(environment: Mapping[str, str]) -> str | None:
    found = _commit(_first(environment, _BEFORE))
    if found is None and "..." in environment.get("TRAVIS_COMMIT_RANGE", ""):
        return _commit(environment["TRAVIS_COMMIT_RANGE"].partition("...")[0])
    return found


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    found = next((environment[name] for name in names if environment.get(name)), None)
    return None if found is None else found.removeprefix("refs/heads/")


def _at(document: object, *keys: str) -> object:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _commit(value: object) -> str | None:
    """A full commit name that is one: zeros stand for nothing before."""
    if isinstance(value, str) and _COMMIT.fullmatch(value) and value.strip("0"):
        return value
    return None
