"""Simulated releases of which a judge that errs votes on the replies, as benchmarks draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from simulated_agents import AGENTS, lose

from dialgate_gate.settings.gate_policy import ClassPolicy, FailOn, GatePolicy, RecordUse
from dialgate_gate.statistics.judged.corrected_difference import CALIBRATION_ERROR
from dialgate_gate.statistics.judged.judge_errors import Labelled, estimate_errors
from dialgate_gate.verdict.sequential import SUITE, ScreenedCase, Side
from dialgate_gate.verdict.sequential.screened_case import voted_on

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from simulated_agents import Rates

    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors
    from dialgate_gate.verdict.sequential import Endpoint

CRITERIA = ("answers",)
PERFECTLY_KNOWN = 10**7
WAYS = ("spread", "broken", "better acting")
"""How replies get worse: everywhere, whole cases, and everywhere while acting gets better."""


@dataclass(frozen=True, kw_only=True)
class Judge:
    """A judge by its true errors, and how many labels tell of them."""

    sensitivity: float
    specificity: float
    labels: int
    specificity_now: float | None = None
    # on the candidate; None: the same
    is_sticky: bool = False
    # errs on all trials of a case, or on none: what it takes a case's replies for

    def errors(self, rng: np.random.Generator, shift: float = 0.0) -> JudgeErrors:
        """What labels drawn now tell."""
        half = self.labels // 2
        mistakes = [rng.binomial(half, 1 - s) for s in (self.sensitivity, self.specificity)]
        right, wrong = (Labelled(half, int(number)) for number in mistakes)
        return estimate_errors(right=right, wrong=wrong, error=CALIBRATION_ERROR, shift=shift)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A suite whose replies are judged."""

    agent: str = "strong"
    cases: int = 100
    margin: float = 0.10
    budget: int = 4_000
    on_record: int = 3
    trials: int = 1
    # of the candidate, before any fresh one

    @property
    def policy(self) -> GatePolicy:
        """Fails on a case, as the strictest does."""
        return GatePolicy(
            margin=self.margin,
            confirm_trials=32,
            max_agent_calls=self.budget,
            record=RecordUse.STEERS,
            default=ClassPolicy(margin=self.margin, fail_on=FailOn.CASE),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedRelease:
    """Two releases by how often they act rightly and, having done so, reply rightly."""

    acts: tuple[Rates, Rates]
    replies: tuple[Rates, Rates]
    # baseline, candidate; a place per case
    judge: Judge
    luck: NDArray[np.float64]
    # per case and kind of mistake, 0 to 1: whether a sticky judge errs there

    def run(self, place: int, side: Side, rng: np.random.Generator) -> frozenset[Endpoint]:
        """The endpoints that a trial failed."""
        return self.try_once(place, side, rng)[0]

    def try_once(
        self, place: int, side: Side, rng: np.random.Generator
    ) -> tuple[frozenset[Endpoint], bool]:
        """The endpoints that a trial failed, and whether it acted and replied rightly."""
        at = int(side is Side.CANDIDATE)
        if rng.random() >= self.acts[at][place]:
            return frozenset({SUITE}), False
        is_right = rng.random() < self.replies[at][place]
        judge = self.judge
        specificity = judge.specificity
        if at and judge.specificity_now is not None:
            specificity = judge.specificity_now
        draw = self.luck[place, int(is_right)] if judge.is_sticky else rng.random()
        says_yes = draw < judge.sensitivity if is_right else draw >= specificity
        return frozenset() if says_yes else frozenset({SUITE, voted_on(SUITE)}), is_right


def release_of(
    row: Row, judge: Judge, loss: float, way: str, rng: np.random.Generator
) -> JudgedRelease:
    """A release whose success rate falls by `loss` in the replies alone."""
    right = AGENTS[row.agent](row.cases, rng)
    luck = rng.random((row.cases, 2))
    if way != "better acting":
        now = lose(right, loss, way, rng) if loss else right
        ones = np.ones(row.cases)
        return JudgedRelease(acts=(ones, ones), replies=(right, now), judge=judge, luck=luck)
    acts = np.sqrt(right)
    better = np.ones(row.cases)
    now = lose(right, loss, "spread", rng)
    return JudgedRelease(acts=(acts, better), replies=(acts, now), judge=judge, luck=luck)


def screen(
    row: Row,
    release: JudgedRelease,
    place: int,
    rng: np.random.Generator,
    *,
    is_judged: bool = True,
) -> ScreenedCase:
    """A case after its first trials."""
    before = [release.run(place, Side.BASELINE, rng) for _ in range(row.on_record)]
    now = [release.run(place, Side.CANDIDATE, rng) for _ in range(row.trials)]
    counted = (SUITE, voted_on(SUITE)) if is_judged else (SUITE,)
    return ScreenedCase(
        id=str(place),
        baseline_trials=row.on_record,
        candidate_trials=row.trials,
        baseline_failed={e: sum(e in trial for trial in before) for e in counted},
        candidate_failed={e: n for e in counted if (n := sum(e in trial for trial in now))},
        judged={"": CRITERIA} if is_judged else {},
    )
