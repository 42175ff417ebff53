"""What a run cost: calls, tokens, dollars, latency. Unknown is None, never zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.texts.endings import MALFORMED

if TYPE_CHECKING:
    from dialgate_gate.comparing.run_evidence import RunEvidence


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


def _total(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
