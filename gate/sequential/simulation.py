"""The real procedure on simulated agents: what it would see on a suite, and at what price.

Knows success rates per case; leaves summing up many gates to `dialgate plan` and the benchmark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gate.sequential.procedure import start_gate
from gate.sequential.screened_case import SUITE, Endpoint, Kind, ScreenedCase, Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gate.policy import GatePolicy
    from gate.sequential.decision import GateDecision


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedRelease:
    """Two agents by the success rates of each case.

    Raises ValueError where the lengths differ or a rate is none.
    """

    baseline_rates: NDArray[np.float64]
    candidate_rates: NDArray[np.float64]
    # a place per case, 0 to 1
    classes: Sequence[str]
    # the action class of each case
    silent_share: float = 0.0
    # of the failures, on both sides

    def __post_init__(self) -> None:
        lengths = {len(self.baseline_rates), len(self.candidate_rates), len(self.classes)}
        if len(lengths) != 1:
            raise ValueError(f"found arrays of different lengths: {sorted(lengths)}")
        for rates in (self.baseline_rates, self.candidate_rates):
            if ((rates < 0) | (rates > 1)).any():
                raise ValueError("found a success rate outside 0 to 1")

    def run(self, index: int, side: Side, rng: np.random.Generator) -> frozenset[Endpoint]:
        """One trial of a case: the endpoints it failed."""
        rates = self.baseline_rates if side is Side.BASELINE else self.candidate_rates
        if rng.random() < rates[index]:
            return frozenset()
        name = self.classes[index]
        failed = {SUITE, Endpoint(action_class=name, kind=Kind.SUCCESS)}
        if self.silent_share and rng.random() < self.silent_share:
            failed.add(Endpoint(action_class=name, kind=Kind.SILENCE))
        return frozenset(failed)


def simulate_gate(
    release: SimulatedRelease,
    policy: GatePolicy,
    rng: np.random.Generator,
    *,
    recorded_trials: int = 3,
    batch: int = 8,
    most_rounds: int = 3,
) -> GateDecision:
    """One gate from screening to decision; `recorded_trials` of the baseline cost nothing."""
    cases = [_screen(index, release, recorded_trials, rng) for index in range(len(release.classes))]
    gate = start_gate(cases, policy, batch=batch, most_rounds=most_rounds)
    while requests := gate.next_requests():
        for request in requests:
            failed = release.run(int(request.case_id), request.side, rng)
            gate.observe(request.case_id, request.side, failed)
    return gate.decide()


def _screen(
    index: int, release: SimulatedRelease, recorded: int, rng: np.random.Generator
) -> ScreenedCase:
    failed: dict[Endpoint, int] = {}
    for _ in range(recorded):
        for endpoint in release.run(index, Side.BASELINE, rng):
            failed[endpoint] = failed.get(endpoint, 0) + 1
    return ScreenedCase(
        id=str(index),
        classes=(release.classes[index],),
        baseline_trials=recorded,
        candidate_trials=1,
        baseline_failed=failed,
        candidate_failed=dict.fromkeys(release.run(index, Side.CANDIDATE, rng), 1),
    )
