"""Two sides of a suite, each with its release: everything that differs, and whom it may affect.

Pure; puts together releases, cases and settings, and says per action class which changes may touch
it. Leaves reading the sides to `dialgate` and showing to `reports`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.actions.rubrics.judge_reading import NOBODY
from dialgate_gate.changes.changed_cases import compare_cases
from dialgate_gate.changes.changed_judges import compare_judges, judge_key_changes
from dialgate_gate.changes.changed_settings import (
    compare_classes,
    compare_dials,
    compare_policies,
    compare_runbooks,
    compare_suites,
)
from dialgate_gate.changes.component_change import COMPONENTS, ComponentChange
from dialgate_gate.changes.judged.case_edits import case_changes
from dialgate_gate.changes.judged.judge_change import JudgeChange, in_order
from dialgate_gate.changes.judged.runbook_keys import runbook_key_changes
from dialgate_gate.changes.loosened import find_loosened
from dialgate_gate.changes.release_changes import changes_and_tools
from dialgate_gate.comparing.judged_cases import cases_by_base_id, with_base_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.rubrics.judge_settings import JudgeSettings
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite
    from dialgate_gate.settings.settings import GateSettings


@dataclass(frozen=True, kw_only=True)
class ComparedSide:
    """One side: a release and the suite that it is measured by."""

    release: Release
    suite: Suite
    cases: tuple[Case, ...]
    actions: ActionRegistry
    settings: GateSettings
    simulator_digest: str | None = None
    # None: the suite has no simulator
    transcripts_digest: str | None = None
    # None: the suite runs its agent
    judges: JudgeSettings = NOBODY
    # judge.toml
    named_baseline: str | None = None
    # the ref in baseline.toml; None: the suite has none


def compare_sides(
    *, baseline: ComparedSide, candidate: ComparedSide
) -> tuple[ComponentChange, ...]:
    """Every difference: the release's first, then the judge's, then what triggers nothing."""
    every = _class_names(baseline.actions, candidate.actions)
    found = [
        *_release_changes(baseline, candidate, every),
        *compare_cases(
            baseline=baseline.cases,
            candidate=candidate.cases,
            baseline_actions=baseline.actions,
            candidate_actions=candidate.actions,
        ),
        *compare_classes(baseline=baseline.actions, candidate=candidate.actions),
        *compare_policies(
            baseline=baseline.settings.policy,
            candidate=candidate.settings.policy,
            all_classes=every,
        ),
        *compare_suites(
            baseline=baseline.suite,
            candidate=_suite_of(baseline=baseline, candidate=candidate),
            all_classes=every,
        ),
        *_file_changes(baseline, candidate, every),
        *compare_judges(baseline=baseline.judges, candidate=candidate.judges, all_classes=every),
        *compare_dials(baseline=baseline.settings.dial, candidate=candidate.settings.dial),
        *compare_runbooks(baseline=baseline.settings.runbook, candidate=candidate.settings.runbook),
    ]
    return tuple(sorted(found, key=lambda change: change.order))


def judge_changes_between(
    *, baseline: ComparedSide, candidate: ComparedSide
) -> tuple[JudgeChange, ...]:
    """Everything in the files of the two sides by which the candidate's weakens its own judge.

    Leaves paths that no setting names, and the dial with its ledger, to who reads the repository.
    """
    loosened = find_loosened(
        base_policy=baseline.settings.policy,
        head_policy=candidate.settings.policy,
        base_suite=baseline.suite,
        head_suite=_suite_of(baseline=baseline, candidate=candidate),
        base_actions=baseline.actions,
        head_actions=candidate.actions,
    )
    runbooks = runbook_key_changes(
        "runbook.toml",
        baseline=asdict(baseline.settings.runbook),
        candidate=asdict(candidate.settings.runbook),
    )
    cases = case_changes(baseline=baseline.cases, candidate=candidate.cases)
    judges = judge_key_changes(baseline=baseline.judges, candidate=candidate.judges)
    simulator = _changed_simulator(baseline, candidate)
    return in_order((*loosened, *runbooks, *cases, *judges, *simulator))


def _changed_simulator(baseline: ComparedSide, candidate: ComparedSide) -> tuple[JudgeChange, ...]:
    """What answers the agent is part of the judge: another simulator measures another thing."""
    if baseline.simulator_digest == candidate.simulator_digest:
        return ()
    detail = "edits the simulator that answers the agent's calls"
    return (JudgeChange(path="suite.toml tools.simulator", detail=detail),)


def _suite_of(*, baseline: ComparedSide, candidate: ComparedSide) -> Suite:
    """The candidate's suite; a quarantined case that was renamed is under its old name."""
    return with_base_ids(candidate.suite, cases_by_base_id(baseline.cases, candidate.cases))


