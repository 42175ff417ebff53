"""What `check` is asked for and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from dialgate.runs.recorded_run import RunOptions
    from dialgate_gate.verdict.verdict import ReleaseVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What a person asked `check` for."""

    folder: Path
    release: str | None = None
    baseline: str | None = None
    allow: tuple[str, ...] = ()
    require_sealed: bool = False
    # whatever the policy says
    judge_all: bool = False
    # also asks judges about what is only shown
    options: RunOptions
    today: dt.date
    at: str = ""
    # when it was asked, RFC 3339 in UTC: shown, never used


@dataclass(frozen=True, kw_only=True)
class CheckOutcome:
    """The verdict, its document, and the records it rests on."""

    verdict: ReleaseVerdict
    document: dict[str, Any]
