"""When a verdict was made and of which commits, as one line."""

from __future__ import annotations

import re
from typing import Any

from dialgate_evals.files.plain_text import shorten


def occasion_line(document: dict[str, Any]) -> str:
    """`2026-11-29 07:44 UTC · branch more-refunds at 0123456789ab · against main at …`.

    Only what the document says; empty where it says nothing.
    """
    commits = document.get("commits") or {}
    parts = [
        _moment(str((document.get("records") or {}).get("at") or "")),
        _head(commits.get("candidate")),
        _base(commits.get("baseline")),
    ]
    return " · ".join(part for part in parts if part)


def _moment(at: str) -> str:
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ", at, flags=re.ASCII)
    return f"{found[1]} {found[2]} UTC" if found else ""


def _head(commit: dict[str, Any] | None) -> str:
    if not commit:
        return ""
    branch = f"branch {shorten(commit['branch'], 100)} at " if commit.get("branch") else "commit "
    edited = " with uncommitted changes" if commit.get("uncommitted") else ""
    return f"{branch}{commit['commit'][:12]}{edited}"


def _base(commit: dict[str, Any] | None) -> str:
    if not commit:
        return ""
    return f"against {shorten(commit['ref'], 100)} at {commit['commit'][:12]}"
