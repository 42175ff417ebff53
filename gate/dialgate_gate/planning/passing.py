"""Where a policy can't let a harmless release pass: by arithmetic, no gate is simulated.

Bounds from below, so what is named never passes; leaves how often the rest passes to
`planning.plan`.
"""

from __future__ import annotations

from collections import Counter
from math import ceil, log
from typing import TYPE_CHECKING

from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.verdict.sequential.unit import PASS_ERROR
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.comparing.judged_cases import JudgedCase
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.settings.settings import GateSettings


def guard_trials(margin: float) -> int:
    """Trials without a failure that exclude a loss of the margin; fewer never do.

    >>> guard_trials(0.05)
    59
    """
    return ceil(log(PASS_ERROR) / log(1 - margin))


def lint_passing(workspace: Workspace, settings: GateSettings) -> list[Problem]:
    """Why a harmless release could never pass with this policy on these cases; warnings."""
    policy = settings.policy.gate
    cases = collect_cases(
        workspace.cases, actions=workspace.actions, quarantine=workspace.suite.quarantine
    ).deciding
    file = show_path(workspace.folder / "policy.toml")
    found = [*_too_few_cases(file, policy, cases)]
    can_run = workspace.suite.agent.kind is not AgentKind.TRANSCRIPT
    if can_run and not workspace.suite.deterministic and policy.confirm_trials:
        found += _budget(file, policy, cases, workspace.suite.trials)
    return found


def least_calls(policy: GatePolicy, cases: Sequence[JudgedCase], trials: int) -> int:
    """Agent calls without which nothing passes, the baseline being on record.

    The candidate's first trials, and the floor of the strictest margin that the policy names;
    of classes that share no case, the floors together.
    """
    names = Counter(name for case in cases for name in case.classes)
    margins = {name: policy.for_class(name).margin for name in names}
    floors = [guard_trials(m) for m in margins.values() if m is not None and 0 < m < 1]
    if any(len(case.classes) > 1 for case in cases):
        floors = [max(floors, default=0)]
    suite = guard_trials(policy.margin) if 0 < policy.margin < 1 else 0
    return max(len(cases) * trials, sum(floors), suite)


def _too_few_cases(file: str, policy: GatePolicy, cases: Sequence[JudgedCase]) -> Iterator[Problem]:
    there = Counter(name for case in cases for name in case.classes)
    for name, number in sorted(there.items()):
        least = policy.for_class(name).min_cases
        if number < least:
            named = name in policy.classes
            yield Problem(
                file=file,
                place=f'gate.class."{name}".min_cases' if named else "gate.default.min_cases",
                found=f"{least}, and {count_of(number, 'case')} of {name} in the suite",
                expected="no more than the cases that there are",
                advice=f"No release passes so. Add cases of {name}, or ask for fewer.",
                severity="warning",
            )


def _budget(
    file: str, policy: GatePolicy, cases: Sequence[JudgedCase], trials: int
) -> Iterator[Problem]:
    if policy.margin <= 0:
        yield Problem(
            file=file,
            place="gate.margin",
            found="a margin of 0 for an agent that is not deterministic",
            expected="a margin that trials can exclude",
            advice="No release passes so; 0.05 is the default.",
            severity="warning",
        )
    least = least_calls(policy, cases, trials)
    if cases and policy.max_agent_calls < least:
        yield Problem(
            file=file,
            place="gate.max_agent_calls",
            found=f"{policy.max_agent_calls}, which pays for no passing release",
            expected=f"at least {least}",
            advice=(
                f"{count_of(len(cases), 'case')} at {count_of(trials, 'trial')} and a margin of "
                f"{policy.margin:g} take that many; `dialgate plan` says what is usual."
            ),
            severity="warning",
        )
