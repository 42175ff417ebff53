"""Where evidence comes from: recorded transcripts, a run record, or an agent run now.

The wiring between `evals`, which runs and scores, and `gate`, which judges. Every way ends in a
run record and in the same `RunEvidence`.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate.runs.judging.judges import judged_by, settle_now
from dialgate.runs.on_record.record_gaps import record_gaps
from dialgate.runs.recorded_run import RecordedRun, RunOptions
from dialgate.terminal.output import say
from dialgate_evals.actions.outcomes import TrialScore
from dialgate_evals.actions.redaction import redactor_for
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.annotation_sums import add_annotations
from dialgate_evals.records.run_identity import identify_run
from dialgate_evals.records.run_reading import read_run, read_run_trajectories
from dialgate_evals.records.run_record import RunRecorder, open_run_folder
from dialgate_evals.records.transcripts import (
    read_trajectories,
    shown_transcripts,
    transcript_path,
)
from dialgate_evals.running.containment.machine import walls_of
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.comparing.gap import EvidenceGap, Gap
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.wording import name_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.records.annotation_sums import AnnotationSum
    from dialgate_evals.records.shards import Shard
    from dialgate_evals.running.judges.panel import Panel
    from dialgate_evals.scoring.effective_calls import OtherSide
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


def gather_evidence(
    workspace: Workspace,
    release: Release,
    *,
    cases: Iterable[Case],
    actions: ActionRegistry,
    options: RunOptions,
) -> RecordedRun:
    """Scored trials of the release on these cases: recorded ones, or the agent run now."""
    if is_recorded(workspace):
        if options.cluster is not None:
            say(
                "Recorded trajectories are scored here: --cluster has no trial to run.",
                to_stderr=True,
            )
        return record_transcripts(
            workspace,
            release,
            out=options.out,
            cases=cases,
            actions=actions,
            shard=options.shard,
            other=options.other,
            panel=options.panel,
        )
    from dialgate.runs.live_runs import run_agent  # noqa: PLC0415 - loads the engine

    return run_agent(workspace, release, cases=cases, actions=actions, options=options)


def record_transcripts(
    workspace: Workspace,
    release: Release,
    *,
    out: Path,
    cases: Iterable[Case] | None = None,
    actions: ActionRegistry | None = None,
    shard: Shard | None = None,
    other: OtherSide | None = None,
    panel: Panel | None = None,
) -> RecordedRun:
    """Scores what was recorded for the release and writes a run record.

    A recorded run brings as many trials per case as the fullest case has; gaps are left for the
    verdict to name. Trials of unknown cases are kept as evidence that something is missing, by
    the first `shard` where the cases are one.
    """
    started, began = _now(), time.monotonic()
    scorer = Scorer(
        tools=release.tools,
        actions=actions or workspace.actions,
        other=other,
        judged=judged_by(panel, workspace),
    )
    redactor = redactor_for(workspace.secret_names, os.environ)
    known = {case.id: case for case in (workspace.cases if cases is None else cases)}
    own = None if shard is None else list(known.values())
    identity = identify_run(workspace, release, cases=own, shard=shard)
    elsewhere = _cases_of_other_shards(workspace, known, shard)
    recorder = RunRecorder(open_run_folder(out, identity, resume=False), identity)
    path, shown = transcript_path(workspace, release), shown_transcripts(workspace, release)
    read = _Read()
    for trajectory in _trajectories_here(path, shown, elsewhere, read):
        kept = redactor.redact(trajectory)
        score = score_or_name(scorer, known, kept)
        read.note(kept)
        recorder.add(kept, score)
    if panel is not None:
        recorder.score_again(settle_now(panel, recorder.scores()))
    wall_s = time.monotonic() - began
    recorder.note("walls", walls_of(workspace.suite).as_json())
    recorder.note("judge", workspace.judges.as_json())
    folder = recorder.finish(started_at=started, finished_at=_now(), wall_s=wall_s)
    evidence = RunEvidence(
        release=release.as_json(),
        scores=recorder.scores(),
        trials_per_case=read.fullest or workspace.suite.trials,
        problems=tuple(read.problems),
        cached=len(recorder),
        wall_s=wall_s,
        place=shown,
        record=show_path(folder),
        annotations=read.annotations,
    )
    return RecordedRun(folder=folder, evidence=evidence)


@dataclass(kw_only=True)
class _Read:
    """What was read of transcripts so far."""

    problems: list[Problem] = field(default_factory=list)
    fullest: int = 0
    # trials of the case that has the most, whichever shard records it
    annotations: dict[str, AnnotationSum] = field(default_factory=dict)

    def note(self, trajectory: Trajectory) -> None:
        if trajectory.error is None:
            add_annotations(self.annotations, trajectory.labels)


def _trajectories_here(
    path: Path, shown: str, elsewhere: Callable[[str], bool], read: _Read
) -> Iterator[Trajectory]:
    """The trajectories of this shard; what can't be read and how many trials there are is noted."""
    for found in read_trajectories(path, shown=shown):
        if isinstance(found, Problem):
            read.problems.append(found)
            continue
        read.fullest = max(read.fullest, found.trial + 1)
        if not elsewhere(found.case_id):
            yield found


