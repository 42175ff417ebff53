"""Documents over many suites rendered again: what `check` of several suites or `fleet` wrote.

Refuses what is none; leaves words to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.reporting.reporting import refuse_two_on_stdout, write_forms
from dialgate.terminal.output import say, to_json, write_text
from dialgate_evals.errors import EvidenceError, UsageError
from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.schema_validation import check_document
from dialgate_gate.verdict.documents.document_defects import document_defects
from dialgate_reports.fleet.fleet_page import render_fleet_page
from dialgate_reports.fleet.fleet_text import render_fleet
from dialgate_reports.page.subject import Subject
from dialgate_reports.verdict.several.several_text import render_several

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_reports.formats import ReportTargets


def renders_many(document: object, path: Path, targets: ReportTargets, *, verbose: bool) -> bool:
    """Whether the document is over many suites; then every form asked for is written.

    Raises EvidenceError for one that breaks its schema, UsageError for a form that it hasn't.
    """
    if not isinstance(document, dict) or "suites" not in document:
        return False
    if "decisions" in document:
        _render_fleet(_checked(document, "fleet", path), targets, verbose=verbose)
    else:
        found = _checked(document, "verdicts", path)
        _refuse_defects(found, path)
        refuse_two_on_stdout(targets)
        write_forms(Subject(document=found), targets, of="verdicts")
        say(render_several(found), to_stderr=targets.takes_stdout)
    return True


def _checked(document: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    problems = check_document(document, name, show_path(path), json_pointer)
    if problems:
        raise EvidenceError(problems)
    return document


def _refuse_defects(document: dict[str, Any], path: Path) -> None:
    """Each suite's verdict is one."""
    problems = [
        Problem(
            file=show_path(path),
            place=f"/suites/{number}/document",
            found=text,
            expected="a verdict document",
        )
        for number, item in enumerate(document["suites"])
        if item["document"] is not None
        for text in document_defects(item["document"])
    ]
    if problems:
        raise EvidenceError(problems)


def _render_fleet(document: dict[str, Any], targets: ReportTargets, *, verbose: bool) -> None:
    others = sorted(set(targets.files) - {"json", "html"})
    if others:
        raise UsageError(f"A fleet has no --{others[0]}: it is written as JSON and as HTML.")
    refuse_two_on_stdout(targets)
    for name, target in targets.files.items():
        write_text(target, to_json(document) if name == "json" else render_fleet_page(document))
    say(render_fleet(document, verbose=verbose), to_stderr=targets.takes_stdout)
