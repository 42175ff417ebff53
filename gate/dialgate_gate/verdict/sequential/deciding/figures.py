"""The figures that a decision rests on, read off the state of blocks and suspects."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.sequential.decision import (
    BaselineShift,
    EndpointFigures,
    ThinFigures,
    UnitFigures,
)
from dialgate_gate.verdict.sequential.screened_case import Side, voted_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dialgate_gate.verdict.sequential.confirmation import Confirmation
    from dialgate_gate.verdict.sequential.rounds.block_rounds import BlockRounds
    from dialgate_gate.verdict.sequential.screened_case import Endpoint
    from dialgate_gate.verdict.sequential.unit import Unit


def unit_figures(unit: Unit, rounds: BlockRounds, *, with_bounds: bool = True) -> UnitFigures:
    """The figures of a unit as they stand."""
    margin = min(product.log_value for product in unit.products.values())
    return UnitFigures(
        margin=unit.rules.margin,
        margin_from=unit.rules.margin_from,
        fail_on=unit.rules.fail_on,
        difference=_estimate(unit, rounds),
        interval=unit.bounds() if with_bounds else (-1.0, 1.0),
        blocks=max(product.blocks for product in unit.products.values()),
        is_passed=unit.is_passed,
        is_loss_shown=unit.is_loss_shown,
        looks_worse=unit.loss_shown(0.0),
        p_loss=_p_of(unit.loss.log_value() if unit.loss.blocks else 0.0),
        p_margin=_p_of(margin),
    )


def _estimate(unit: Unit, rounds: BlockRounds) -> float | None:
    """The mean difference over the unit's cases, by all trials that chose no case."""
    found = failed = _fewer_failures(unit, unit.success, rounds)
    if unit.votes is not None:
        voted = _fewer_failures(unit, voted_on(unit.success), rounds)
        corrected = unit.votes.estimate(unit.members, failed - voted, voted)
        if corrected is None:
            return None
        found = corrected
    return None if np.isnan(found).all() else float(np.nanmean(found))


def _fewer_failures(unit: Unit, endpoint: Endpoint, rounds: BlockRounds) -> NDArray[np.float64]:
    """The baseline's share of failures less the candidate's, by case; NaN: a side is missing."""
    before, now = (_failure_rates(unit, endpoint, rounds, side) for side in Side)
    return (1 - now) - (1 - before)


def _failure_rates(
    unit: Unit, endpoint: Endpoint, rounds: BlockRounds, side: Side
) -> NDArray[np.float64]:
    trials = rounds.known.counted[side][unit.members]
    bad = rounds.known.counted_failed[side].get(endpoint)
    failed = np.zeros(len(trials)) if bad is None else bad[unit.members]
    return np.where(trials > 0, failed / np.maximum(trials, 1), np.nan)


def _p_of(log_value: float) -> float:
    return min(1.0, exp(-max(log_value, 0.0)))


def endpoint_figures(endpoint: Endpoint, confirmation: Confirmation) -> EndpointFigures:
    """What is known of an endpoint by its suspects."""
    p_adjusted = confirmation.tests.p_values().get(endpoint, 1.0)
    return EndpointFigures(
        endpoint=endpoint,
        suspects=sum(endpoint in item.suspects for item in confirmation.cases.values()),
        p_adjusted=p_adjusted,
        shown=endpoint in confirmation.tests.shown(),
        confirmed=confirmation.confirmed_cases(endpoint),
        open_cases=confirmation.open_cases(endpoint),
        answered=confirmation.answered_cases(endpoint),
    )


def shift_figures(rounds: BlockRounds) -> BaselineShift:
    """The baseline beside what its record lets one expect."""
    count = rounds.outage
    return BaselineShift(
        trials=count.trials,
        passed=count.passed,
        expected=count.expected,
        distance=count.distance,
        is_low=count.is_low,
    )


def thin_figures(rounds: BlockRounds) -> ThinFigures:
    """Failures that are thin and wide, counted on both sides."""
    thin = rounds.thin
    return ThinFigures(
        trials=dict(thin.trials),
        counts={side: dict(counts) for side, counts in thin.counts.items()},
        shown=thin.is_shown,
        p_value=_p_of(thin.loss.log_value() if thin.loss.blocks else 0.0),
        risen=thin.risen,
    )
