"""A gate on two made-up agents: trials drawn by their success rates, compared, confirmed, judged.

Seeded, so that every run of the tests sees the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry, BlastRadius, Effect
from dialgate_evals.actions.outcomes import Decision, Outcome, TrialScore, TrialStatus
from dialgate_evals.events.review_events import Mode
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.judged_cases import CaseSet, JudgedCase
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.settings.dial import DialEntry, DialSettings
from dialgate_gate.settings.gate_policy import GatePolicy
from dialgate_gate.settings.ladder_policy import LadderStep
from dialgate_gate.settings.policy import Policy
from dialgate_gate.verdict.class_rules import rules_of
from dialgate_gate.verdict.confirmed import Confirmed
from dialgate_gate.verdict.first_release import judge_first_release
from dialgate_gate.verdict.release_verdict import decide_verdict
from dialgate_gate.verdict.sequential import Side, start_gate
from dialgate_gate.verdict.sequential.screening import (
    classes_by_case,
    failed_endpoints,
    screen_cases,
)

if TYPE_CHECKING:
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.verdict.verdict import ReleaseVerdict

CLASSES = ("refund", "email", "escalate")
RELEASE: dict[str, Any] = {
    "name": "agent", "version": "1", "fingerprint": "sha256:0",
    "components": {"prompts": "p", "tools": "t", "model": "m", "code": "c"},
}  # fmt: skip


BAD = (Outcome.WRONG_ARGUMENTS, Outcome.MISSED, Outcome.UNEXPECTED, Outcome.DUPLICATE)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Two agents by their success rates, and who judges them."""

    cases: int = 60
    trials: tuple[int, int] = (1, 1)
    # baseline, candidate
    rate: float = 1.0
    broken: dict[str, float] = field(default_factory=dict)
    # class: the candidate's rate there
    broken_cases: tuple[int, ...] = ()
    # always fail now
    bad: tuple[Outcome, ...] = BAD
    # what a failing trial does
    critical: tuple[int, ...] = ()
    quarantined: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    removed: tuple[str, ...] = ()
    errored: tuple[int, ...] = ()
    # cases whose candidate trial could not be run
    baseline_errored: tuple[int, ...] = ()
    broke_off: tuple[int, ...] = ()
    no_tools: bool = False
    missing: tuple[int, ...] = ()
    cost_factor: float | None = None
    policy: GatePolicy = field(default_factory=GatePolicy)
    deterministic: bool = False
    loosened: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset()
    live: bool = False
    # fresh trials can be run
    without_baseline: bool = False
    ladder: dict[Mode, LadderStep] | None = None
    dial: dict[str, Mode] = field(default_factory=dict)
    actions: ActionRegistry | None = None
    # None: all classes are known
    seed: int = 0


def judge(situation: Situation) -> ReleaseVerdict:
    """What the gate says of it."""
    rng = np.random.default_rng(situation.seed)
    comparison = compare(situation, rng)
    if situation.without_baseline:
        policy = Policy(gate=situation.policy, ladder=situation.ladder or LADDER)
        actions = situation.actions or ACTIONS
        return judge_first_release(comparison, policy, actions=actions, dial=_dial(situation))
    return decide_verdict(
        comparison,
        situation.policy,
        loosened=situation.loosened,
        allowed=situation.allowed,
        confirmed=confirm(situation, comparison, rng) if situation.live else None,
    )


LADDER = {
    Mode.IN_THE_LOOP: LadderStep(confidence=0.9, eval_success=0.8, silent_rate=0.2),
    Mode.OUT_OF_THE_LOOP: LadderStep(confidence=0.99, eval_success=0.99),
}


ACTIONS = ActionRegistry(
    classes=tuple(
        ActionClass(
            name=name,
            tools=(name,),
            effect=Effect.ESCALATE if name == "escalate" else Effect.WRITE,
            blast_radius=BlastRadius.LOW,
            reversible=True,
        )
        for name in CLASSES
    )
)


