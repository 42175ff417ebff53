"""What is judged by a margin of its own: the suite as a whole, or an action class.

Holds the unit's evidence; leaves which block is next to `sequential.rounds.block_rounds`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.settings.gate_policy import FailOn
from dialgate_gate.verdict.blocks.options import log_threshold
from dialgate_gate.verdict.blocks.running_products import LossProduct, MarginProduct
from dialgate_gate.verdict.sequential.screened_case import SUITE, Endpoint, endpoints_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dialgate_gate.verdict.blocks.votes import Votes
    from dialgate_gate.verdict.class_rules import ClassRules
    from dialgate_gate.verdict.sequential.block import Block

PASS_ERROR = 0.05
"""The chance that a unit passes though it lost its margin."""
_NEEDED = log_threshold(PASS_ERROR)
_HOPELESS = {True: -5.0, False: -9.0}
# nats: the product has fallen so far that it won't come back; of the suite, of a class, whose
# stakes are higher and whose luck turns faster
_TOO_LOW = 0.6
_SURE = 1.5
# standard errors: an estimate that is surely over so much of the margin won't pass
_LOOKS_WORSE = {True: 1.2, False: 1.6}
# nats of a hint at a loss that ask for a full block: of the suite, of a class


@dataclass(slots=True, kw_only=True)
class Unit:
    """The suite (without a name) or a class, with what its blocks showed."""

    name: str
    members: NDArray[np.int64]
    rules: ClassRules
    products: dict[Endpoint, MarginProduct]
    loss: LossProduct
    loss_error: float
    # its share of alpha
    hint: float = 0.0
    # nats that hint at a loss, the record included: it asks for full blocks and decides nothing
    highest: dict[Endpoint, float] = field(default_factory=dict)
    # the largest log product so far
    means: list[tuple[float, float]] = field(default_factory=list)
    # mean difference of each block, and its variance
    is_hopeless: bool = False
    votes: Votes | None = None
    # of a judge that decides on replies of its cases

    @property
    def pass_error(self) -> float:
        """The chance that trials let it pass though it lost its margin; the rest is the judge's."""
        return PASS_ERROR - (0.0 if self.votes is None else self.votes.calibration_error)

    @property
    def shown_margin(self) -> float:
        """The loss that a loss of the margin shows in trials: less where a judge overlooks some."""
        return self.margin_of(self.success)

    def margin_of(self, endpoint: Endpoint) -> float:
        """The loss of the endpoint that trials have to exclude; a judge has a say on success."""
        margin = self.rules.margin
        if self.votes is None or endpoint != self.success:
            return margin
        return self.votes.shown_margin(margin)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """What the unit is judged by."""
        return tuple(self.products)

    @property
    def success(self) -> Endpoint:
        """The endpoint that says whether trials succeed."""
        return self.endpoints[0]

    @property
    def is_passed(self) -> bool:
        """Whether a loss of the margin is excluded, on every endpoint."""
        return all(self.highest.get(e, 0.0) >= self._needed for e in self.products)

    @property
    def _needed(self) -> float:
        return _NEEDED if self.votes is None else log_threshold(self.pass_error)

    @property
    def is_barred(self) -> bool:
        """Whether no trial could let it pass: too few cases, no margin, or a judge that errs so."""
        return self.shown_margin <= 0 or len(self.members) < self.rules.min_cases

    @property
    def is_open(self) -> bool:
        """Whether further blocks could let it pass."""
        return not (self.is_passed or self.is_barred or self.is_hopeless)

    @property
    def binding(self) -> Endpoint:
        """The endpoint that is furthest from passing."""
        return min(self.products, key=lambda e: self.products[e].log_value)

    @property
    def need(self) -> float:
        """Nats that are missing."""
        return self._needed - self.products[self.binding].log_value

    @property
    def wants_pairs(self) -> bool:
        """Whether it looks worse, so that a fresh pair of every case is due."""
        is_settled = self.is_passed or self.is_loss_shown
        return self.hint > _LOOKS_WORSE[not self.name] and not is_settled

    @property
    def is_loss_shown(self) -> bool:
        """Whether a loss is shown that fails the unit."""
        return self.loss_shown(self.tolerated)

    @property
    def tolerated(self) -> float:
        """The loss that fails only where more is shown."""
        return 0.0 if self.rules.fail_on is FailOn.CASE else self.rules.margin

    def loss_shown(self, loss: float) -> bool:
        """Whether a loss over this one is shown."""
        shown = loss if self.votes is None else self.votes.tolerated(loss)
        return self.loss.shows(shown, self.loss_error)

    def differences(
        self,
        block: Block,
        endpoint: Endpoint,
        members: NDArray[np.int64] | None = None,
        *,
        against: bool = True,
    ) -> NDArray[np.float64]:
        """The block's differences on the endpoint, of these cases; None: of all its own."""
        chosen = self.members if members is None else members
        votes = self.votes if endpoint == self.success else None
        return block.differences(endpoint, chosen, against=against, votes=votes)

    def take_hint(self, differences: NDArray[np.float64]) -> None:
        """Takes in what hints at a loss, the record included."""
        stakes = np.array([0.1, 0.25, 0.5, 0.8])
        sums = np.log(np.maximum(1 - np.outer(stakes, differences), 1e-12)).sum(axis=1)
        self.hint += float(np.logaddexp.reduce(sums)) - float(np.log(len(stakes)))

    def add(
        self,
        endpoint: Endpoint,
        differences: NDArray[np.float64],
        *,
        stakes: Sequence[float],
        weights: Sequence[float] = (1.0,),
        is_continued: bool = False,
        is_capped: bool = False,
    ) -> None:
        """Takes in a block on one endpoint."""
        product = self.products[endpoint]
        if self.highest.get(endpoint, 0.0) >= self._needed:
            return  # what is shown stays shown, whatever later blocks say
        product.add(
            differences,
            stakes=stakes,
            weights=weights,
            is_continued=is_continued,
            is_capped=is_capped,
        )
        self.highest[endpoint] = max(self.highest.get(endpoint, 0.0), product.log_value)
        if endpoint == self.success:
            cases = len(differences)
            spread = float(((differences - differences.mean()) ** 2).sum()) / cases**2
            self.means.append((float(differences.mean()), spread))

    def judge_hope(self) -> None:
        """Gives the unit up where it won't pass any more; a forecast, it decides nothing."""
        if self.is_passed or self.wants_pairs:
            return
        lowest = min(product.log_value for product in self.products.values())
        self.is_hopeless = lowest < _HOPELESS[not self.name] or self._looks_lost()

    def _looks_lost(self) -> bool:
        if not self.means:
            return False
        number = len(self.means)
        loss = -sum(mean for mean, _ in self.means) / number
        error = sqrt(sum(spread for _, spread in self.means)) / number
        return loss - _SURE * max(error, 0.5 / len(self.members)) > _TOO_LOW * self.shown_margin

    def bounds(self) -> tuple[float, float]:
        """The difference as far as it is shown: at least, at most; -1 and 1 where nothing is."""
        least = max(product.bound(self.pass_error) for product in self.products.values())
        found = -least, -self.loss.bound(self.loss_error)
        return found if self.votes is None else self.votes.correct(found)


def start_unit(
    name: str,
    members: NDArray[np.int64],
    rules: ClassRules,
    *,
    loss_error: float,
    votes: Votes | None = None,
) -> Unit:
    """A unit of which nothing is known yet."""
    endpoints = endpoints_of(name) if name else (SUITE,)
    cases = len(members)
    margins = dict.fromkeys(endpoints, rules.margin)
    if votes is not None:
        margins[endpoints[0]] = max(votes.shown_margin(rules.margin), 0.0)
    return Unit(
        name=name,
        members=members,
        rules=rules,
        products={e: MarginProduct(cases=cases, margin=margin) for e, margin in margins.items()},
        loss=LossProduct(cases=cases),
        loss_error=loss_error,
        votes=votes,
    )
