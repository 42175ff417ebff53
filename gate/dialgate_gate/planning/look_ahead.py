"""What a check could have seen, and what it would take to go on: simulated from where it stands.

Draws success rates from what the trials so far leave possible and runs the real procedure on them.
Steers nothing and decides nothing.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.verdict.blocks.options import RATES
from dialgate_gate.verdict.blocks.steering import group_cases
from dialgate_gate.verdict.outlook import Detection, NextStep, Outlook
from dialgate_gate.verdict.sequential import (
    SUITE,
    SimulatedRelease,
    drive_gate,
    simulate_gate,
)
from dialgate_gate.wording import show_rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.class_rules import ClassRules
    from dialgate_gate.verdict.sequential import GateDecision, SequentialGate

    Rates = NDArray[np.float64]
    Loss = Callable[[Rates, np.random.Generator], Rates]

_GATES = 20
_LOSSES = (0.10, 0.20)
_BLIND = 0.1
# a kind of loss found less often than this is one that the check doesn't see
_LEAST_CHANCE = 0.1
# a step that decides less often is none


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the trials so far leave possible, and by what it is judged."""

    passes: tuple[int, ...]
    # by case
    trials: tuple[int, ...]
    classes: tuple[tuple[str, ...], ...]
    critical: frozenset[int]
    recorded: int
    rules: tuple[tuple[str, ClassRules], ...]
    policy: GatePolicy = field(compare=False)
    policy_text: str
    # what the policy is compared by: a mapping in it can't be hashed


def look_ahead(gate: SequentialGate) -> Outlook:
    """Detection for every verdict; a next step where going on may decide."""
    decision = gate.decide(with_bounds=False)
    step = _next_step(gate) if decision.verdict is Verdict.INCONCLUSIVE else None
    return Outlook(detection=detect(gate), next_step=step)


def detect(gate: SequentialGate) -> Detection:
    """How often the check would have found what it looks for, had it been there."""
    barred = [unit.name for unit in gate.rounds.units if unit.name and unit.is_barred]
    found = _detect(_stand(gate))
    blind = [f"any loss of {name}: too few cases, or a margin of 0" for name in barred]
    return replace(found, blind_to=(*found.blind_to, *blind, *_hidden_by_a_judge(gate)))


def _hidden_by_a_judge(gate: SequentialGate) -> list[str]:
    """What the simulated losses, which are none of replies, leave out where votes decide."""
    votes = gate.rounds.suite.votes
    if votes is None:
        return []
    overlooked = 1 - max(votes.errors.youden[0], 0.0)
    return [
        "one case that only a judge's votes find broken",
        f"up to {show_rate(overlooked)} of a loss in replies, which the judge may overlook",
    ]


def _stand(gate: SequentialGate) -> _Standing:
    cases = list(gate.cases.values())
    rounds = gate.rounds
    passes, trials = rounds.known.passes_and_trials(SUITE, rounds.suite.members)
    return _Standing(
        passes=tuple(passes.tolist()),
        trials=tuple(trials.tolist()),
        classes=tuple(case.classes for case in cases),
        critical=frozenset(place for place, case in enumerate(cases) if case.critical),
        recorded=int(np.median([max(case.baseline_trials, 1) for case in cases])),
        rules=tuple((unit.name, unit.rules) for unit in rounds.units if unit.name),
        policy_text=repr(gate.policy),
        policy=gate.policy,
    )


@lru_cache(maxsize=64)
def _detect(standing: _Standing) -> Detection:
    """Worked out once where the same is checked again, as `dialgate watch` does."""
    losses = {loss: _found(standing, partial(_lose, loss)) for loss in _LOSSES}
    broken = _found(standing, _break_one)
    blind = [f"a loss of {100 * loss:.0f} points" for loss in _LOSSES if losses[loss] < _BLIND]
    if broken < _BLIND:
        blind.insert(0, "one case that breaks")
    same = [_simulate(standing, lambda before, _: before, seed) for seed in range(_GATES)]
    passed = sum(decision.verdict is Verdict.PASS for decision in same) / _GATES
    return Detection(
        broken_case=broken, loss=losses, passes_unchanged=passed, blind_to=tuple(blind)
    )


def _found(standing: _Standing, loss: Loss) -> float:
    """The share of simulated gates that fail after this loss."""
    found = (_simulate(standing, loss, seed).verdict for seed in range(_GATES))
    return sum(verdict is Verdict.FAIL for verdict in found) / _GATES


def _lose(loss: float, before: Rates, _: np.random.Generator) -> Rates:
    """Every case passes less often by so much."""
    return np.maximum(before - loss, 0.0)


def _break_one(before: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """One case that passes more often than not breaks fully."""
    now = before.copy()
    holding = np.flatnonzero(before >= 0.5)
    if len(holding):
        now[rng.choice(holding)] = 0.0
    return now


def _simulate(standing: _Standing, loss: Loss, seed: int) -> GateDecision:
    rng = np.random.default_rng([seed, len(standing.trials)])
    before = _draw_rates(standing, rng)
    release = SimulatedRelease(
        baseline_rates=before,
        candidate_rates=loss(before, rng),
        classes=standing.classes,
        critical=standing.critical,
    )
    return simulate_gate(
        release,
        standing.policy,
        rng,
        recorded_trials=standing.recorded,
        rules=dict(standing.rules),
    )


def _draw_rates(standing: _Standing, rng: np.random.Generator) -> NDArray[np.float64]:
    """A rate for each case, from what its trials leave possible."""
    groups = group_cases(np.array(standing.passes), np.array(standing.trials))
    posterior = groups.posterior[groups.of_case]
    places = (posterior.cumsum(axis=1) < rng.random((len(posterior), 1))).sum(axis=1)
    found: NDArray[np.float64] = RATES[np.minimum(places, len(RATES) - 1)]
    return found


def _next_step(gate: SequentialGate) -> NextStep | None:
    """Going on from here with a budget of the same size: calls of 8 in 10, and the chance."""
    calls = []
    standing = _stand(gate)
    for seed in range(_GATES):
        rng = np.random.default_rng([seed, 1, len(gate.cases)])
        further = deepcopy(gate)
        further.carried = further.agent_calls
        further.budget_spent = False
        further.asked.clear()
        before = _draw_rates(standing, rng)
        release = SimulatedRelease(
            baseline_rates=before,
            candidate_rates=before,
            classes=standing.classes,
        )
        drive_gate(further, release, rng, places=_places(gate))
        if further.decide(with_bounds=False).verdict is not Verdict.INCONCLUSIVE:
            calls.append(further.agent_calls - gate.agent_calls)
    chance = len(calls) / _GATES
    if chance < _LEAST_CHANCE:
        return None
    return NextStep(
        command="dialgate check SUITE --resume",
        agent_calls=int(np.percentile(calls, 80)),
        chance=chance,
    )


def _places(gate: SequentialGate) -> dict[str, int]:
    return {case_id: place for place, case_id in enumerate(gate.cases)}
