"""What is wrong between policy, dial, runbook and the suite they belong to.

Leaves cases, tools and classes to `dialgate_evals.suite.linting.lint`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.suggest import suggest_word
from dialgate_gate.settings.lease_lint import lint_leases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.settings import GateSettings


def lint_settings(
    workspace: Workspace, settings: GateSettings, release: Release | None
) -> list[Problem]:
    """Every name in policy, dial and runbook that means nothing, and margins nobody can meet."""
    folder = workspace.folder
    policy, dial, runbook = settings.policy, settings.dial, settings.runbook
    names = workspace.actions.names
    return [
        *_unknown_classes(
            show_path(folder / "policy.toml"), "gate.class", policy.gate.classes, names
        ),
        *_unknown_classes(show_path(folder / "dial.toml"), "class", dial.entries, names),
        *_unknown_classes(
            show_path(folder / "runbook.toml"), "compensation", runbook.compensation, names
        ),
        *_compensation_problems(workspace, settings, release),
        *_margin_problems(workspace, settings),
        *_signed_modes(workspace, settings),
        *_unknown_classes(show_path(folder / "policy.toml"), "ceiling", policy.ceiling, names),
        *lint_leases(folder, workspace.actions, settings),
        *_swinging_steps(workspace, settings),
        *_keyless_steps(workspace, settings),
        *_labels_of_earlier_days(workspace, settings),
    ]


def _labels_of_earlier_days(workspace: Workspace, settings: GateSettings) -> Iterator[Problem]:
    """A label that `--allow` no longer knows: what it allowed is suite-change's."""
    if "policy-change" in settings.policy.gate.allow:
        yield Problem(
            file=show_path(workspace.folder / "policy.toml"),
            place="gate.allow",
            found='"policy-change", which allows nothing',
            expected="suite-change or runbook-change",
            advice="Thresholds and classes are allowed by suite-change.",
            severity="warning",
        )


def _unknown_classes(
    file: str, key: str, named: Iterable[str], known: Iterable[str]
) -> Iterator[Problem]:
    for name in named:
        if name not in known:
            yield Problem(
                file=file,
                place=f'{key}."{name}"',
                found="an unknown action class",
                expected="a class of actions.toml",
                advice=suggest_word(name, known),
            )


def _compensation_problems(
    workspace: Workspace, settings: GateSettings, release: Release | None
) -> Iterator[Problem]:
    file = show_path(workspace.folder / "runbook.toml")
    cases = workspace.cases_by_id
    for name, item in settings.runbook.compensation.items():
        if item.case not in cases:
            yield Problem(
                file=file,
                place=f'compensation."{name}".case',
                found=f'the unknown case "{item.case}"',
                expected="the id of a case of the suite",
                advice=suggest_word(item.case, cases),
            )
        if release is not None and item.tool not in release.tools:
            yield Problem(
                file=file,
                place=f'compensation."{name}".tool',
                found=f'the unknown tool "{item.tool}"',
                expected="a tool of tools.json",
                advice=suggest_word(item.tool, [tool.name for tool in release.tools]),
            )


def _margin_problems(workspace: Workspace, settings: GateSettings) -> Iterator[Problem]:
    """A margin of 0 can be met by a deterministic agent only: any sample leaves a doubt."""
    if workspace.suite.deterministic:
        return
    gate = settings.policy.gate
    places = {f'gate.class."{name}".margin': item.margin for name, item in gate.classes.items()}
    places["gate.default.margin"] = gate.default.margin
    for place, margin in places.items():
        if margin == 0:
            yield Problem(
                file=show_path(workspace.folder / "policy.toml"),
                place=place,
                found="a margin of 0 for an agent that is not deterministic",
                expected="a margin that trials can exclude",
                advice="Such a class never passes; use critical cases and max_new_silent = 0.",
                severity="warning",
            )


def _signed_modes(workspace: Workspace, settings: GateSettings) -> Iterator[Problem]:
    for name, entry in settings.dial.entries.items():
        action_class = workspace.actions.get(name)
        if action_class is None or entry.mode is not Mode.OUT_OF_THE_LOOP:
            continue
        if not action_class.reversible or action_class.blast_radius.value == "high":
            yield Problem(
                file=show_path(workspace.folder / "dial.toml"),
                place=f'class."{name}".mode',
                found="out_of_the_loop for an irreversible or high-blast-radius class",
                expected="at most on_the_loop",
            )


def _swinging_steps(workspace: Workspace, settings: GateSettings) -> Iterator[Problem]:
    """A promotion limit at or over the demotion limit: a class could rise and fall at one rate."""
    demote = settings.policy.demote
    for mode, step in settings.policy.ladder.items():
        rate = step.intervention_rate
        if demote is None or rate is None or rate < demote.intervention_rate:
            continue
        yield Problem(
            file=show_path(workspace.folder / "policy.toml"),
            place=f"ladder.{mode.value}.intervention_rate",
            found=f"{rate:g}, not under demote.intervention_rate ({demote.intervention_rate:g})",
            expected="a promotion limit under the demotion limit",
            advice="Else a class rises and falls at the same rate.",
            severity="warning",
        )


def _keyless_steps(workspace: Workspace, settings: GateSettings) -> Iterator[Problem]:
    """A mode that asks for a signed verdict where nobody's signature counts is never reached."""
    if settings.policy.attestation.keys:
        return
    for mode, step in settings.policy.ladder.items():
        if "attestation" in step.requires:
            yield Problem(
                file=show_path(workspace.folder / "policy.toml"),
                place=f"ladder.{mode.value}.requires",
                found='"attestation", and no [attestation] keys',
                expected="the public keys whose signatures count",
                advice="Name them in attestation.keys.",
            )
