"""Every error that dialgate raises on purpose, each with the exit code it leads to.

DialgateError
├── ConfigurationError     2  files of the workspace are wrong; carries every problem found
├── UsageError             2  the command was called in a way that can't work
├── EvidenceError          4  trajectories or records are missing, unreadable or incomparable
│   └── RecordError        4  a run record can't be read
└── InterruptedRunError  130  Ctrl-C; what was finished is on record

Leaves the wording of a problem to `dialgate_evals.files.problems`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.files.problems import Problem


class DialgateError(Exception):
    """Base of all errors raised on purpose."""

    exit_code = 2


class UsageError(DialgateError):
    """The command or function was called in a way that can't work."""


class ConfigurationError(DialgateError):
    """Files that people write are wrong; `problems` lists every one of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class EvidenceError(DialgateError):
    """Evidence is missing, unreadable or incomparable; `problems` lists what was found."""

    exit_code = 4

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RecordError(EvidenceError):
    """A run record can't be read or is incomplete."""


class InterruptedRunError(DialgateError):
    """The run was interrupted; finished trials are on record and `--resume` goes on."""

    exit_code = 130
