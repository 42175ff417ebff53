"""Two releases on record beside each other: what labels on their own replies say of the difference.

The newest run of the suite's release, and of any other one. Nobody is asked: votes are those that
were kept. Leaves what follows from labels to `dialgate_gate.verdict.recorded`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.runs.gathering import read_record
from dialgate.runs.judging.judges import VOTES
from dialgate.runs.run_records import newest_record, records_of_suite
from dialgate.terminal.output import say
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.part_digests import is_own
from dialgate_evals.records.reuse.vote_cache import DiskVoteCache
from dialgate_evals.running.judges.panel import Panel
from dialgate_evals.scoring.scoring import Scorer
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.licensing.known_judge import know_judge
from dialgate_gate.settings.settings import read_policy
from dialgate_gate.verdict.documents.counts.criteria import judged_document
from dialgate_gate.verdict.recorded.judged_replies import judge_replies
from dialgate_gate.verdict.sequential.screening import screen_cases

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.licensing.judge_licence import CalibratedLicence


def pair_on_record(
    workspace: Workspace, licence: CalibratedLicence, out: Path
) -> dict[str, Any] | None:
    """The difference in replies of the two newest releases on record, and on what it rests.

    None where fewer than two were run here, or no vote decides in them. Raises RecordError where a
    record is damaged.
    """
    policy = read_policy(workspace.folder, [])
    folders = _two_records(workspace, out)
    if policy is None or folders is None or licence.is_empty:
        return None
    comparison = _compare(workspace, licence, out, folders)
    groups = {group for case in screen_cases(comparison) for group in case.judged.values()}
    found = judge_replies(comparison, policy.gate, know_judge(licence, groups))
    if found is None or comparison.baseline is None:
        return None
    return {
        "baseline": comparison.baseline.release["version"],
        "candidate": comparison.candidate.release["version"],
        **judged_document(found),
    }


def _two_records(workspace: Workspace, out: Path) -> tuple[Path, Path] | None:
    """The newest run of another release, and of this one."""
    release = workspace.release()
    own = newest_record(out, workspace, release)
    key = machine_key()
    others = [
        (str((document.get("times") or {}).get("finished_at")), folder)
        for folder, document in records_of_suite(out, workspace.suite.name)
        if document["release"].get("fingerprint") != release.fingerprint and is_own(document, key)
    ]
    return (max(others)[1], own) if own is not None and others else None


def _compare(
    workspace: Workspace, licence: CalibratedLicence, out: Path, folders: tuple[Path, Path]
) -> RunComparison:
    store = DiskVoteCache(out / VOTES, say=lambda text: say(text, to_stderr=True))
    judged = Panel(workspace.judges, licence=licence, store=store).judged
    scorer = Scorer(tools=workspace.release().tools, actions=workspace.actions, judged=judged)
    baseline, candidate = (
        read_record(folder, cases=workspace.cases, scorer=scorer, suite_name=workspace.suite.name)
        for folder in folders
    )
    return compare_runs(
        baseline=baseline,
        candidate=candidate,
        case_set=collect_cases(
            workspace.cases, actions=workspace.actions, quarantine=workspace.suite.quarantine
        ),
        class_names=workspace.actions.names,
        deterministic=workspace.suite.deterministic,
    )
