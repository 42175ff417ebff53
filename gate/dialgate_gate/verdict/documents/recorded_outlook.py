"""What recorded or deterministic trials could show, and where to go from an undecided verdict.

Computed by the tests that decide, on the baseline against itself with a case broken, and by the
power of the suite's test. Leaves live agents, whose gates are simulated, to `planning.look_ahead`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import FailOn
from dialgate_gate.statistics import PairedCounts, loss_power, regression_p_value
from dialgate_gate.verdict.outlook import Detection, NextStep, Outlook

if TYPE_CHECKING:
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.verdict import ReleaseVerdict

_LOSSES = (0.10, 0.20)
_BLIND = 0.1
# found less often than this is not seen


def find_outlook(verdict: ReleaseVerdict, policy: GatePolicy) -> Outlook:
    """What the check could see, and a step where it is undecided.

    Where going on from fresh trials would not decide, the step is to ask what would. Nothing is
    said where there is no baseline or the evidence can't be trusted.
    """
    if verdict.comparison.baseline is None or verdict.verdict is Verdict.INVALID:
        return Outlook()
    known = verdict.confirmed.outlook if verdict.confirmed else None
    step = known.next_step if known else None
    if step is None and verdict.verdict is Verdict.INCONCLUSIVE:
        step = NextStep(command="dialgate plan SUITE", agent_calls=0, chance=None)
    if known is not None:
        return Outlook(detection=known.detection, next_step=step)
    is_certain = verdict.comparison.deterministic
    found = _certain(verdict, policy) if is_certain else _recorded(verdict, policy)
    return Outlook(detection=found, next_step=step)


def _recorded(verdict: ReleaseVerdict, policy: GatePolicy) -> Detection:
    """By the exact test over the suite; classes share alpha and find less or later."""
    counts, level = verdict.comparison.suite.comparable, verdict.suite.level
    fails_on_any = policy.suite_fails_on(_names(verdict)) is FailOn.CASE
    losses = {
        loss: loss_power(counts, loss, level)
        for loss in _LOSSES
        if fails_on_any or loss <= policy.margin
    }
    losses = {loss: chance if fails_on_any else 0.0 for loss, chance in losses.items()}
    broken = _one_broken(verdict, level) if fails_on_any else _critical_share(verdict)
    blind = [_points(loss) for loss, chance in losses.items() if chance < _BLIND]
    if broken < _BLIND:
        blind.insert(0, "one case that breaks (its trials can't be run again to confirm it)")
    return Detection(broken_case=broken, loss=losses, blind_to=tuple(blind))


def _points(loss: float) -> str:
    return f"a loss of {100 * loss:.0f} points"


def _names(verdict: ReleaseVerdict) -> list[str]:
    return [item.action_class for item in verdict.classes]


def _critical_share(verdict: ReleaseVerdict) -> float:
    cases = verdict.comparison.case_set.deciding
    return sum(case.critical for case in cases) / len(cases) if cases else 0.0


def _one_broken(verdict: ReleaseVerdict, level: float) -> float:
    """Of the cases that the baseline passes: how many would fail the suite by breaking alone."""
    counts = verdict.comparison.suite.comparable
    passed, trials = counts.baseline_passed, counts.baseline_trials
    now = np.minimum(counts.candidate_trials, trials)
    holding = np.flatnonzero(2 * passed > trials)
    if not len(holding):
        return 0.0
    share, found = _critical_share(verdict), 0.0
    kinds, sizes = np.unique(
        np.stack([passed[holding], trials[holding], now[holding]]), axis=1, return_counts=True
    )
    for kind, size in zip(kinds.T, sizes, strict=True):
        place = holding[
            (passed[holding] == kind[0]) & (trials[holding] == kind[1]) & (now[holding] == kind[2])
        ][0]
        same = np.round(passed / np.maximum(trials, 1) * now).astype(np.int64)
        same[place] = 0
        broken = PairedCounts(
            baseline_passed=passed,
            baseline_trials=trials,
            candidate_passed=same,
            candidate_trials=now,
        )
        found += int(size) * (regression_p_value(broken).p_value <= level)
    return float(share + (1 - share) * found / len(holding))


def _certain(verdict: ReleaseVerdict, policy: GatePolicy) -> Detection:
    """A deterministic agent's changed outcome is certain; what it fails is the policy's to say."""
    cases = verdict.comparison.case_set.deciding
    rules = {item.action_class: item.rules for item in verdict.classes}
    sizes = {item.action_class: item.comparison.candidate.cases for item in verdict.classes}
    failing = sum(
        case.critical
        or 1 / max(len(cases), 1) > policy.margin
        or any(
            rules[name].fail_on is FailOn.CASE or 1 / max(sizes[name], 1) > rules[name].margin
            for name in case.classes
            if name in rules
        )
        for case in cases
    )
    broken = failing / len(cases) if cases else 0.0
    losses = {loss: 1.0 for loss in _LOSSES if broken >= 1 or loss > policy.margin}
    blind = () if broken >= 1 else ("a broken case whose class tolerates it within its margin",)
    return Detection(broken_case=broken, loss=losses, blind_to=blind)
