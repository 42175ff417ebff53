"""The short way of `check`: nothing that decides differs from the base, so nothing is run.

See docs/adr/0007 for when it is taken. Leaves the verdict to `documents.unchanged`, and everything
that is not unchanged to `dialgate.check.checking`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from dialgate.changes.baselines import RecordBaseline, ReleaseFileBaseline
from dialgate.changes.comparing import read_side
from dialgate.check.candidate import laid_out_candidate, may_be_on_record
from dialgate.check.change_survey import survey_against
from dialgate.check.check_inputs import reproduce_line
from dialgate.check.commits import name_commits
from dialgate.check.ledger_state import ledger_head, verify_dial
from dialgate.check.sealing import seal_document, why_not_sealed
from dialgate.git.base_files import laid_out
from dialgate.git.base_ref import GitBaseline, suite_path_at
from dialgate.git.base_tree import base_folder
from dialgate.git.change_tree import looking_ahead
from dialgate.git.git_checkout import open_checkout
from dialgate.runs.code_that_ran import differ_from
from dialgate.runs.loaded_files import LoadedFiles
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.changes.suite_changes import compare_sides
from dialgate_gate.verdict.documents.occasion import Occasion
from dialgate_gate.verdict.documents.unchanged import (
    build_unchanged_document,
    is_unchanged,
    may_be_unchanged,
    only_adds_cases,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from dialgate.check.check_inputs import CheckInputs
    from dialgate.runs.recorded_run import RunOptions
    from dialgate_gate.changes.component_change import ComponentChange
    from dialgate_gate.changes.suite_changes import ComparedSide
    from dialgate_gate.comparing.run_evidence import RunEvidence


class _Asked(NamedTuple):
    """What the person asked with, as far as the document says it."""

    release: str | None
    allow: tuple[str, ...]
    at: str


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Both sides of a check as they were read, and what differs between them."""

    before: ComparedSide
    now: ComparedSide
    changes: Sequence[ComponentChange]
    is_harmless: bool
    # whether nothing that the change touches is its judge's, or may be read by its agent


def compare_inputs(inputs: CheckInputs, out: Path) -> Compared | None:
    """What the short ways judge by; None where `check` has something to judge whatever it is.

    Below `out` lies what earlier runs left. Raises UsageError for a baseline whose files are not
    there to compare.
    """
    baseline, workspace = inputs.baseline, inputs.workspace
    if isinstance(baseline, GitBaseline):
        if suite_path_at(workspace.folder, baseline.commit) is None:
            return None
        if not _loads_the_same(inputs, out):
            return None
        try:
            return _compare_laid_out(inputs, baseline, whole=False)
        except ConfigurationError:
            # A suite that reaches its files through links: see `read_base_side`.
            return _compare_laid_out(inputs, baseline, whole=True)
    before = _baseline_side(inputs)
    if before is None or not _loads_the_same(inputs, out):
        return None
    return _compare(inputs, before, is_harmless=True)


def _compare_laid_out(inputs: CheckInputs, baseline: GitBaseline, *, whole: bool) -> Compared:
    checkout = open_checkout(inputs.workspace.folder)
    assert checkout is not None
    with (
        looking_ahead(checkout),
        laid_out(inputs.workspace.folder, baseline, whole=whole) as folder,
    ):
        base = load_workspace(folder)
        found = _compare(inputs, read_side(base, base.release()), is_harmless=False)
        if not may_be_unchanged(found.now, found.changes):
            return found
        survey = survey_against(inputs, baseline, base, base_side=found.before, head_side=found.now)
        return replace(found, is_harmless=not survey.changes and may_be_on_record(survey, base))


def _compare(inputs: CheckInputs, before: ComparedSide, *, is_harmless: bool) -> Compared:
    now = read_side(inputs.workspace, inputs.candidate)
    changes = compare_sides(baseline=before, candidate=now)
    return Compared(before=before, now=now, changes=changes, is_harmless=is_harmless)


def judge_unchanged(
    inputs: CheckInputs,
    compared: Compared,
    *,
    release: str | None,
    allow: tuple[str, ...],
    require_sealed: bool = False,
    at: str = "",
) -> dict[str, Any] | None:
    """The verdict document of an unchanged release; None where `check` has something to judge.

    `release` and `allow` are what the person asked with.
    """
    workspace = inputs.workspace
    if not is_unchanged(compared.now, compared.changes) or not compared.is_harmless:
        return None
    if not isinstance(inputs.baseline, GitBaseline):
        verify_dial(workspace.folder, inputs.settings.dial)
    why = _unsealed(inputs)
    if why and (require_sealed or inputs.settings.policy.gate.require_sealed):
        return None
    asked = _Asked(release=release, allow=allow, at=at)
    return _document(inputs, compared, why=why, asked=asked)


