"""The figures that a decision rests on, read off the state of blocks and suspects."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from dialgate_gate.verdict.sequential.decision import (
    BaselineShift,
    EndpointFigures,
    ThinFigures,
    UnitFigures,
)

if TYPE_CHECKING:
    from dialgate_gate.verdict.sequential.block_rounds import BlockRounds
    from dialgate_gate.verdict.sequential.confirmation import Confirmation
    from dialgate_gate.verdict.sequential.screened_case import Endpoint
    from dialgate_gate.verdict.sequential.unit import Unit


def unit_figures(unit: Unit, rounds: BlockRounds, *, with_bounds: bool = True) -> UnitFigures:
    """The figures of a unit as they stand."""
    margin = min(product.log_value for product in unit.products.values())
    return UnitFigures(
        margin=unit.rules.margin,
        margin_from=unit.rules.margin_from,
        fail_on=unit.rules.fail_on,
        difference=rounds.estimate(unit),
        interval=unit.bounds() if with_bounds else (-1.0, 1.0),
        blocks=max(product.blocks for product in unit.products.values()),
        is_passed=unit.is_passed,
        is_loss_shown=unit.is_loss_shown,
        looks_worse=unit.loss_shown(0.0),
        p_loss=_p_of(unit.loss.log_value() if unit.loss.blocks else 0.0),
        p_margin=_p_of(margin),
    )


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
