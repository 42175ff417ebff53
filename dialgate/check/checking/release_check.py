"""The main job: gather both sides' evidence, judge it, and say it as one document.

The wiring of `check`; leaves running to `dialgate.runs.gathering`, judging to `gate` and showing to
`reports`.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialgate.check.check_inputs import reproduce_line
from dialgate.check.checking.deciding import decide_sides
from dialgate.check.checking.gathered_sides import gather_sides
from dialgate.check.checking.request import CheckOutcome, CheckRequest
from dialgate.check.checking.sides import (
    Sides,
    shift_of,
    with_claim_tested,
    with_code_gaps,
    with_missing_again,
)
from dialgate.check.commits import name_commits
from dialgate.check.judge import (
    judged_policy,
    judging_digests,
)
from dialgate.check.ledger_state import ledger_head
from dialgate.check.sealing import seal_document
from dialgate.runs.code_that_ran import unlisted_code
from dialgate.runs.gathering import is_recorded
from dialgate.runs.on_record.histories import read_history
from dialgate.runs.on_record.mutating import noticed_by
from dialgate_evals.files.problems import show_path
from dialgate_gate.changes.invalidated_cases import describe_invalidated
from dialgate_gate.changes.release_changes import describe_changes, describe_digest_changes
from dialgate_gate.comparing.history import flaky_cases
from dialgate_gate.ladder.graduation import graduation_from_evals
from dialgate_gate.verdict.documents.handed_over import rollout_of
from dialgate_gate.verdict.documents.occasion import Occasion
from dialgate_gate.verdict.documents.recorded_outlook import find_outlook
from dialgate_gate.verdict.documents.verdict_document import add_reasons, build_document
from dialgate_gate.verdict.same_release import same_release_reasons

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.check.check_inputs import CheckInputs
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.comparing.history import CaseRuns
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.outlook import Outlook
    from dialgate_gate.verdict.verdict import ReleaseVerdict


def check_release(request: CheckRequest, inputs: CheckInputs) -> CheckOutcome:
    """Judges the release of the working tree, as it was read, against its baseline.

    Raises ConfigurationError or UsageError where files or arguments are wrong; missing or broken
    evidence is no error but the verdict `invalid`.
    """
    workspace = inputs.workspace
    with ExitStack() as stack:
        sides = gather_sides(stack, request, inputs)
        request = replace(request, options=replace(request.options, panel=sides.panel))
        sides = with_missing_again(sides, request)
        sides = with_claim_tested(with_code_gaps(sides), request)
        verdict = decide_sides(sides, request)
    document = _document(verdict, sides, request, inputs)
    document["lease_warning"] = inputs.lease_warning()
    document["noticed"] = noticed_by(
        sides.judge.candidate_cases, sides.candidate_release.tools, sides.judge.actions
    )
    document["rollout"] = rollout_of(document, sides.judge.settings.policy.rollout)
    shift = shift_of(sides, request)
    if shift is not None:
        document["drift"] = shift.as_json()
        add_reasons(document, first=filter(None, [shift.sentence]), last=())
    if not is_recorded(workspace):
        add_reasons(document, first=(), last=_said_of_what_ran(verdict, sides))
    seal_document(
        document,
        why=sides.unsealed,
        changes=sides.judge.changes,
        allowed=request.allow,
        ledger_head=ledger_head(workspace.folder),
    )
    return CheckOutcome(verdict=verdict, document=document)


def _document(
    verdict: ReleaseVerdict, sides: Sides, request: CheckRequest, inputs: CheckInputs
) -> dict[str, Any]:
    workspace, judge = inputs.workspace, sides.judge
    return build_document(
        verdict,
        suite={
            "name": workspace.suite.name,
            "digest": judge.suite_digest,
            "digests": {
                "judge": judge.digests,
                "change": judging_digests(workspace, inputs.settings),
            },
        },
        changes=_changes(sides, workspace),
        graduation=graduation_from_evals(verdict.comparison, judge.settings, judge.actions),
        judged_by=judge.judged_by,
        allowed=request.allow,
        flaky=_flaky(sides, workspace, request.options.out),
        occasion=Occasion(
            at=request.at,
            commits=name_commits(workspace.folder, inputs.baseline),
            outlook=_outlook(verdict, judged_policy(judge), request),
            reproduce=reproduce_line(request.folder, request.release),
        ),
    )


def _said_of_what_ran(verdict: ReleaseVerdict, sides: Sides) -> list[str]:
    """Whether both sides were one release, and code that no release lists."""
    moves = verdict.comparison.moves
    known = same_release_reasons(
        baseline=sides.baseline,
        candidate=sides.candidate,
        verdict=verdict.verdict,
        has_moved=bool(moves.broken or moves.fixed or moves.flaky),
        is_confirmed=verdict.confirmed is not None,
    )
    unlisted = unlisted_code(sides.candidate_release, sides.candidate.loaded)
    return [*known, *([unlisted] if unlisted else [])]


def _outlook(verdict: ReleaseVerdict, policy: GatePolicy, request: CheckRequest) -> Outlook:
    """What the check could see and what to do next, with the suite's own name in the command."""
    found = find_outlook(verdict, policy)
    step = found.next_step
    if step is None:
        return found
    command = step.command.replace("SUITE", show_path(request.folder))
    if request.release is not None and step.chance is None:
        command = f"{command} --release {request.release}"
    return replace(found, next_step=replace(step, command=command))


def _flaky(sides: Sides, workspace: Workspace, out: Path) -> tuple[CaseRuns, ...]:
    """Cases that flipped under one of the two releases, over all records of them."""
    known = [side for side in (sides.baseline, sides.candidate) if side is not None]
    fingerprints = {side.release["fingerprint"] for side in known}
    return flaky_cases(read_history(workspace, out, releases=fingerprints))


def _changes(sides: Sides, workspace: Workspace) -> list[dict[str, Any]]:
    before, base = sides.baseline_release, sides.baseline_workspace
    candidate = sides.candidate_release
    if before is not None:
        found = describe_changes(
            baseline=before,
            candidate=candidate,
            baseline_actions=base.actions if base is not None else None,
            candidate_actions=workspace.actions,
        )
        return found + describe_invalidated(
            sides.judge.candidate_cases, baseline=before.tools, candidate=candidate.tools
        )
    if sides.baseline is not None:
        return describe_digest_changes(
            baseline=sides.baseline.release, candidate=candidate.as_json()
        )
    return []