def compare(situation: Situation, rng: np.random.Generator) -> RunComparison:
    judged = tuple(_case(i, situation) for i in range(situation.cases))
    baseline = None if situation.without_baseline else _run(situation, rng, is_candidate=False)
    return compare_runs(
        baseline=baseline,
        candidate=_run(situation, rng, is_candidate=True),
        case_set=CaseSet(
            cases=judged,
            by_id={case.id: case for case in judged},
            added=tuple(f"c{i:02d}" for i in situation.added),
            removed=situation.removed,
        ),
        class_names=CLASSES,
        deterministic=situation.deterministic,
    )


def confirm(
    situation: Situation, comparison: RunComparison, rng: np.random.Generator
) -> Confirmed | None:
    """Drives the sequential gate with agents of the same rates."""
    cases = screen_cases(comparison)
    gate = start_gate(cases, situation.policy, calls_so_far=2 * situation.cases)
    classes = classes_by_case(comparison)
    while requests := gate.next_requests():
        for request in requests:
            number = int(request.case_id[1:])
            is_candidate = request.side is Side.CANDIDATE
            if number in situation.errored:
                for _ in range(request.count):
                    gate.give_up(request.case_id, request.side)
                continue
            for _ in range(request.count):
                score = _score(number, 0, situation, rng, is_candidate=is_candidate)
                failed = failed_endpoints(score, classes[request.case_id])
                gate.observe(request.case_id, request.side, failed)
    rules = {name: rules_of(situation.policy, name) for name in CLASSES}
    return Confirmed(decision=gate.decide(), rules=rules, cost_usd=0.25)


def _dial(situation: Situation) -> DialSettings:
    since = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    return DialSettings(
        entries={
            name: DialEntry(mode=mode, since=since, by="the owner")
            for name, mode in situation.dial.items()
        }
    )


def _case(number: int, situation: Situation) -> JudgedCase:
    return JudgedCase(
        id=f"c{number:02d}",
        classes=frozenset({CLASSES[number % 3]}),
        critical=number in situation.critical,
        quarantined=number in situation.quarantined,
    )


def _run(situation: Situation, rng: np.random.Generator, *, is_candidate: bool) -> RunEvidence:
    trials = situation.trials[is_candidate]
    scores = [
        _score(number, trial, situation, rng, is_candidate=is_candidate)
        for number in range(situation.cases)
        for trial in range(trials)
        if not (is_candidate and number in situation.missing)
        and not (not is_candidate and number in situation.added)
    ]
    return RunEvidence(release=RELEASE, scores=tuple(scores), trials_per_case=trials)


def _score(
    number: int, trial: int, situation: Situation, rng: np.random.Generator, *, is_candidate: bool
) -> TrialScore:
    name = CLASSES[number % 3]
    rate = situation.broken.get(name, situation.rate) if is_candidate else situation.rate
    if is_candidate and number in situation.broken_cases:
        rate = 0.0
    passed = bool(rng.random() < rate)
    bad = situation.bad[int(rng.integers(len(situation.bad)))]
    outcome = Outcome.CORRECT if passed else bad
    noise = 1 + 0.5 * rng.random()
    score = TrialScore(
        case_id=f"c{number:02d}",
        trial=trial,
        status=TrialStatus.PASSED if passed else TrialStatus.FAILED,
        decisions=(Decision(action_class=name, outcome=outcome, tool=name),),
        tool_calls=0 if situation.no_tools else 2 + number % 3,
        identical_calls=1,
        latency_ms=(100.0 + number) * noise,
        cost_usd=None if situation.cost_factor is None else (0.01 + 0.0001 * number) * noise,
    )
    if not is_candidate:
        if number in situation.baseline_errored:
            return replace(score, status=TrialStatus.ERRORED, error="429", decisions=())
        return score
    if number in situation.errored:
        return replace(score, status=TrialStatus.ERRORED, error="429", decisions=())
    if number in situation.broke_off:
        return replace(score, status=TrialStatus.FAILED, failure="boom")
    if situation.cost_factor is not None and score.cost_usd is not None:
        return replace(
            score,
            cost_usd=score.cost_usd * situation.cost_factor,
            latency_ms=(score.latency_ms or 0.0) * situation.cost_factor,
            tool_calls=round(score.tool_calls * situation.cost_factor),
            identical_calls=round(situation.cost_factor),
        )
    return score
