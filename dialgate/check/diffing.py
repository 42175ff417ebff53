"""Compares two run records by the outcomes that they hold, without their suite's files.

Both must have been scored alike, on the same suite; else the comparison is invalid. Leaves
scoring again to `check`, which has the suite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.check.checking.request import CheckOutcome
from dialgate.runs.gathering import recorded_trials
from dialgate.runs.on_record.record_gaps import is_partial
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.file_reading import read_toml
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.annotation_sums import sum_annotations
from dialgate_evals.records.run_reading import read_labelled_trajectories, read_run
from dialgate_evals.records.run_tables import read_scores
from dialgate_gate.changes.release_changes import describe_digest_changes
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.judged_cases import CaseSet, JudgedCase
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.settings.policy import parse_policy
from dialgate_gate.verdict.documents.verdict_document import build_document
from dialgate_gate.verdict.release_verdict import decide_verdict

if TYPE_CHECKING:
    from pathlib import Path


def diff_records(
    *, baseline: Path, candidate: Path, policy_file: Path | None = None
) -> CheckOutcome:
    """The verdict on two records. Raises RecordError where one can't be read."""
    before, now = read_run(baseline), read_run(candidate)
    problems = _comparability(before, now, show_path(candidate))
    sides = [
        _evidence(folder, document, problems if folder is candidate else ())
        for folder, document in ((baseline, before), (candidate, now))
    ]
    comparison = compare_runs(
        baseline=sides[0],
        candidate=sides[1],
        case_set=_case_set(before["cases"], now["cases"]),
        class_names=sorted({d.action_class for s in sides for t in s.scores for d in t.decisions}),
        deterministic=bool(before["deterministic"] and now["deterministic"]),
    )
    verdict = decide_verdict(comparison, _policy(policy_file))
    document = build_document(
        verdict,
        suite=now["suite"],
        changes=describe_digest_changes(baseline=before["release"], candidate=now["release"]),
        judged_by="two run records as they were scored",
    )
    return CheckOutcome(verdict=verdict, document=document)


def _policy(path: Path | None) -> GatePolicy:
    if path is None:
        return GatePolicy(default=ClassPolicy())
    problems: list[Problem] = []
    document = read_toml(path, "policy", problems)
    if document is None:
        raise ConfigurationError(problems)
    return parse_policy(document.values).gate


def _evidence(
    folder: Path, document: dict[str, Any], problems: tuple[Problem, ...] | list[Problem]
) -> RunEvidence:
    scores = tuple(read_scores(folder))
    found = list(problems)
    if len(scores) != document["counts"].get("trials"):
        found.append(
            Problem(
                file=show_path(folder),
                found=f"{len(scores)} rows in trials.parquet",
                expected=f"the {document['counts'].get('trials')} that run.json counts",
            )
        )
    return RunEvidence(
        release={key: value for key, value in document["release"].items() if key != "model"},
        scores=scores,
        trials_per_case=recorded_trials(scores, document["trials_per_case"]),
        problems=tuple(found),
        cached=len(scores),
        place=show_path(folder),
        record=show_path(folder),
        annotations=sum_annotations(read_labelled_trajectories(folder)),
    )


def _comparability(before: dict[str, Any], now: dict[str, Any], place: str) -> list[Problem]:
    found = []
    if before["suite"]["name"] != now["suite"]["name"]:
        found.append(
            Problem(
                file=place,
                found=f"the suite {now['suite']['name']!r}",
                expected=f"{before['suite']['name']!r}, as in the baseline",
            )
        )
    if is_partial(before) and not now["cases"].keys() <= before["cases"].keys():
        found.append(
            Problem(
                file=place,
                found="cases that the baseline did not run, as only some were asked for",
                expected="two runs of the same cases",
                advice="Run both without --case, or both with the same ones.",
            )
        )
    found += [
        Problem(
            file=place,
            found=f"{key} {now['versions'].get(key)!r}",
            expected=f"{before['versions'].get(key)!r}, as in the baseline",
            advice="`dialgate check --baseline RUN` scores both sides again.",
        )
        for key in ("scorer", "validator", "simulator")
        if before["versions"].get(key) != now["versions"].get(key)
    ]
    return found


def _case_set(before: dict[str, Any], now: dict[str, Any]) -> CaseSet:
    cases = tuple(JudgedCase(id=case_id) for case_id in now)
    return CaseSet(
        cases=cases,
        added=tuple(case_id for case_id in now if case_id not in before),
        removed=tuple(case_id for case_id in before if case_id not in now),
        changed=tuple(
            case_id
            for case_id in now
            if case_id in before and before[case_id]["digest"] != now[case_id]["digest"]
        ),
        by_id={case.id: case for case in cases},
    )
