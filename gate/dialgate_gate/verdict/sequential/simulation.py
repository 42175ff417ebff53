"""The real procedure on simulated agents: what it would see on a suite, and at what price.

Knows success rates per case; leaves summing up many gates to `dialgate plan` and the benchmark.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.sequential.roster import list_cases
from dialgate_gate.verdict.sequential.screened_case import (
    ANY_THIN,
    SUITE,
    Endpoint,
    Kind,
    ScreenedCase,
    Side,
)
from dialgate_gate.verdict.sequential.starting import FIRST_WIDTH, start_gate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.class_rules import ClassRules
    from dialgate_gate.verdict.sequential.decision import GateDecision
    from dialgate_gate.verdict.sequential.procedure import SequentialGate
    from dialgate_gate.verdict.sequential.roster import Roster
    from dialgate_gate.verdict.sequential.screened_case import TrialRequest


_PASSED: frozenset[Endpoint] = frozenset()
_BROKE_OFF = Endpoint(kind=Kind.BROKE_OFF)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedRelease:
    """Two agents by the success rates of each case.

    Raises ValueError where the lengths differ or a rate is none.
    """

    baseline_rates: NDArray[np.float64]
    candidate_rates: NDArray[np.float64]
    # a place per case, 0 to 1
    classes: Sequence[tuple[str, ...]]
    # the action classes of each case; a trial that fails, fails all of them
    critical: frozenset[int] = frozenset()
    # places of critical cases
    silent_share: float = 0.0
    # of the failures, on both sides
    broke_off: tuple[float, float] = (0.0, 0.0)
    # the chance that any trial breaks off: baseline, candidate

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
        breaks = self.broke_off[side is Side.CANDIDATE]
        if breaks and rng.random() < breaks:
            return self.fail(index, rng) | {_BROKE_OFF, ANY_THIN}
        if rng.random() < rates[index]:
            return _PASSED
        return self.fail(index, rng)

    @property
    def takes_one_draw(self) -> bool:
        """Whether a trial is one random number, so that many can be drawn at once."""
        return not self.silent_share and not any(self.broke_off)

    def failing(
        self, places: Sequence[int], requests: Sequence[TrialRequest], rng: np.random.Generator
    ) -> list[int]:
        """Which of the requests' trials fail, by place of the request: as `run` one by one.

        `places` are those of the requests' cases. Raises ValueError where a trial takes more draws.
        """
        if not self.takes_one_draw:
            raise ValueError("found trials that take several draws")
        counts = np.array([request.count for request in requests])
        now = np.array([request.side is Side.CANDIDATE for request in requests])
        rates = np.where(now, self.candidate_rates[places], self.baseline_rates[places])
        of_trial = np.repeat(np.arange(len(requests)), counts)
        found: list[int] = of_trial[rng.random(len(of_trial)) >= rates[of_trial]].tolist()
        return found

    def screen(
        self, side: Side, trials: int, rng: np.random.Generator
    ) -> list[dict[Endpoint, int]]:
        """`trials` trials of every case: how many failed which endpoint."""
        failed = self.screened_failures(side, trials, rng)
        return [failed.get(index, {}) for index in range(len(self.classes))]

    def screened_failures(
        self, side: Side, trials: int, rng: np.random.Generator
    ) -> dict[int, dict[Endpoint, int]]:
        """As `screen`, by place of the case, and only those of which a trial failed."""
        if self.broke_off[side is Side.CANDIDATE]:
            ran = (
                Counter(e for _ in range(trials) for e in self.run(index, side, rng))
                for index in range(len(self.classes))
            )
            return {index: dict(counted) for index, counted in enumerate(ran) if counted}
        rates = self.baseline_rates if side is Side.BASELINE else self.candidate_rates
        failures = (rng.random((len(rates), trials)) >= rates[:, np.newaxis]).sum(axis=1)
        screened: dict[int, dict[Endpoint, int]] = {}
        for index in np.flatnonzero(failures).tolist():
            counted = screened[index] = {}
            for _ in range(failures[index]):
                for endpoint in self.fail(index, rng):
                    counted[endpoint] = counted.get(endpoint, 0) + 1
        return screened

    def fail(self, index: int, rng: np.random.Generator) -> frozenset[Endpoint]:
        """What a trial of the case that fails, fails."""
        is_silent = bool(self.silent_share) and rng.random() < self.silent_share
        return _failed_of(self.classes[index], is_silent=is_silent)


@lru_cache(maxsize=1024)
def _failed_of(classes: tuple[str, ...], *, is_silent: bool) -> frozenset[Endpoint]:
    """The endpoints of a trial that failed in all of its classes."""
    failed = {SUITE}
    failed.update(Endpoint(name, Kind.SUCCESS) for name in classes)
    if is_silent:
        failed.update(Endpoint(name, Kind.SILENCE) for name in classes)
    return frozenset(failed)


def simulate_gate(
    release: SimulatedRelease,
    policy: GatePolicy,
    rng: np.random.Generator,
    *,
    recorded_trials: int = 3,
    candidate_trials: int = 1,
    widest: int = FIRST_WIDTH,
    rules: Mapping[str, ClassRules] | None = None,
    is_fresh: bool = False,
) -> GateDecision:
    """One gate from screening to decision; `recorded_trials` of the baseline cost nothing.

    The decision is without intervals: nothing that is simulated many times asks for them.
    """
    gate = screen_gate(
        release,
        policy,
        rng,
        recorded_trials=recorded_trials,
        candidate_trials=candidate_trials,
        widest=widest,
        rules=rules,
        is_fresh=is_fresh,
    )
    drive_gate(gate, release, rng)
    return gate.decide(with_bounds=False)


def screen_gate(
    release: SimulatedRelease,
    policy: GatePolicy,
    rng: np.random.Generator,
    *,
    recorded_trials: int = 3,
    candidate_trials: int = 1,
    widest: int = FIRST_WIDTH,
    rules: Mapping[str, ClassRules] | None = None,
    is_fresh: bool = False,
) -> SequentialGate:
    """A gate that has only been screened."""
    before = release.screened_failures(Side.BASELINE, recorded_trials, rng)
    now = release.screened_failures(Side.CANDIDATE, candidate_trials, rng)
    spotless = _spotless_cases(
        tuple(release.classes), release.critical, recorded_trials, candidate_trials
    )
    cases = list(spotless.cases)
    for place in before.keys() | now.keys():
        bad, worse = before.get(place, {}), now.get(place, {})
        cases[place] = replace(cases[place], baseline_failed=bad, candidate_failed=worse)
    spent = len(cases) * (candidate_trials + recorded_trials * is_fresh)
    return start_gate(
        replace(spotless, cases=cases),
        policy,
        widest=widest,
        rules=rules,
        is_fresh=is_fresh,
        calls_so_far=spent,
        seed=int(rng.integers(2**31)),
    )


@lru_cache(maxsize=4)
def _spotless_cases(
    classes: tuple[tuple[str, ...], ...],
    critical: frozenset[int],
    recorded_trials: int,
    candidate_trials: int,
) -> Roster:
    """The cases as they are where no trial failed, which most are: the same in every gate."""
    cases = tuple(
        ScreenedCase(
            id=str(index),
            classes=names,
            baseline_trials=recorded_trials,
            candidate_trials=candidate_trials,
            critical=index in critical,
        )
        for index, names in enumerate(classes)
    )
    return list_cases(cases)


def drive_gate(
    gate: SequentialGate,
    release: SimulatedRelease,
    rng: np.random.Generator,
    *,
    places: Mapping[str, int] | None = None,
) -> None:
    """Answers what the gate asks for until it asks for nothing.

    places: of each case in the release; None: the case's id is its place.
    """
    while requests := gate.next_requests():
        of_case = [int(r.case_id) if places is None else places[r.case_id] for r in requests]
        if gate.is_running_block and release.takes_one_draw:
            for number in release.failing(of_case, requests, rng):
                request, failed = requests[number], release.fail(of_case[number], rng)
                gate.observe(request.case_id, request.side, failed)
            gate.observe_passes()
            continue
        for place, request in zip(of_case, requests, strict=True):
            for _ in range(request.count):
                gate.observe(request.case_id, request.side, release.run(place, request.side, rng))
