"""What GitHub says about the run: the event that started it, and the commit a change is against.

Knows the events' shapes and that only full commit names are taken from them: branch names and
titles are written by whoever opens a pull request. Leaves git to `dialgate.git.base_ref`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.plain_text import printable, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.files.problems import Problem

_COMMIT = re.compile(r"[0-9a-f]{40}")
_NOTHING_BEFORE = "0" * 40


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubEvent:
    """Which commits an event is about, and which pull request."""

    base: str | None = None
    # the commit that the change is against; None: the event is against none
    head: str | None = None
    # of a pull request: its last commit
    pull_request: int | None = None
    # its number


def read_event(environment: Mapping[str, str]) -> GitHubEvent:
    """The event of this run. Raises UsageError outside of GitHub Actions, or for an unsafe event.

    `pull_request_target` runs with the repository's own rights and must not run a change's code.
    """
    name, path = environment.get("GITHUB_EVENT_NAME"), environment.get("GITHUB_EVENT_PATH")
    if not name or not path:
        raise UsageError(
            "GITHUB_EVENT_NAME and GITHUB_EVENT_PATH are not set: this command runs in GitHub "
            "Actions. Elsewhere name the base yourself: dialgate check SUITE --baseline REF."
        )
    if name == "pull_request_target":
        raise UsageError(
            "pull_request_target gives the repository's token and secrets to a change that nobody "
            "has looked at. Use pull_request; the comment comes from a workflow_run workflow."
        )
    return _parse_event(name, _read(Path(path)))


def _read(path: Path) -> dict[str, Any]:
    problems: list[Problem] = []
    raw = read_bytes(path, problems, expected="the event's JSON")
    try:
        document = parse_json(raw) if raw is not None else None
    except JsonTextError as error:
        raise UsageError(f"GITHUB_EVENT_PATH holds no JSON: {error}.") from None
    if not isinstance(document, dict):
        raise UsageError("; ".join(map(str, problems)) or "GITHUB_EVENT_PATH holds no JSON object.")
    return document


def _parse_event(name: str, document: Mapping[str, Any]) -> GitHubEvent:
    match name, document:
        case "pull_request", {
            "number": int(number),
            "pull_request": {"base": {"sha": base}, "head": {"sha": head}},
        }:
            return GitHubEvent(base=_commit(base), head=_commit(head), pull_request=number)
        case "merge_group", {"merge_group": {"base_sha": base, "head_sha": head}}:
            return GitHubEvent(base=_commit(base), head=_commit(head))
        case "push", {"before": before}:
            return GitHubEvent(base=None if before == _NOTHING_BEFORE else _commit(before))
        case (("pull_request" | "merge_group" | "push"), _):
            raise UsageError(f"The {name} event in GITHUB_EVENT_PATH names no base commit.")
    return GitHubEvent()


def _commit(text: object) -> str:
    if isinstance(text, str) and _COMMIT.fullmatch(text):
        return text
    shown = shorten(printable(str(text)), 60)
    raise UsageError(f"The event in GITHUB_EVENT_PATH names {shown!r}, which is no commit.")
