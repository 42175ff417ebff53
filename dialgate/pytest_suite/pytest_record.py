"""The run record of a pytest session: the same files as `dialgate run` writes.

Trials arrive with the items' reports, from this process or, as text, from xdist's workers; the
recording process writes one record per suite.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.pytest_suite.suite_judges import SentScores, votes_as_json
from dialgate.runs.loaded_files import LoadedFiles
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.files.json_text import json_line, parse_json
from dialgate_evals.files.plain_text import printable
from dialgate_evals.files.problems import show_path
from dialgate_evals.records.run_identity import identify_run
from dialgate_evals.records.run_record import RunRecorder, open_run_folder
from dialgate_evals.running.containment.machine import walls_of
from dialgate_evals.suite.loaded_code import LoadedCode, merge_loaded, parse_loaded
from dialgate_evals.suite.workspace import Workspace, load_workspace
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.verdict.documents.counts.criteria import count_criteria
from dialgate_gate.wording import count_of
from dialgate_reports.words.trials.votes import criteria_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedItem:
    """An item's trials with their scores, and what they belong to."""

    workspace: Workspace
    release: Release
    case: Case
    trials: tuple[tuple[Trajectory, TrialScore], ...]
    loaded: LoadedCode | None = None
    # what the agent had loaded of its project by then; None: not known

    def as_text(self) -> str:
        """What a worker sends: files, trajectories and votes; they are read and scored again."""
        document = {
            "suite": str(self.workspace.folder.resolve()),
            "release": str(Path(self.release.place).resolve()),
            "case": self.case.id,
            "trials": [
                {"trajectory": trajectory.as_json(), "judged": votes_as_json(score)}
                for trajectory, score in self.trials
            ],
            "loaded": None if self.loaded is None else self.loaded.as_json(),
        }
        return json_line(document).decode("utf-8")


def write_records(config: pytest.Config, finished: Iterable[FinishedItem | str]) -> list[str]:
    """Writes a record for every suite that ran; a line for people on each.

    A case stands in it once, however often a plug-in reported its item.
    """
    reader = _ItemReader()
    suites: dict[Path, dict[str, FinishedItem]] = {}
    for report in finished:
        item = report if isinstance(report, FinishedItem) else reader.read(report)
        suites.setdefault(item.workspace.folder.resolve(), {}).setdefault(item.case.id, item)
    out = out_folder(config)
    return [line for items in suites.values() for line in _write_record(list(items.values()), out)]


def out_folder(config: pytest.Config) -> Path:
    """Where records and kept votes go."""
    return Path(config.invocation_params.dir) / str(config.getoption("--dialgate-out"))


class _ItemReader:
    """Reads what workers sent; each suite is loaded once."""

    def __init__(self) -> None:
        self._suites: dict[str, tuple[Workspace, Release, SentScores, dict[str, Case]]] = {}

    def read(self, text: str) -> FinishedItem:
        """The item as it was in the worker."""
        document: dict[str, Any] = parse_json(text.encode("utf-8"))
        if document["suite"] not in self._suites:
            workspace = load_workspace(Path(document["suite"]))
            release = workspace.release(Path(document["release"]))
            sent = SentScores(workspace, release)
            loaded = (workspace, release, sent, workspace.cases_by_id)
            self._suites[document["suite"]] = loaded
        workspace, release, sent, cases = self._suites[document["suite"]]
        case = cases[document["case"]]
        read = [(parse_trajectory(i["trajectory"]), i["judged"]) for i in document["trials"]]
        trials = tuple((trial, sent.score(case, trial, judged)) for trial, judged in read)
        return FinishedItem(
            workspace=workspace,
            release=release,
            case=case,
            trials=trials,
            loaded=parse_loaded(document["loaded"]),
        )


def _write_record(items: list[FinishedItem], out: Path) -> Iterator[str]:
    workspace, release = items[0].workspace, items[0].release
    ran = {item.case.id for item in items}
    cases = [case for case in workspace.cases if case.id in ran]
    trials = max(trajectory.trial for item in items for trajectory, _ in item.trials) + 1
    identity = identify_run(workspace, release, trials, cases=cases)
    recorder = RunRecorder(open_run_folder(out, identity, resume=False), identity)
    for item in items:
        for trajectory, score in item.trials:
            recorder.add(trajectory, score)
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    recorder.note("walls", walls_of(workspace.suite).as_json())
    recorder.note("judge", workspace.judges.as_json())
    files = LoadedFiles(workspace=workspace, release=release, out=out)
    recorder.note("loaded", files.keep(merge_loaded(item.loaded for item in items)))
    folder = recorder.finish(started_at=now, finished_at=now, wall_s=0.0)
    scores = [score for item in items for _, score in item.trials]
    yield f"dialgate: {count_of(len(scores), 'trial')} on record in {show_path(folder)}"
    yield from _judged(release, scores)


def _judged(release: Release, scores: list[TrialScore]) -> Iterator[str]:
    """What became of each criterion, and what judges took; nothing without a rubric."""
    run = RunEvidence(release=release.as_json(), scores=tuple(scores))
    for line in criteria_lines({"criteria": count_criteria(None, run)}):
        yield printable(str(line))
    calls = sum(score.judge_calls for score in scores)
    costs = [score.judge_cost_usd for score in scores if score.judge_cost_usd is not None]
    if calls:
        cost = f", {sum(costs):.4f} US dollars" if costs else ""
        yield f"Judges: {count_of(calls, 'call')}{cost}."