def _cases_of_other_shards(
    workspace: Workspace, known: Mapping[str, Case], shard: Shard | None
) -> Callable[[str], bool]:
    """Whether another shard records the case; a case that the suite lacks is the first's."""
    if shard is None:
        return lambda _: False
    others = workspace.cases_by_id.keys() - known.keys()
    return lambda case_id: case_id in others or (case_id not in known and shard.index > 1)


def score_or_name(scorer: Scorer, known: dict[str, Case], trajectory: Trajectory) -> TrialScore:
    """The trial's score; a trial of an unknown case is errored, and the verdict will name it."""
    case = known.get(trajectory.case_id)
    if case is not None:
        return scorer.score(case, trajectory)
    from dialgate_evals.actions.outcomes import TrialStatus  # noqa: PLC0415 - rare

    return TrialScore(
        case_id=trajectory.case_id,
        trial=trajectory.trial,
        status=TrialStatus.ERRORED,
        error="the suite has no such case",
    )


def recorded_trials(scores: Iterable[TrialScore], least: int) -> int:
    """How many trials every case must have: as many as the fullest case has on record."""
    return max((score.trial + 1 for score in scores), default=least)


def read_record(
    folder: Path,
    *,
    cases: Iterable[Case],
    scorer: Scorer,
    suite_name: str,
    panel: Panel | None = None,
) -> RunEvidence:
    """The evidence of a run record, scored again by today's scorer.

    A record of another suite, or of cases with another context, is said to be so; its trials are
    left out. Raises RecordError where the record can't be read.
    """
    document = read_run(folder)
    place = show_path(folder)
    contexts = {case_id: item["context"] for case_id, item in document["cases"].items()}
    known = {case.id: case for case in cases}
    # Cases that the suite no longer has are told apart by the verdict, not by missing trials.
    left_out = {case_id for case_id in contexts if case_id not in known}
    changed = {i for i, c in known.items() if i in contexts and contexts[i] != c.context_digest}
    gaps = list(record_gaps(document, place, suite_name))
    if changed:
        gaps.append(_changed_contexts(changed, place))
    annotations: dict[str, AnnotationSum] = {}
    usable = _annotations_summed(
        (
            trajectory
            for trajectory in read_run_trajectories(folder)
            if trajectory.case_id not in changed and trajectory.case_id not in left_out
        ),
        annotations,
    )
    scored = [score_or_name(scorer, known, trajectory) for trajectory in usable]
    scores = settle_now(panel, scored)
    counts = document["counts"]
    is_short = not changed and not left_out and len(scores) != counts.get("trials")
    return RunEvidence(
        release={key: value for key, value in document["release"].items() if key != "model"},
        scores=tuple(scores),
        trials_per_case=recorded_trials(scores, document["trials_per_case"]),
        problems=(_other_number(len(scores), counts, place),) if is_short else (),
        gaps=tuple(gaps),
        cached=len(scores),
        place=place,
        record=place,
        annotations=annotations,
        workers_died=died if isinstance(died := counts.get("workers_died"), int) else 0,
    )


def _annotations_summed(
    trajectories: Iterable[Trajectory], sums: dict[str, AnnotationSum]
) -> Iterator[Trajectory]:
    """The same trajectories; the labels of those that could be run are added to the sums."""
    for trajectory in trajectories:
        if trajectory.error is None:
            add_annotations(sums, trajectory.labels)
        yield trajectory


def _changed_contexts(changed: Iterable[str], place: str) -> EvidenceGap:
    return EvidenceGap(
        gap=Gap.INCOMPARABLE,
        found=f"{place} recorded another context of {name_cases(sorted(changed))} than "
        "the suite has now.",
        advice="Record the baseline again.",
    )


def _other_number(found: int, counts: Mapping[str, Any], place: str) -> Problem:
    return Problem(
        file=place,
        found=f"{found} trajectories",
        expected=f"the {counts.get('trials')} that run.json counts",
    )


def is_recorded(workspace: Workspace) -> bool:
    """Whether the suite scores transcripts instead of running an agent."""
    return workspace.suite.agent.kind is AgentKind.TRANSCRIPT


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
