"""By whom a candidate is judged: the base's policy, classes and cases, or the working tree's.

Knows which cases each side runs and what the change did to its own judge; leaves the verdict to
`gate`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import ActionRegistry, BlastRadius
from dialgate_evals.files.json_text import digest_of
from dialgate_gate.changes.loosened import find_loosened
from dialgate_gate.comparing.judged_cases import (
    CaseSet,
    cases_by_base_id,
    collect_cases,
    with_base_ids,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.suite import Quarantine, Suite
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.policy import GatePolicy
    from dialgate_gate.settings.settings import GateSettings

EDITED = " (edited)"
"""Behind the id of an edited case's new version, which is judged beside the old one."""


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Everything that decides, none of which the change under judgement may choose."""

    settings: GateSettings
    suite: Suite
    actions: ActionRegistry
    case_set: CaseSet
    baseline_cases: tuple[Case, ...]
    candidate_cases: tuple[Case, ...]
    loosened: tuple[str, ...] = ()
    judged_by: str
    suite_digest: str
    digests: Mapping[str, str]
    # of policy.toml, actions.toml, cases and the settings that decide


def judged_policy(judge: Judge) -> GatePolicy:
    """The gate's policy with the classes that are grave by the judge's actions."""
    grave = frozenset(
        item.name
        for item in judge.actions.classes
        if item.blast_radius is BlastRadius.HIGH or not item.reversible
    )
    return replace(judge.settings.policy.gate, grave=grave)


def judging_digests(workspace: Workspace, settings: GateSettings) -> dict[str, str]:
    """Digests of everything of a suite's folder that has a say in a verdict, as data."""
    suite = workspace.suite
    deciding = {
        "trials": suite.trials,
        "deterministic": suite.deterministic,
        "max_infra_error_rate": suite.max_infra_error_rate,
        "quarantine": sorted([item.case, item.until.isoformat()] for item in suite.quarantine),
        "simulator": workspace.simulator_digest,
    }
    return {
        "policy.toml": digest_of(settings.policy.document),
        "actions.toml": digest_of(workspace.actions_document),
        "cases": digest_of({case.id: case.digest for case in workspace.cases}),
        "suite.toml": digest_of(deciding),
    }


def judge_of_working_tree(
    workspace: Workspace, settings: GateSettings, *, recorded: Mapping[str, str] | None = None
) -> Judge:
    """The working tree judges itself; `recorded` holds the case digests of a run record."""
    case_set = collect_cases(
        workspace.cases,
        actions=workspace.actions,
        quarantine=workspace.suite.quarantine,
        base=recorded,
    )
    return Judge(
        settings=settings,
        suite=workspace.suite,
        actions=workspace.actions,
        case_set=case_set,
        baseline_cases=workspace.cases,
        candidate_cases=workspace.cases,
        judged_by="the working tree's suite and policy: there is no base ref",
        suite_digest=workspace.digest,
        digests=judging_digests(workspace, settings),
    )


def judge_of_base(
    *,
    base: Workspace,
    base_settings: GateSettings,
    head: Workspace,
    head_settings: GateSettings,
    ref: str,
) -> Judge:
    """The base's policy, classes and cases judge; the change's own cases are added to them.

    A case that only got another id or another file is the same case. An edited case decides in
    both versions, the new one under its id with ` (edited)` behind it.
    """
    actions = _merged_actions(base.actions, head.actions)
    head_cases = cases_by_base_id(base.cases, head.cases)
    base_by_id = base.cases_by_id
    added = [case for case_id, case in head_cases.items() if case_id not in base_by_id]
    removed = tuple(case_id for case_id in base_by_id if case_id not in head_cases)
    edited = [
        _renamed(case, case_id + EDITED)
        for case_id, case in head_cases.items()
        if case_id in base_by_id and base_by_id[case_id].digest != case.digest
    ]
    shared = (*base.cases, *edited)
    case_set = collect_cases(
        (*shared, *added), actions=actions, quarantine=_quarantine(base.suite.quarantine, edited)
    )
    return Judge(
        settings=base_settings,
        suite=base.suite,
        actions=actions,
        case_set=replace(
            case_set,
            added=tuple(case.id for case in added),
            removed=removed,
            changed=tuple(case.id.removesuffix(EDITED) for case in edited),
        ),
        baseline_cases=shared,
        candidate_cases=(*shared, *added),
        loosened=_changed_simulator(base, head)
        + find_loosened(
            base_policy=base_settings.policy,
            head_policy=head_settings.policy,
            base_suite=base.suite,
            head_suite=with_base_ids(head.suite, head_cases),
            base_actions=base.actions,
            head_actions=head.actions,
        ),
        judged_by=f"the suite and policy of {ref}",
        suite_digest=base.digest,
        digests=judging_digests(base, base_settings),
    )


def _changed_simulator(base: Workspace, head: Workspace) -> tuple[str, ...]:
    """What answers the agent is part of the judge: another simulator measures another thing."""
    if base.simulator_digest == head.simulator_digest:
        return ()
    sentence = (
        "The change edits the simulator that answers the agent's calls. Change it in a change of "
        "its own, or have a reviewer allow it with --allow policy-change."
    )
    return (sentence,)


def _merged_actions(base: ActionRegistry, head: ActionRegistry) -> ActionRegistry:
    """The base's classes, and the change's for tools that the base doesn't know."""
    known = {tool for item in base.classes for tool in item.tools}
    fresh = tuple(
        replace(item, tools=tuple(tool for tool in item.tools if tool not in known))
        for item in head.classes
    )
    return ActionRegistry(
        classes=(*base.classes, *(item for item in fresh if item.tools)),
        rules={
            **{tool: rules for tool, rules in head.rules.items() if tool not in known},
            **base.rules,
        },
    )


def _renamed(case: Case, case_id: str) -> Case:
    return replace(case, id=case_id)


def _quarantine(items: Sequence[Quarantine], edited: Sequence[Case]) -> tuple[Quarantine, ...]:
    """The base's quarantine; the new version of a quarantined case is in it too."""
    known = {item.case: item for item in items}
    versions = [case.id for case in edited if case.id.removesuffix(EDITED) in known]
    more = [replace(known[case_id.removesuffix(EDITED)], case=case_id) for case_id in versions]
    return (*items, *more)
