"""What a check found: well, worth knowing, or to be mended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.suite.workspace import Workspace


class State(StrEnum):
    """Whether a finding has to be mended before `run` and `check` work."""

    OK = "ok"
    NOTE = "note"
    # works, and a person may want it otherwise
    MEND = "mend"
    # `run` or `check` would fail on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's."""

    check: str
    # of which the line is one
    state: State
    text: str
    mend: str = ""
    # the command that mends it, or what to do where no command does


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is looked at: the machine, and a suite where one is named."""

    folder: Path | None = None
    workspace: Workspace | None = None
    # None: no suite is named
