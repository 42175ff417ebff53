"""Reads a verdict or a record back for rendering; refuses what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evals.errors import EvidenceError
from evals.file_reading import read_bytes
from evals.json_text import JsonTextError, parse_json
from evals.problems import Problem, show_path
from evals.run_record import read_run
from evals.run_tables import read_scores
from gate.explanations import explain_run
from gate.judged_cases import CaseSet, JudgedCase
from gate.pass_rates import pass_rates
from gate.run_evidence import RunEvidence
from gate.tag_counts import count_splits
from gate.verdict_document import document_defects
from reports.run_text import render_run

if TYPE_CHECKING:
    from pathlib import Path


def read_verdict(path: Path) -> dict[str, Any]:
    """The verdict document in the file. Raises EvidenceError where it is none."""
    problems: list[Problem] = []
    raw = read_bytes(path, problems, expected="a verdict that check wrote")
    if raw is None:
        raise EvidenceError(problems)
    try:
        document = parse_json(raw)
    except JsonTextError as error:
        found = str(error)
        raise EvidenceError(
            [Problem(file=show_path(path), found=found, expected="the JSON of a verdict")]
        ) from None
    defects = document_defects(document)
    if defects:
        raise EvidenceError(
            [Problem(file=show_path(path), found=d, expected="a verdict document") for d in defects]
        )
    assert isinstance(document, dict)
    return document


def render_record(folder: Path, *, verbose: bool) -> str:
    """A run record for people. Raises RecordError where it can't be read."""
    document = read_run(folder, allow_shard=True)
    scores = tuple(read_scores(folder))
    evidence = RunEvidence(release=document["release"], scores=scores)
    named = document.get("held_out")  # records of earlier versions don't name any
    held_out = named if isinstance(named, list) else []
    cases = tuple(
        JudgedCase(id=case_id, held_out=case_id in held_out) for case_id in document["cases"]
    )
    case_set = CaseSet(cases=cases, by_id={case.id: case for case in cases})
    shown = {
        **document,
        "folder": show_path(folder),
        "pass_rates": pass_rates(evidence, case_set),
        "splits": count_splits(None, evidence, cases),
    }
    return render_run(shown, explain_run(evidence, case_set), verbose=verbose)
