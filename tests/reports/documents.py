"""Verdict documents for tests of reports, spelled out only where it matters."""

from __future__ import annotations

from typing import Any

SIDE = {
    "cases": 10, "trials": 10, "decisions": 10, "correct": 9, "successes": 9, "success_rate": 0.9,
    "silent": 1, "outcomes": {"correct": 9, "wrong_arguments": 1},
}  # fmt: skip

RELEASE = {
    "name": "agent", "version": "2", "fingerprint": "sha256:2",
    "components": {"prompts": "p", "tools": "t", "model": "m", "code": "c"},
}  # fmt: skip


def an_entry(case: str = "case-1", text: str = "x", move: str = "broken") -> dict[str, Any]:
    """A case that failed: one wrong argument, one reply check."""
    decision = {
        "action_class": "refund",
        "outcome": "wrong_arguments",
        "kind": "silent",
        "tool": "refund",
        "expected": {"name": "refund", "arguments": {"id": "a"}},
        "actual": {"name": "refund", "arguments": {"id": text}},
        "is_correct": False,
    }
    side = {
        "trials": 1, "passed": 0, "trial": 0, "decisions": [decision],
        "reply_failures": [f"the reply contains {text!r}"], "diverged": False,
    }  # fmt: skip
    return {
        "case": case, "request": f"Please refund {text}.", "move": move,
        "silent": True, "critical": False, "quarantined": False,
        "origin": "golden", "tags": [], "candidate": side,
        "baseline": {**side, "passed": 1, "decisions": [], "reply_failures": []},
    }  # fmt: skip


def a_class(name: str = "refund", verdict: str = "fail") -> dict[str, Any]:
    """One action class of a verdict."""
    return {
        "action_class": name, "verdict": verdict, "candidate": SIDE,
        "baseline": {**SIDE, "correct": 10, "successes": 10, "success_rate": 1.0, "silent": 0},
        "difference": -0.1, "interval": [-0.4, 0.1], "confidence_level": 0.95,
        "p_regression": 0.5, "p_adjusted": 1.0, "level": 0.025, "detectable_drop": 0.6,
        "margin": 0.05, "silence": {}, "cases": {"broken": ["case-1"], "fixed": [], "flaky": []},
        "new_silent": ["case-1"], "open_suspects": ["case-1"], "reasons": ["It got worse."],
    }  # fmt: skip


def a_document(
    *,
    verdict: str = "fail",
    entries: list[dict[str, Any]] | None = None,
    reasons: list[str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A verdict document with one class and one broken case."""
    said = ["refund: It got worse."] if reasons is None else reasons
    return {
        "schema": 1, "verdict": verdict, "exit_code": 1,
        "suite": "shop", "suite_digest": "sha256:s",
        "judged_by": "the suite and policy of main", "deterministic": False, "allowed": [],
        "release": RELEASE, "baseline": {**RELEASE, "version": "1"},
        "changes": [
            {"component": "model", "path": "name", "kind": "changed", "detail": "a → b"}
        ],
        "classes": [a_class(verdict=verdict)], "suite_estimates": {
            "difference": -0.1, "interval": [-0.3, 0.1],
            "baseline": {"trials": 10, "passed": 10}, "candidate": {"trials": 10, "passed": 9},
        },
        "cases": {
            "broken": ["case-1"], "fixed": [], "flaky": [], "added": [], "removed": [],
            "changed": [], "quarantined": [],
        },
        "explanations": [an_entry()] if entries is None else entries,
        "pass_rates": {"baseline": [1.0], "candidate": [0.9]},
        "usage": {
            "agent_calls": 20, "cached": 0, "wall_s": 1.0, "cost_usd": 0.5, "latency_p95_ms": 120.0,
            "baseline": None, "candidate": {},
        },
        "graduation": [], "gaps": [],
        "budget": [{"rule": "cost_ratio", "failed": False, "sentence": "Mean cost is equal."}],
        "reasons": said,
        "missing": list(range(len(said))) if verdict == "inconclusive" else [],
        "reproduce": "dialgate run suites/shop --case CASE --verbose",
        **more,
    }  # fmt: skip
