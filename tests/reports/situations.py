"""Five verdicts as the gate gives them, for the kept texts: real decisions on made-up trials."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import Outcome
from dialgate_evals.records.annotation_sums import AnnotationSum
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.verdict.documents.occasion import Occasion
from dialgate_gate.verdict.documents.verdict_document import build_document
from tests.gate.verdict.made_up_gate import Situation, judge

if TYPE_CHECKING:
    from dialgate_gate.verdict.verdict import ReleaseVerdict

CHANGES: list[dict[str, Any]] = [
    {
        "component": "prompts",
        "path": "prompts/system.md",
        "kind": "changed",
        "detail": "One word is new.",
        "difference": [
            {"op": "same", "text": "Refund up to "},
            {"op": "removed", "text": "50"},
            {"op": "added", "text": "200"},
            {"op": "same", "text": " dollars."},
        ],
    },
    {"component": "model", "path": "name", "kind": "changed", "detail": "m-1 → m-2"},
]

FIVE: dict[str, Situation] = {
    "pass": Situation(
        cases=30, cost_factor=1.0, policy=GatePolicy(margin=0.4, default=ClassPolicy(margin=0.4))
    ),
    "fail-with-silent-failures": Situation(
        cases=60,
        broken={"refund": 0.2},
        bad=(Outcome.WRONG_ARGUMENTS, Outcome.DUPLICATE),
        critical=(3,),
        cost_factor=1.5,
    ),
    "inconclusive": Situation(cases=24, broken_cases=(3, 4)),
    "invalid": Situation(cases=30, missing=(1, 2), errored=(5, 6, 7)),
    "first-release": Situation(cases=60, rate=0.97, without_baseline=True),
}


def a_verdict(name: str) -> dict[str, Any]:
    """The document of one of the five."""
    verdict = judge(FIVE[name])
    document = build_document(
        _labelled(verdict),
        suite={"name": "shop", "digest": "sha256:0123456789abcdef"},
        changes=CHANGES if verdict.comparison.baseline else (),
        judged_by="the suite and policy of main (0123456789ab)",
        occasion=Occasion(reproduce="dialgate run suites/shop --case CASE --verbose"),
    )
    for entry in document["explanations"]:
        for decision in entry["candidate"]["decisions"]:
            if not decision["is_correct"]:
                decision.update(expected=a_call(50), actual=a_call(500))
    return document


def a_call(amount: int) -> dict[str, Any]:
    """A refund of so much; the made-up trials themselves hold no calls."""
    return {"name": "refund", "arguments": {"id": "a", "amount": amount}}


def _labelled(verdict: ReleaseVerdict) -> ReleaseVerdict:
    """As if the trials had been recorded with a benchmark's own verdict."""
    comparison = verdict.comparison
    annotations = {"reward": AnnotationSum(total=40, trials=60)}
    candidate = replace(comparison.candidate, annotations=annotations)
    return replace(verdict, comparison=replace(comparison, candidate=candidate))
