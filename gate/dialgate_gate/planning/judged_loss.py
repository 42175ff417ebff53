"""What loss in judged replies a suite can tell from none, and what more labels would buy.

Simulates a suite's first trials with the judge as its labels show it: how much of a loss the votes
of an unchanged release exclude in four checks of five, and which loss fails in as many. Pure;
leaves which criteria decide where to whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.statistics.judged.judge_errors import Labelled, all_of, estimate_errors
from dialgate_gate.verdict.blocks.running_products import (
    SHARED_STAKES,
    SHARED_WEIGHTS,
    LossProduct,
    MarginProduct,
)
from dialgate_gate.verdict.blocks.votes import make_votes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors
    from dialgate_gate.verdict.blocks.votes import Criteria, Votes

POWER = 0.8
MORE_LABELS: tuple[int | None, ...] = (0, 100, 400, None)
"""Cases with a label more, half of them of right texts; None: so many that nothing is unknown."""

_KNOWN = 10**7
_LOSSES = (0.03, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSuite:
    """A suite in some of whose cases votes decide."""

    deciding: Mapping[int, Criteria]
    # by place of the case the criteria that decide there; empty: none
    rates: NDArray[np.float64]
    # of success, by place of the case
    trials: tuple[int, int]
    # of each case: baseline, candidate
    by_criterion: Mapping[str, JudgeErrors]
    pass_error: float
    # the chance that trials let a loss of the margin pass
    loss_error: float
    # the chance that trials show a loss where there is none
    tolerated: float
    # the loss that fails only where more is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is told from no loss with so many labels more, each in POWER of the checks."""

    labels: int | None
    # None: as many as it takes to know the judge exactly
    overlooked: float
    # the share of a loss in replies that the judge may overlook
    excluded: float | None
    # an unchanged release excludes a loss of so much; None: of no size
    caught: float | None
    # a loss of so much in the replies alone fails; None: none up to .7


def tell_losses(suite: JudgedSuite, *, simulations: int, seed: int) -> tuple[Telling, ...]:
    """A line for each of MORE_LABELS; the judge errs as often as it did on the labels so far.

    Raises ValueError where a criterion that decides has no errors.
    """
    return tuple(_tell(suite, more, simulations, seed) for more in MORE_LABELS)


def _tell(suite: JudgedSuite, more: int | None, simulations: int, seed: int) -> Telling:
    known = {name: with_labels(found, more) for name, found in suite.by_criterion.items()}
    groups = sorted({group for group in suite.deciding.values() if group})
    errors = {g: all_of(known[g[0]], *(known[name] for name in g[1:])) for g in groups}
    votes = make_votes(suite.deciding, len(suite.rates), errors)
    if votes is None:
        raise ValueError("found no case in which votes decide")
    rng = np.random.default_rng([seed, simulations])
    bounds = [_excluded(suite, votes, rng) for _ in range(simulations)]
    worst = float(np.quantile(bounds, POWER))
    return Telling(
        labels=more,
        overlooked=1 - max(votes.errors.youden[0], 0.0),
        excluded=worst if worst < 1 else None,
        caught=_least_caught(suite, votes, simulations, rng),
    )


def with_labels(errors: JudgeErrors, more: int | None) -> JudgeErrors:
    """What so many more cases with a label leave, half of them right, at the shares so far."""
    both = (errors.sensitivity.labels, errors.specificity.labels)
    right, wrong = (_grown(item, _KNOWN if more is None else more / 2) for item in both)
    return estimate_errors(right=right, wrong=wrong, error=errors.error, shift=errors.shift)


def _grown(labels: Labelled, more: float) -> Labelled:
    share = labels.mistakes / labels.cases if labels.cases else 0.0
    added = int(more)
    return Labelled(labels.cases + added, labels.mistakes + share * added)


def _excluded(suite: JudgedSuite, votes: Votes, rng: np.random.Generator) -> float:
    """The largest loss that the first trials of an unchanged release leave open; 1: any."""
    differences = _simulate(suite, votes, 0.0, rng, against=True)
    product = MarginProduct(cases=len(suite.rates), margin=0.0)
    product.add(differences, stakes=SHARED_STAKES, weights=SHARED_WEIGHTS)
    return -votes.correct((-product.bound(suite.pass_error), 1.0))[0]


def _least_caught(
    suite: JudgedSuite, votes: Votes, simulations: int, rng: np.random.Generator
) -> float | None:
    """The least of _LOSSES that fails often enough, by halving; None: the largest doesn't."""
    low, high = 0, len(_LOSSES)
    while low < high:
        middle = (low + high) // 2
        caught = [_is_caught(suite, votes, _LOSSES[middle], rng) for _ in range(simulations)]
        low, high = (low, middle) if np.mean(caught) >= POWER else (middle + 1, high)
    return _LOSSES[low] if low < len(_LOSSES) else None


def _is_caught(suite: JudgedSuite, votes: Votes, loss: float, rng: np.random.Generator) -> bool:
    product = LossProduct(cases=len(suite.rates))
    product.add(_simulate(suite, votes, loss, rng, against=False))
    return product.shows(votes.tolerated(suite.tolerated), suite.loss_error)


def _simulate(
    suite: JudgedSuite, votes: Votes, loss: float, rng: np.random.Generator, *, against: bool
) -> NDArray[np.float64]:
    """A difference for each case; a loss of the suite, spread over the replies that are judged."""
    cases = len(suite.rates)
    judged = np.array([bool(suite.deciding.get(place)) for place in range(cases)])
    lost = min(1.0, loss * cases / max(int(judged.sum()), 1))
    rates = suite.rates, np.where(judged, np.maximum(suite.rates - lost, 0.0), suite.rates)
    shares = votes.errors.sensitivity.estimate or 0.0, votes.errors.specificity.estimate or 0.0
    failed = []
    for side, trials in zip(rates, suite.trials, strict=True):
        right = rng.binomial(trials, side)
        refused = rng.binomial(right, 1 - shares[0]) + rng.binomial(trials - right, shares[1])
        failed.append(
            (np.where(judged, refused, 0) / trials, np.where(judged, 0, trials - right) / trials)
        )
    voted, acting = (failed[0][kind] - failed[1][kind] for kind in (0, 1))
    return votes.difference(np.arange(cases), acting, voted, against=against)


def judged_places(suite: JudgedSuite) -> Sequence[int]:
    """Places of the cases in which votes decide."""
    return [place for place, group in sorted(suite.deciding.items()) if group]
