"""Made-up situations that a gate meets, each by name: what was recorded, under which policy.

Seeded, so that every run of the tests sees the same; `test_golden_verdicts.py` keeps what the gate
says of each.
"""

from __future__ import annotations

from typing import Any

from dialgate_evals.actions.action_classes import ActionRegistry
from dialgate_evals.actions.outcomes import Outcome
from dialgate_evals.events.review_events import Mode
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy, Undecided
from dialgate_gate.settings.ladder_policy import LadderStep
from tests.gate.verdict.made_up_gate import CLASSES, LADDER, Situation


def _policy(**more: Any) -> GatePolicy:
    default = more.pop("default", {})
    return GatePolicy(default=ClassPolicy(margin=0.15, **default), **more)


WIDE = _policy()
LIMITS = _policy(
    default={
        "cost_ratio": 1.2, "latency_p95_ratio": 1.3, "tool_calls_ratio": 1.4,
        "max_identical_calls": 2,
    }
)  # fmt: skip

SITUATIONS: dict[str, Situation] = {
    "recorded, unchanged, passes": Situation(cases=150, policy=WIDE),
    "recorded, unchanged, too small": Situation(cases=12),
    "recorded, three trials, noisy": Situation(trials=(3, 3), rate=0.9, policy=WIDE),
    "recorded, unequal trials": Situation(trials=(3, 1), rate=0.8, policy=WIDE, seed=4),
    "recorded, one class fell": Situation(cases=120, broken={"email": 0.3}, policy=WIDE),
    "recorded, one class fell a little": Situation(cases=120, broken={"email": 0.9}, policy=WIDE),
    "recorded, all classes fell": Situation(
        cases=90, broken=dict.fromkeys(CLASSES, 0.7), policy=WIDE
    ),
    "recorded, got better": Situation(
        cases=90, rate=0.5, broken=dict.fromkeys(CLASSES, 1.0), policy=WIDE
    ),
    "recorded, critical broke": Situation(
        critical=(1, 4), broken={"email": 0.1}, policy=WIDE
    ),
    "recorded, diffuse loss": Situation(
        trials=(6, 6), broken=dict.fromkeys(CLASSES, 0.75), policy=WIDE
    ),
    "recorded, diffuse silent loss": Situation(
        cases=30, trials=(8, 8), broken={"email": 0.7}, bad=(Outcome.UNEXPECTED,), policy=WIDE
    ),
    "recorded, a loss that no single case shows": Situation(
        cases=12, trials=(30, 30), rate=0.9, broken={"email": 0.62}, policy=_policy(), seed=2
    ),
    "recorded, retry loops": Situation(
        cases=90, cost_factor=3.0, policy=_policy(default={"max_identical_calls": 2})
    ),
    "recorded, costs of few cases": Situation(cases=3, cost_factor=2.0, policy=LIMITS),
    "recorded, loud losses only": Situation(
        cases=90, broken={"email": 0.93}, bad=(Outcome.MISSED,), policy=WIDE, seed=6
    ),
    "recorded, a class without a baseline": Situation(
        cases=150, baseline_errored=(1, 4, 7), quarantined=tuple(range(10, 150, 3)), policy=WIDE
    ),
    "recorded, one case more than asked for": Situation(
        cases=15, policy=_policy(default={"min_cases": 5})
    ),
    "recorded, a loss at the margin": Situation(
        cases=120, deterministic=True, broken_cases=(1, 4), policy=GatePolicy(
            default=ClassPolicy(margin=0.05)
        ),
    ),
    "recorded, critical held": Situation(cases=150, critical=(4, 5), policy=WIDE),
    "recorded, new critical case fails": Situation(
        critical=(1,), added=(1,), broken={"email": 0.0}, policy=WIDE
    ),
    "recorded, quarantined": Situation(cases=150, quarantined=(1, 4), policy=WIDE),
    "recorded, removed": Situation(removed=("c90", "c91"), policy=WIDE),
    "recorded, removed and allowed": Situation(
        cases=150, removed=("c90",), policy=WIDE, allowed=frozenset({"suite-change"})
    ),
    "recorded, loosened": Situation(cases=150, loosened=("The margin was raised.",), policy=WIDE),
    "recorded, loosened and allowed": Situation(
        cases=150, policy=WIDE, allowed=frozenset({"suite-change"})
    ),
    "recorded, inconclusive is allowed": Situation(
        cases=12, policy=_policy(inconclusive=Undecided.ALLOW)
    ),
    "recorded, small classes": Situation(cases=9, policy=_policy(default={"min_cases": 5})),
    "recorded, margin of nothing": Situation(
        cases=90, policy=GatePolicy(default=ClassPolicy(margin=0.0))
    ),
    "recorded, broke off alike": Situation(cases=6, broke_off=tuple(range(6)), policy=WIDE),
    "recorded, broke off once": Situation(cases=150, broke_off=(5,), policy=WIDE),
    "recorded, no tool called": Situation(no_tools=True, policy=WIDE),
    "recorded, missing trials": Situation(missing=(3, 7), policy=WIDE),
    "recorded, too many errored": Situation(errored=(3, 7, 9), policy=WIDE),
    "recorded, few errored": Situation(cases=150, errored=(3,), policy=WIDE),
    "recorded, critical errored": Situation(
        cases=150, errored=(4,), critical=(4,), policy=WIDE
    ),
    "recorded, empty": Situation(cases=0, policy=WIDE),
    "recorded, unknown class in the policy": Situation(
        cases=150, policy=_policy(classes={"access": ClassPolicy(margin=0.1)})
    ),
    "recorded, dearer": Situation(cases=150, cost_factor=1.6, policy=LIMITS),
    "recorded, much dearer": Situation(cases=150, cost_factor=3.0, policy=LIMITS),
    "recorded, hardly dearer": Situation(cases=150, cost_factor=1.25, policy=LIMITS),
    "recorded, as dear": Situation(cases=150, cost_factor=1.0, policy=LIMITS),
    "recorded, stricter class": Situation(
        cases=150, broken={"email": 0.95},
        policy=_policy(classes={"email": ClassPolicy(margin=0.02)}),
    ),
    "deterministic, unchanged": Situation(cases=30, deterministic=True),
    "deterministic, one class fell": Situation(
        cases=30, deterministic=True, broken={"email": 0.5}
    ),
    "deterministic, silent within the limit": Situation(
        cases=30, deterministic=True, broken={"email": 0.9}, seed=3,
        policy=_policy(default={"max_new_silent": 2}),
    ),
    "deterministic, not so": Situation(
        cases=30, deterministic=True, trials=(2, 2), broken={"email": 0.5}
    ),
    "live, unchanged, steady": Situation(cases=150, live=True, policy=WIDE),
    "live, unchanged, noisy": Situation(cases=90, live=True, rate=0.9, policy=WIDE),
    "live, noisy with three trials": Situation(
        cases=60, live=True, rate=0.85, trials=(3, 1), policy=WIDE, seed=5
    ),
    "live, one class fell": Situation(cases=90, live=True, broken={"email": 0.2}, policy=WIDE),
    "live, one class fell a little": Situation(
        cases=90, live=True, broken={"email": 0.85}, policy=WIDE
    ),
    "live, one case broke": Situation(
        cases=30, live=True, broken_cases=(4,), policy=_policy(alpha=0.2, confirm_trials=12)
    ),
    "live, two cases broke": Situation(
        cases=60, live=True, broken_cases=(4, 5), trials=(3, 1),
        policy=_policy(alpha=0.1, confirm_trials=12),
    ),
    "live, loud losses only": Situation(
        cases=60, live=True, broken={"email": 0.6}, bad=(Outcome.MISSED,), policy=WIDE
    ),
    "live, noisy twice": Situation(
        cases=45, live=True, rate=0.7, trials=(2, 2), policy=_policy(alpha=0.3), seed=8
    ),
    "live, noisy baseline gets better": Situation(
        cases=60, live=True, rate=0.6, broken=dict.fromkeys(CLASSES, 1.0), policy=WIDE
    ),
    "live, no confirmation wanted": Situation(
        cases=60, live=True, rate=0.9, policy=_policy(confirm_trials=0)
    ),
    "live, further rounds": Situation(cases=60, live=True),
    "live, out of budget": Situation(
        cases=60, live=True, broken={"email": 0.8}, policy=_policy(max_agent_calls=123)
    ),
    "live, critical broke": Situation(
        cases=60, live=True, critical=(1, 4, 7), broken={"email": 0.5}, policy=WIDE
    ),
    "live, fresh trials can't be run": Situation(
        cases=90, live=True, errored=(4,), broken={"email": 0.6}, policy=WIDE, seed=1
    ),
    "live, margin of nothing": Situation(
        cases=30, live=True, policy=GatePolicy(default=ClassPolicy(margin=0.0))
    ),
    "live, small classes": Situation(cases=9, live=True, policy=WIDE),
    "first release, reaches its bounds": Situation(cases=150, without_baseline=True),
    "first release, shown to miss them": Situation(
        cases=150, without_baseline=True, broken={"email": 0.3}
    ),
    "first release, too small": Situation(cases=9, without_baseline=True),
    "first release, critical fails": Situation(
        cases=150, without_baseline=True, critical=(1, 4), broken={"email": 0.1}, seed=2
    ),
    "first release, one critical case fails": Situation(
        cases=150, without_baseline=True, critical=(1,), broken_cases=(1,)
    ),
    "first release, inconclusive is allowed": Situation(
        cases=9, without_baseline=True, policy=_policy(inconclusive=Undecided.ALLOW)
    ),
    "first release, loud only": Situation(
        cases=150, without_baseline=True, broken={"email": 0.3}, bad=(Outcome.MISSED,)
    ),
    "first release, only silence is asked for": Situation(
        cases=150, without_baseline=True, broken={"email": 0.3}, bad=(Outcome.UNEXPECTED,),
        ladder={Mode.IN_THE_LOOP: LadderStep(silent_rate=0.1)},
    ),
    "first release, only success is asked for": Situation(
        cases=150, without_baseline=True, broken={"email": 0.9}, bad=(Outcome.UNEXPECTED,),
        ladder={Mode.IN_THE_LOOP: LadderStep(eval_success=0.95)},
    ),
    "first release, classes of just enough cases": Situation(
        cases=15, without_baseline=True,
        ladder={Mode.IN_THE_LOOP: LadderStep(eval_success=0.1)},
        policy=_policy(classes={"email": ClassPolicy(min_cases=6)}),
    ),
    "first release, a class that could not be run": Situation(
        cases=150, without_baseline=True, errored=(1, 4),
        quarantined=tuple(range(7, 150, 3)),
    ),
    "first release, on the loop by default": Situation(
        cases=150, without_baseline=True, dial={"escalate": Mode.ON_THE_LOOP},
        ladder=LADDER | {Mode.ON_THE_LOOP: LadderStep(confidence=0.95, eval_success=0.97)},
    ),
    "first release, signed modes": Situation(
        cases=150, without_baseline=True,
        dial={"refund": Mode.SHADOW, "email": Mode.ON_THE_LOOP, "escalate": Mode.OUT_OF_THE_LOOP},
    ),
    "first release, silent": Situation(
        cases=150, without_baseline=True, broken={"email": 0.5}, bad=(Outcome.UNEXPECTED,)
    ),
    "first release, a little silent": Situation(
        cases=90, without_baseline=True, broken={"email": 0.85}, bad=(Outcome.UNEXPECTED,)
    ),
    "first release, several trials": Situation(
        cases=60, trials=(1, 4), without_baseline=True, broken={"email": 0.8}
    ),
    "first release, unknown classes": Situation(
        cases=150, without_baseline=True, actions=ActionRegistry(classes=())
    ),
    "first release, an unknown class in the policy": Situation(
        cases=150, without_baseline=True, policy=_policy(classes={"x": ClassPolicy()})
    ),
    "first release, errored": Situation(cases=30, without_baseline=True, errored=(1, 2, 3)),
}  # fmt: skip
