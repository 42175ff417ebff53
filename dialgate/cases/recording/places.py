"""Where one recording lies, and by which rules personal data and keys are kept out of it.

A suite that exists already has its own `[redact]` and `[secrets]`; leaves what they mean to
`dialgate_evals.recording.withholding`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.cases.pseudonym_key import find_key
from dialgate.cases.suite_texts import suite_name
from dialgate_evals.actions.redaction import Redaction, redactor_for
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
from dialgate_evals.events.deriving.redacting.redaction_rules import redaction_rules
from dialgate_evals.files.file_reading import workspace_root
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.workspace import read_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionRules
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class RecordingPlace:
    """A suite's folder, its journal, and the rules."""

    folder: Path
    journal: Path
    is_private: bool
    # the journal lies beside the workspace's records, out of git
    workspace: Workspace | None
    # None: there is no suite yet
    rules: RedactionRules
    pseudonyms: Pseudonyms
    note: str
    # of the pseudonyms' key; empty where nothing is to be said


def find_place(folder: Path, journal: Path | None, *, may_write: bool = True) -> RecordingPlace:
    """The place of a suite's recording. Raises ConfigurationError for a suite with problems."""
    if folder.is_file():
        raise UsageError(f"{show_path(folder)} is a file; name the suite's folder.")
    folder = folder.resolve()
    workspace = _workspace(folder)
    root = workspace_root(folder)
    key = find_key(root, os.environ, may_write=may_write)
    names = () if workspace is None else workspace.secret_names
    redact = Redaction() if workspace is None else workspace.suite.redact
    redactor = redactor_for(names, os.environ, redact)
    return RecordingPlace(
        folder=folder,
        journal=journal or root / ".dialgate" / "recordings" / suite_name(folder),
        is_private=journal is None,
        workspace=workspace,
        rules=redaction_rules(redact, dict(redactor.secrets)),
        pseudonyms=Pseudonyms(key=key.key),
        note=key.note,
    )


def _workspace(folder: Path) -> Workspace | None:
    if not (folder / "suite.toml").exists():
        if folder.is_dir() and any(p.suffix in {".toml", ".jsonl"} for p in folder.iterdir()):
            raise UsageError(
                f"{show_path(folder)} holds files but no suite.toml; name a suite or a new folder."
            )
        return None
    problems: list[Problem] = []
    workspace = read_workspace(folder, problems, may_lack_cases=True)
    if workspace is None:
        raise ConfigurationError(problems)
    return workspace
