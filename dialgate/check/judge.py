"""By whom a candidate is judged: the base's policy, classes and cases, or the working tree's.

Knows which cases each side runs and what the change did to its own judge; leaves the verdict to
`gate`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from msgspec import structs

from dialgate.check.edited_cases import edited_id
from dialgate_evals.actions.action_classes import ActionRegistry, BlastRadius
from dialgate_evals.actions.rubrics.judge_reading import NOBODY
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.scoring.effective_calls import OtherSide
from dialgate_gate.comparing.judged_cases import (
    CaseSet,
    cases_by_base_id,
    collect_cases,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Quarantine, Suite
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.changes.judged.judge_change import JudgeChange
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.settings.settings import GateSettings


SUITE_CHANGE = "suite-change"
"""The label with which a reviewer allows classes and schemas that excuse."""


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Everything that decides, none of which the change under judgement may choose."""

    settings: GateSettings
    suite: Suite
    actions: ActionRegistry
    case_set: CaseSet
    baseline_cases: tuple[Case, ...]
    candidate_cases: tuple[Case, ...]
    changes: tuple[JudgeChange, ...] = ()
    # what the change does to its judge, allowed or not
    judged_by: str
    suite_digest: str
    digests: Mapping[str, str]
    # of policy.toml, actions.toml, cases and the settings that decide
    own_actions: ActionRegistry | None = None
    # the change's own classes, by which its calls are judged as well; None: a reviewer allowed it

    def other_side(self, baseline: Release | None) -> OtherSide | None:
        """By what the candidate's calls are judged beside its own schemas and the judge's classes.

        None where the baseline's schemas aren't known, or a reviewer allowed the suite's change.
        """
        if baseline is None or self.own_actions is None:
            return None
        return OtherSide(tools=baseline.tools, actions=self.own_actions)


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
    judges = {} if workspace.judges is NOBODY else {"judge.toml": workspace.judges.digest}
    return {
        **judges,
        "policy.toml": digest_of(settings.policy.document),
        "actions.toml": digest_of(workspace.actions_document),
        "cases": digest_of({case.id: case.digest for case in workspace.cases}),
        "suite.toml": digest_of(deciding),
    }


def judge_of_working_tree(
    workspace: Workspace,
    settings: GateSettings,
    *,
    recorded: Mapping[str, str] | None = None,
    allowed: Collection[str] = (),
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
        judged_by="the working tree's suite and policy: no base ref is compared with",
        suite_digest=workspace.digest,
        digests=judging_digests(workspace, settings),
        own_actions=None if SUITE_CHANGE in allowed else workspace.actions,
    )


def judge_of_base(
    *,
    base: Workspace,
    base_settings: GateSettings,
    head: Workspace,
    changes: tuple[JudgeChange, ...],
    ref: str,
    allowed: Collection[str] = (),
) -> Judge:
    """The base's policy, classes and cases judge; the change's own cases are added to them.

    Its classes of tools that the base knows none for count with the label `suite-change`; without
    it such a tool is unclassified.

    A case that only got another id or another file is the same case. An edited case decides in
    both versions; the new one names the old one (`edited_from`) and has an id of its own.
    """
    is_allowed = SUITE_CHANGE in allowed
    actions = _merged_actions(base.actions, head.actions) if is_allowed else base.actions
    head_cases = cases_by_base_id(base.cases, head.cases)
    base_by_id = base.cases_by_id
    added = [case for case_id, case in head_cases.items() if case_id not in base_by_id]
    removed = tuple(case_id for case_id in base_by_id if case_id not in head_cases)
    edited = _edited(base_by_id, head_cases)
    shared = (*base.cases, *edited.values())
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
            changed=tuple(edited),
        ),
        baseline_cases=shared,
        candidate_cases=(*shared, *added),
        changes=changes,
        judged_by=f"the suite and policy of {ref}",
        suite_digest=base.digest,
        digests=judging_digests(base, base_settings),
        own_actions=None if is_allowed else head.actions,
    )


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


def _edited(base: Mapping[str, Case], head: Mapping[str, Case]) -> dict[str, Case]:
    """The new versions of the cases that the change edited, by the id that the base knows."""
    taken = {*base, *head, *(case.id for case in head.values())}
    return {
        case_id: structs.replace(case, id=edited_id(case_id, taken), edited_from=case_id)
        for case_id, case in head.items()
        if case_id in base and base[case_id].digest != case.digest
    }


def _quarantine(items: Sequence[Quarantine], edited: Mapping[str, Case]) -> tuple[Quarantine, ...]:
    """The base's quarantine; the new version of a quarantined case is in it too."""
    more = [replace(item, case=edited[item.case].id) for item in items if item.case in edited]
    return (*items, *more)
