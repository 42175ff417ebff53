"""The suspects of an endpoint together, and all endpoints together at one alpha."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log
from typing import TYPE_CHECKING

from dialgate_gate.statistics.multiple_tests import holm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_gate.verdict.sequential.screened_case import Endpoint
    from dialgate_gate.verdict.sequential.suspect import Suspect


def combine(suspects: Sequence[Suspect]) -> float:
    """The e-value of "the candidate is no worse in any of these cases".

    Half a weighted average, which finds a single broken case among many suspects, half a product
    in which each suspect stakes a share of what is there, which adds up small losses. Weights and
    shares come from the record alone. Both halves are fair games on fresh trials, whichever
    suspect is tried next and whenever one is dropped, so their mean is one too.
    No suspect gives 1, which says nothing.
    Source: Vovk & Wang (2021), e-values: calibration, combination and applications.
    """
    total = weighted = 0.0
    product = 1.0
    for suspect in suspects:
        weight, value = suspect.weight, suspect.e_value
        total += weight
        weighted += weight * value
        product *= 1 + 0.5 * weight * (value - 1)
    if total <= 0:
        return 1.0
    average = weighted / total
    return (average + product) / 2


@dataclass(slots=True)
class _Estimate:
    """What `combine` gives, kept up suspect by suspect: off by its rounding, far below _NEAR."""

    total: float = 0.0
    weighted: float = 0.0
    log_product: float = 0.0

    def add(self, suspect: Suspect) -> None:
        weight, value = suspect.weight, suspect.e_value
        self.total += weight
        self.weighted += weight * value
        self.log_product += log(1 + 0.5 * weight * (value - 1))

    def change(self, suspect: Suspect, before: float) -> None:
        """The suspect's e-value was another one."""
        weight, value = suspect.weight, suspect.e_value
        self.weighted += weight * (value - before)
        self.log_product += log(
            (1 + 0.5 * weight * (value - 1)) / (1 + 0.5 * weight * (before - 1))
        )

    @property
    def value(self) -> float:
        if self.total <= 0:
            return 1.0
        return (self.weighted / self.total + exp(min(self.log_product, _LARGEST))) / 2


_NEAR = 1e-6
_LARGEST = 700.0
# of a logarithm whose exponential is a number


@dataclass(slots=True, kw_only=True)
class EndpointTests:
    """The highest e-value of each endpoint so far, judged at alpha over all of them.

    Half of alpha is the suite's, half is shared by Holm over the classes' endpoints that had a
    suspect after screening; that choice can't bias what only fresh trials decide. By Ville's
    inequality one over the highest e-value so far is a p-value at any time.
    """

    alpha: float
    suite: Endpoint
    endpoints: tuple[Endpoint, ...]
    highest: dict[Endpoint, float] = field(default_factory=dict)
    _estimates: dict[Endpoint, _Estimate] = field(default_factory=dict)

    def take_in(
        self, endpoint: Endpoint, suspects: Sequence[Suspect], changed: Suspect, before: float
    ) -> None:
        """One of the endpoint's suspects has a new e-value, having had the one before.

        As `update`, which looks at all suspects, and only where the highest value may rise by it.
        """
        estimate = self._estimates.get(endpoint)
        if estimate is None:
            estimate = self._estimates[endpoint] = _Estimate()
            for suspect in suspects:
                estimate.add(suspect)
        else:
            estimate.change(changed, before)
        rises = changed.e_value > before
        if rises and estimate.value * (1 + _NEAR) >= self.highest.get(endpoint, 1.0):
            self.update({endpoint: suspects})

    def update(self, suspects: Mapping[Endpoint, Sequence[Suspect]]) -> None:
        """Look at the evidence on these endpoints; looking often costs nothing."""
        for endpoint, listed in suspects.items():
            value = combine(listed)
            self.highest[endpoint] = max(self.highest.get(endpoint, 1.0), value)

    def p_values(self) -> dict[Endpoint, float]:
        """Adjusted p-values; an endpoint is shown worse where its value is at most alpha / 2."""
        found = {e: min(1.0, 1 / self.highest.get(e, 1.0)) for e in self.endpoints}
        classes = [endpoint for endpoint in self.endpoints if endpoint != self.suite]
        adjusted = holm([found[endpoint] for endpoint in classes], self.alpha / 2).adjusted
        return found | dict(zip(classes, adjusted, strict=True))

    def shown(self) -> frozenset[Endpoint]:
        """Endpoints on which a regression is shown."""
        return frozenset(e for e, p in self.p_values().items() if p <= self.alpha / 2)
