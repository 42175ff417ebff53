"""What a run cost: calls, tokens, dollars, latency. Unknown is None, never zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.texts.endings import MALFORMED
from dialgate_gate.comparing.apart_costs import sum_apart

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.verdict.confirmed import Confirmed


def summarise_usage(side: RunEvidence) -> dict[str, Any]:
    """Agent calls, cost, latency and tool calls of one side; cached trials cost no call."""
    import numpy as np  # noqa: PLC0415 - what ran nothing comes without it

    finished = [score for score in side.scores if score.passed is not None]
    costs = [score.cost_usd for score in finished if score.cost_usd is not None]
    repeated = [score.cost_usd for score in side.repeats if score.cost_usd is not None]
    latencies = [score.latency_ms for score in finished if score.latency_ms is not None]
    calls = [score.tool_calls for score in finished]
    return {
        "trials": len(side.scores),
        "errored": len(side.errored),
        **({"first_errored": _first_errored(side)} if side.errored else {}),
        "agent_calls": len(side.scores) - side.cached + len(side.repeats),
        "cost_usd": round(sum(costs) + sum(repeated), 6) if costs else None,
        "cost_per_task_usd": round(sum(costs) / len(costs), 6) if costs else None,
        "latency_p50_ms": round(float(np.percentile(latencies, 50)), 3) if latencies else None,
        "latency_p95_ms": round(float(np.percentile(latencies, 95)), 3) if latencies else None,
        "tool_calls_per_task": round(sum(calls) / len(calls), 3) if calls else None,
        "invalid_calls": sum(score.invalid_calls for score in finished),
        "failed_calls": sum(score.failed_calls for score in finished),
        "unmatched_reads": sum(score.unmatched_reads for score in finished),
        "finished": len(finished),
        "cut_off": sum(score.finish_reason == "length" for score in finished),
        "filtered": sum(score.finish_reason == "content_filter" for score in finished),
        "malformed": sum(score.finish_reason == MALFORMED for score in finished),
        "refusals": sum(score.refusal for score in finished),
        "workers_died": side.workers_died,
        "text_calls": sum(score.text_calls for score in finished),
        "input_tokens": _total([score.input_tokens for score in finished]),
        "output_tokens": _total([score.output_tokens for score in finished]),
    }


def _first_errored(side: RunEvidence) -> dict[str, Any]:
    """The first trial that could not be run, and why, in the words of whoever ended it."""
    first = side.errored[0]
    return {"case": first.case_id, "trial": first.trial, "why": first.error}


def _total(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def usage_document(
    baseline: RunEvidence | None,
    candidate: RunEvidence,
    confirmed: Confirmed | None,
) -> dict[str, Any]:
    """What both sides cost together, and each; fresh trials and judges counted in."""
    now = summarise_usage(candidate)
    before = summarise_usage(baseline) if baseline else None
    sides = [side for side in (baseline, candidate) if side is not None]
    figures = [figure for figure in (before, now) if figure is not None]
    costs = [figure["cost_usd"] for figure in figures if figure["cost_usd"] is not None]
    if confirmed and confirmed.cost_usd is not None:
        costs.append(confirmed.cost_usd)
    for name, figure in (("baseline", before), ("candidate", now)):
        if confirmed and figure is not None:
            figure["workers_died"] += confirmed.workers_died.get(name, 0)
    return {
        "agent_calls": sum(figure["agent_calls"] for figure in figures)
        + (confirmed.decision.fresh_calls if confirmed else 0),
        "cached": sum(side.cached for side in sides),
        "wall_s": round(sum(side.wall_s for side in sides), 3),
        "cost_usd": round(float(sum(costs)), 6) + 0.0 if costs else None,
        "latency_p95_ms": now["latency_p95_ms"],
        **_apart(sides, confirmed),
        "baseline": before,
        "candidate": now,
    }


def _apart(sides: Iterable[RunEvidence], confirmed: Confirmed | None) -> dict[str, Any]:
    """What users and judges cost, in first trials, repeated and fresh ones."""
    total = sum_apart(score for side in sides for score in (*side.scores, *side.repeats))
    return (total if confirmed is None else total + confirmed.apart).as_json()
