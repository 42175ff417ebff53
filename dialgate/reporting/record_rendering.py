"""Reads a run record back for people; refuses what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.files.problems import show_path
from dialgate_evals.records.run_reading import read_run
from dialgate_evals.records.run_tables import read_scores
from dialgate_gate.comparing.judged_cases import CaseSet, JudgedCase
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.verdict.documents.counts.pass_rates import pass_rates
from dialgate_gate.verdict.documents.counts.tag_counts import count_splits
from dialgate_gate.verdict.documents.explanations import explain_run
from dialgate_reports.texts.run_text import render_run

if TYPE_CHECKING:
    from pathlib import Path


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