def judge_added_cases(
    inputs: CheckInputs,
    compared: Compared,
    *,
    release: str | None,
    allow: tuple[str, ...],
    options: RunOptions,
    require_sealed: bool = False,
    at: str = "",
) -> dict[str, Any] | None:
    """The verdict where the release is the base's and the change only adds cases, which are run.

    None where anything else changed, or an added case could not be run: `check` judges that.
    """
    baseline = inputs.baseline
    if not isinstance(baseline, GitBaseline):
        return None
    workspace, before = inputs.workspace, compared.before
    if not only_adds_cases(compared.now, compared.changes) or not compared.is_harmless:
        return None
    walls = None if options.cluster is None else options.cluster.walls(before.suite)
    why = why_not_sealed(baseline, judging=before.suite, folder=workspace.folder, walls=walls)
    if why and (require_sealed or inputs.settings.policy.gate.require_sealed):
        return None
    new = {change.path for change in compared.changes if change.triggers}
    added = _run_added(inputs, baseline, new, allow=allow, options=options)
    if any(score.passed is None for score in added.scores) or added.gaps or added.problems:
        return None
    asked = _Asked(release=release, allow=allow, at=at)
    return _document(inputs, compared, why=why, asked=asked, added=added)


def _run_added(
    inputs: CheckInputs,
    baseline: GitBaseline,
    new: Collection[str],
    *,
    allow: tuple[str, ...],
    options: RunOptions,
) -> RunEvidence:
    """Trials of these cases, of the release laid out as `check` lays it out."""
    from dialgate.runs.gathering import gather_evidence  # noqa: PLC0415 - loads what runs agents

    home = inputs.workspace.folder
    checkout = open_checkout(home)
    assert checkout is not None
    with base_folder(inputs.workspace, baseline) as folder:
        base = load_workspace(folder, home=home)
        survey = survey_against(inputs, baseline, base)
        most = inputs.settings.policy.gate.max_agent_calls
        most = most if options.most_calls is None else min(most, options.most_calls)
        with laid_out_candidate(
            survey, checkout, home=home, release_file=inputs.release_file, allowed=allow
        ) as candidate:
            run = gather_evidence(
                candidate.workspace,
                candidate.release,
                cases=[case for case in inputs.workspace.cases if case.id in new],
                actions=base.actions,
                options=replace(options, most_calls=most),
            )
    return run.evidence


def _document(
    inputs: CheckInputs,
    compared: Compared,
    *,
    why: tuple[str, ...],
    asked: _Asked,
    added: RunEvidence | None = None,
) -> dict[str, Any]:
    workspace = inputs.workspace
    document = build_unchanged_document(
        baseline=compared.before,
        candidate=compared.now,
        changes=compared.changes,
        baseline_place=_place(inputs),
        suite_digest=workspace.digest,
        allowed=asked.allow,
        occasion=Occasion(
            at=asked.at,
            commits=name_commits(workspace.folder, inputs.baseline),
            reproduce=reproduce_line(workspace.folder, asked.release),
        ),
        added=added,
    )
    document["lease_warning"] = inputs.lease_warning()
    head = ledger_head(workspace.folder)
    seal_document(document, why=why, changes=(), allowed=asked.allow, ledger_head=head)
    return document


def _unsealed(inputs: CheckInputs) -> tuple[str, ...]:
    """Why the comparison isn't sealed: nothing was run, so that walls don't matter."""
    if isinstance(inputs.baseline, GitBaseline):
        return ()
    suite = inputs.workspace.suite
    return why_not_sealed(inputs.baseline, judging=suite, folder=inputs.workspace.folder)


def _loads_the_same(inputs: CheckInputs, out: Path) -> bool:
    """Whether what the agent is known to load is the baseline's too, with the lock files beside.

    No where nobody knows what it loads: what is declared of a release doesn't say what runs.
    """
    workspace, baseline = inputs.workspace, inputs.baseline
    files = LoadedFiles(workspace=workspace, release=inputs.candidate, out=out)
    known = files.known()
    if known is None:
        return False
    if not isinstance(baseline, GitBaseline) or not files.is_code:
        return True
    # What the release lists is compared as its components are: line ends don't count.
    listed = {*inputs.candidate.code, *inputs.candidate.prompts}
    named = (*(name for name in known if name not in listed), *files.lock_places(known))
    return not differ_from(workspace.folder, baseline.commit, named)


def _baseline_side(inputs: CheckInputs) -> ComparedSide | None:
    """A baseline that is no commit, with its suite; None for a first release."""
    baseline, workspace = inputs.baseline, inputs.workspace
    if isinstance(baseline, ReleaseFileBaseline):
        return read_side(workspace, workspace.release(baseline.path))
    if not isinstance(baseline, RecordBaseline):
        return None
    raise UsageError(
        f"--if-changed can't compare with the record {baseline.folder.as_posix()}: it holds the "
        "digests of a release, not its files. Name a git ref or a release file."
    )


def _place(inputs: CheckInputs) -> str:
    baseline = inputs.baseline
    if isinstance(baseline, ReleaseFileBaseline):
        return baseline.path.as_posix()
    return str(baseline)
