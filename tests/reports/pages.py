"""What a page shows beside the verdict: trajectories and records, spelled out briefly for tests."""

from __future__ import annotations

from typing import Any

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_reports.page.page_records import PageRecords, RecordedRunPoint, SideRecord

RECORD: dict[str, Any] = {
    "id": "0123456789ab",
    "counts": {"trials": 1, "errored": 0},
    "versions": {"scorer": "1"},
}


def a_trajectory(case: str = "case-1", *, identity: str = "a", reply: str = "Done.") -> Trajectory:
    """One refund and a reply."""
    function = {"name": "refund", "arguments": {"id": identity}}
    return Trajectory(
        case_id=case,
        trial=0,
        messages=(
            {"role": "user", "content": "Go."},
            {"role": "assistant", "tool_calls": [{"id": "c", "function": function}]},
            {"role": "tool", "tool_call_id": "c", "content": "ok"},
            {"role": "assistant", "content": reply},
        ),
    )


def a_side(*trajectories: Trajectory, **more: Any) -> SideRecord:
    """One side's record."""
    known: dict[str, Any] = {"place": ".dialgate/run-0123456789ab", "record": RECORD}
    shown = {item.case_id: item for item in trajectories}
    return SideRecord(**{**known, **more}, trajectories=shown)


def some_records(**more: Any) -> PageRecords:
    """Both sides of one case, which differ in a refund, with latencies, costs and two runs."""
    known: dict[str, Any] = {
        "baseline": a_side(a_trajectory(), latencies_ms=(10.0, 20.0), costs_usd=(0.1, 0.2)),
        "candidate": a_side(
            a_trajectory(identity="b"), latencies_ms=(20.0, 40.0), costs_usd=(0.1, 0.1)
        ),
        "history": tuple(
            RecordedRunPoint(
                run_id=f"r{index}",
                version=str(index),
                fingerprint=f"sha256:{index}",
                started_at=f"2026-11-0{index}T00:00:00Z",
                classes={"": (9, 10), "refund": (8 + index, 10)},
            )
            for index in (1, 2)
        ),
    }
    return PageRecords(**{**known, **more})
