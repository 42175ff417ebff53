"""Runs a case again that errored on one side only, before it counts as missing there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialgate.runs.gathering import gather_evidence
from dialgate_evals.suite.loaded_code import merge_loaded
from dialgate_gate.comparing.missing_sides import missing_on_one_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate.runs.recorded_run import RunOptions
    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.comparing.run_evidence import RunEvidence


def run_missing_again(
    side: RunEvidence,
    other: RunEvidence,
    *,
    workspace: Workspace,
    release: Release,
    cases: Sequence[Case],
    actions: ActionRegistry,
    options: RunOptions,
) -> RunEvidence:
    """The side with the trials of now for each case that only the other side has finished."""
    one_sided = missing_on_one_side([case.id for case in cases], side, other)
    wanted = [case for case in cases if case.id in one_sided and not side.finished(case.id)]
    if not wanted:
        return side
    again = gather_evidence(
        workspace,
        release,
        cases=wanted,
        actions=actions,
        options=replace(
            options, out=options.out / "again", use_cache=False, resume=False, shard=None,
            most_calls=None,
        ),
    ).evidence  # fmt: skip
    now = {case.id for case in wanted if again.finished(case.id)}
    kept = [score for score in side.scores if score.case_id not in now]
    new = [score for score in again.scores if score.case_id in now]
    return replace(side, scores=(*kept, *new), **of_both(side, again))


def of_both(first: RunEvidence, more: RunEvidence) -> dict[str, Any]:
    """What a side's runs have in common: what the agent loaded in them, and how often it died."""
    return {
        "loaded": merge_loaded((first.loaded, more.loaded)),
        "workers_died": first.workers_died + more.workers_died,
    }
