"""The margin that a class can have: sized by what its cases can show within the budget.

Derived from the base's record before the candidate runs, so the candidate has no say in it.
Leaves the policy's own margins to `verdict.class_rules`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.verdict.blocks.options import RATES, log_threshold
from dialgate_gate.verdict.blocks.steering import choose_block, group_cases
from dialgate_gate.verdict.class_rules import ClassRules, allowed_margins, rules_of
from dialgate_gate.verdict.sequential import SimulatedRelease, simulate_gate
from dialgate_gate.verdict.sequential.unit import PASS_ERROR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

History = tuple[tuple[int, int], ...]
"""Passes and trials of each case of a class on record, sorted."""

_TAIL = 3.0
# calls of a dear run over those of a mean one
_GATES = 30
_MOST_LOST = 1
# of them: about 97 in 100 must pass
_UNKNOWN = ((3, 3),) * 7 + ((2, 3),) * 2 + ((1, 3),)
# cases without a record are taken to be like these


def derive_rules(
    histories: Mapping[str, Sequence[tuple[int, int]]], policy: GatePolicy
) -> dict[str, ClassRules]:
    """The rules of each class; `histories` holds passes and trials of its cases on record.

    A derived margin is never stricter than the suite's.
    """
    share = policy.max_agent_calls // max(len(histories), 1)
    found = {}
    for name, cases in sorted(histories.items()):
        derived = None
        if policy.for_class(name).margin is None:
            derived = derive_margin(cases, _margins(policy), share)
        found[name] = rules_of(policy, name, derived=derived)
    return found


def _margins(policy: GatePolicy) -> tuple[float, ...]:
    """What a class may get, none stricter than the suite's: a few cases can't promise more."""
    found = tuple(m for m in allowed_margins(policy) if m >= policy.margin - 1e-9)
    return found or (policy.max_class_margin,)


def derive_margin(cases: Sequence[tuple[int, int]], margins: Sequence[float], share: int) -> float:
    """The strictest of the margins that an unchanged class excludes within its share of calls.

    The last of them where none is; `plan` says so.
    """
    return _derive(_known(cases), tuple(margins), share)


def expected_calls(cases: Sequence[tuple[int, int]], margin: float) -> float:
    """About how many fresh calls exclude the margin where nothing changed; infinite: none do.

    Without a case there is nothing to call for.
    """
    return _expected_calls(_known(cases), margin) if cases else 0.0


def _known(cases: Sequence[tuple[int, int]]) -> History:
    """The cases; those without a record are taken to be like many."""
    known = [
        item if item[1] else _UNKNOWN[place % len(_UNKNOWN)] for place, item in enumerate(cases)
    ]
    return tuple(sorted(known))


@lru_cache(maxsize=512)
def _derive(history: History, margins: tuple[float, ...], share: int) -> float:
    for margin in margins[:-1]:
        if _expected_calls(history, margin) * _TAIL <= share and _passes(history, margin, share):
            return margin
    return margins[-1]


def _expected_calls(history: History, margin: float) -> float:
    """About how many calls an unchanged class takes to pass."""
    passes, trials = (np.array(column) for column in zip(*history, strict=True))
    needed = log_threshold(PASS_ERROR)
    chosen = choose_block(
        group_cases(passes, trials), margin=margin, need=needed, only_certain=True
    )
    return float("inf") if chosen is None else needed / chosen.price


def _passes(history: History, margin: float, share: int) -> bool:
    """Whether the real procedure lets the class pass nearly always within its share."""
    passes, trials = (np.array(column) for column in zip(*history, strict=True))
    groups = group_cases(passes, trials)
    policy = GatePolicy(
        margin=margin,
        max_agent_calls=max(share, 1),
        default=ClassPolicy(margin=margin, min_cases=1),
    )
    lost = 0
    for seed in range(_GATES):
        rng = np.random.default_rng([seed, len(history)])
        rates = _draw(groups.posterior[groups.of_case], rng)
        release = SimulatedRelease(
            baseline_rates=rates, candidate_rates=rates, classes=[()] * len(history)
        )
        decision = simulate_gate(release, policy, rng)
        lost += not decision.suite_figures.is_passed
        if lost > _MOST_LOST:
            return False
    return True


def _draw(posterior: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """A rate for each case, from what its record leaves possible."""
    places = (posterior.cumsum(axis=1) < rng.random((len(posterior), 1))).sum(axis=1)
    found: NDArray[np.float64] = RATES[np.minimum(places, len(RATES) - 1)]
    return found
