"""`run --record-missing`: reads that no recording answered, asked of the real tool, once each.

Only what the suite names under `[tools] record_missing`, and what is a read by actions.toml, is
asked; the answer goes through the suite's redaction into the case's own line.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.cases.pseudonym_key import find_key
from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.actions.redaction import redactor_for
from dialgate_evals.errors import UsageError
from dialgate_evals.events.deriving.redacting.event_redaction import identified, redact_parts
from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionError, redaction_rules
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import JsonTextError, canonical_json, json_line, parse_json
from dialgate_evals.files.plain_text import shorten
from dialgate_evals.files.problems import show_path
from dialgate_evals.records.run_reading import read_run_trajectories
from dialgate_evals.running.simulation.mcp_ask import ask_tools
from dialgate_reports.words.trials.unmatched_reads import unmatched_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.running.simulation.mcp_ask import RealAnswer
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.workspace import Workspace

_MOST_LISTED = 20


@dataclass(frozen=True, kw_only=True)
class MissingRead:
    """A read of one case that no recording answers."""

    case: Case
    name: str
    arguments: dict[str, Any]

    @property
    def question(self) -> str:
        """The same for the same call."""
        return canonical_json([self.name, self.arguments])

    def __str__(self) -> str:
        shown = json.dumps(self.arguments, ensure_ascii=False)
        return f"{self.case.id}: {self.name}({shorten(shown, 120)})"


def record_missing(workspace: Workspace, run_folder: Path, source: str) -> list[str]:
    """Asks, writes, and gives what is to be said. Raises UsageError where nobody can be asked."""
    missing = list(_missing(workspace, run_folder))
    if not missing:
        return ["No read went without a recording: nobody was asked."]
    refused: list[tuple[MissingRead, str]] = []
    asked: list[MissingRead] = []
    for read in missing:
        why = _refusal(workspace, read)
        if why is None:
            asked.append(read)
        else:
            refused.append((read, why))
    questions = {read.question: read for read in asked}
    answers: dict[str, RealAnswer] = {}
    if questions:
        calls = [(read.name, read.arguments) for read in questions.values()]
        answers = dict(zip(questions, ask_tools(source, calls), strict=True))
    written: dict[str, list[tuple[MissingRead, dict[str, Any]]]] = {}
    for read in asked:
        answer = answers[read.question]
        made = answer.refused or _recording(workspace, read, answer)
        if isinstance(made, str):
            refused.append((read, made))
        else:
            assert read.case.place is not None
            written.setdefault(read.case.place.file, []).append((read, made))
    for file, added in written.items():
        _write(Path(file), added)
    return _said(written, refused, len(questions))


def _missing(workspace: Workspace, run_folder: Path) -> Iterator[MissingRead]:
    """Each such read once, in the order of the record."""
    known = workspace.cases_by_id
    seen: set[tuple[str, str]] = set()
    for trajectory in read_run_trajectories(run_folder):
        case = known.get(trajectory.case_id)
        if case is None:
            continue
        for name, arguments in unmatched_calls(trajectory.messages):
            if not isinstance(arguments, dict):
                continue
            read = MissingRead(case=case, name=name, arguments=arguments)
            if (case.id, read.question) not in seen:
                seen.add((case.id, read.question))
                yield read


def _refusal(workspace: Workspace, read: MissingRead) -> str | None:
    """Why the real tool may not be asked; None where it may."""
    if read.name not in workspace.suite.record_missing:
        return f'[tools] record_missing of suite.toml does not name "{read.name}"'
    if workspace.actions.classify(read.name, read.arguments).effect is not Effect.READ:
        return "it is no read by actions.toml (a class that is `proposed` counts as write)"
    same = [r for r in read.case.recordings if r.name == read.name]
    if any(recording.arguments == read.arguments for recording in same):
        return "its recordings hold a fault for it and no answer; they decide"
    if read.case.place is None or not read.case.place.file.endswith(".jsonl"):
        return "its case is written in YAML; add the recording by hand"
    return None


def _recording(workspace: Workspace, read: MissingRead, answer: RealAnswer) -> dict[str, Any] | str:
    """The recording; the reason where the answer can't be kept."""
    suite = workspace.suite
    redactor = redactor_for(workspace.secret_names, os.environ, suite.redact)
    rules = redaction_rules(suite.redact, dict(redactor.secrets))
    # What the agent asked with is the case's own, and must be asked with again.
    rules = replace(rules, made=identified([read.arguments], rules))
    key = find_key(workspace.root, os.environ, may_write=True)
    said = answer.result if answer.error is None else answer.error
    try:
        (kept,), _ = redact_parts([said], rules, Pseudonyms(key=key.key))
    except RedactionError as error:
        return f"personal data in the answer can't be replaced: {error}"
    made = {"name": read.name, "arguments": read.arguments}
    return {**made, "result": kept} if answer.error is None else {**made, "error": kept}


def _write(path: Path, added: list[tuple[MissingRead, dict[str, Any]]]) -> None:
    """Adds recordings to the lines of their cases; all other lines stay as they are."""
    lines = path.read_bytes().splitlines(keepends=True)
    for read, recording in added:
        assert read.case.place is not None
        index = read.case.place.line - 1
        try:
            document = parse_json(lines[index])
        except (JsonTextError, IndexError):
            document = {}
        if document.get("id") != read.case.id:
            raise UsageError(f"{show_path(path)} was changed meanwhile; nothing was written to it.")
        document["recordings"] = [*document.get("recordings", []), recording]
        lines[index] = json_line(document)
    write_atomically(path, b"".join(lines))


def _said(
    written: dict[str, list[tuple[MissingRead, dict[str, Any]]]],
    refused: list[tuple[MissingRead, str]],
    asked: int,
) -> list[str]:
    lines = [f"Asked the real tools {asked} time{'' if asked == 1 else 's'}."]
    for file, added in written.items():
        lines.append(f"wrote {file}: {len(added)} recording{'' if len(added) == 1 else 's'}")
        lines += [f"  {read}" for read, _ in added[:_MOST_LISTED]]
    if refused:
        lines.append(f"Without a recording still ({len(refused)}):")
        lines += [f"  {read}: {why}" for read, why in refused[:_MOST_LISTED]]
    if written:
        lines.append("Read what was recorded, then run again: cases changed.")
    return lines