def affected_classes(changes: Sequence[ComponentChange]) -> dict[str, tuple[str, ...]]:
    """For each class that a triggering change may affect: `component path` of these changes."""
    found: dict[str, list[str]] = {}
    for change in changes:
        for name in change.classes if change.triggers else ():
            found.setdefault(name, []).append(f"{change.component} {change.path}".rstrip())
    return {name: tuple(found[name]) for name in sorted(found)}


def equal_components(
    changes: Sequence[ComponentChange], candidate: ComparedSide
) -> tuple[str, ...]:
    """The components that are there and in which nothing differs."""
    changed = {change.component for change in changes}
    optional = {
        "transcripts": candidate.transcripts_digest,
        "simulator": candidate.simulator_digest,
        "judge": None if candidate.judges is NOBODY else candidate.judges.digest,
        "baseline": candidate.named_baseline,
    }
    absent = {name for name, value in optional.items() if value is None}
    return tuple(name for name in COMPONENTS if name not in changed | absent)


def _class_names(*registries: ActionRegistry) -> tuple[str, ...]:
    return tuple(sorted({name for registry in registries for name in registry.names}))


def _release_changes(
    baseline: ComparedSide, candidate: ComparedSide, every: tuple[str, ...]
) -> Iterator[ComponentChange]:
    """The release's differences; a tool's touch the classes of its calls, any other all."""
    for change, tool in changes_and_tools(baseline.release, candidate.release):
        classes = every
        if tool is not None:
            sides = (baseline.actions, candidate.actions)
            names = {tool, change.get("was", tool)}
            found = {
                item.name for side in sides for name in names for item in side.classes_of_tool(name)
            }
            classes = tuple(sorted(found)) or (UNCLASSIFIED.name,)
        yield ComponentChange(
            component=change["component"],
            path=change["path"],
            kind=change["kind"],
            detail=change["detail"],
            classes=classes,
            difference=tuple(change.get("difference", ())),
            tool=tool,
        )


def _file_changes(
    baseline: ComparedSide, candidate: ComparedSide, every: tuple[str, ...]
) -> Iterator[ComponentChange]:
    """Simulator and transcripts, known by their digest, and the ref in baseline.toml."""
    for component, before, now, detail in (
        (
            "simulator",
            baseline.simulator_digest,
            candidate.simulator_digest,
            "What answers the agent's calls differs.",
        ),
        (
            "transcripts",
            baseline.transcripts_digest,
            candidate.transcripts_digest,
            "What was recorded of the release differs.",
        ),
    ):
        if before != now:
            yield ComponentChange(
                component=component, path="", kind=_kind(before, now), detail=detail, classes=every
            )
    old, new = baseline.named_baseline, candidate.named_baseline
    if old != new:
        detail = f"{old or 'none'} → {new or 'none'}; it counts once it is on the main branch."
        yield ComponentChange(
            component="baseline", path="", kind=_kind(old, new), detail=detail, triggers=False
        )


def _kind(before: str | None, now: str | None) -> str:
    if before is None:
        return "added"
    return "removed" if now is None else "changed"
