"""A queue that is waved through is no evidence."""

from __future__ import annotations

from typing import Any

import pytest
from dialgate_evals.events.review_events import Mode, ProposedCall, ReviewDecision, ReviewEvent
from dialgate_gate.live.review_queue import queue_warnings

from tests.gate.dial_builders import NOW


def events(count: int, **more: Any) -> list[ReviewEvent]:
    values: dict[str, Any] = {
        "occurred_at": NOW,
        "task_id": "t",
        "release": "2",
        "mode": Mode.IN_THE_LOOP,
        "decision": ReviewDecision.APPROVED,
        "proposed": ProposedCall(name="send_mail", arguments={}),
        "reviewer": "Ines",
    }
    return [ReviewEvent(event_id=f"e{i}", **{**values, **more}) for i in range(count)]


REJECTED = {"decision": ReviewDecision.REJECTED}


@pytest.mark.parametrize(
    ("found", "warned"),
    [
        pytest.param(events(1, canary=True), True, id="a canary approved"),
        pytest.param(events(1, canary=True, **REJECTED), False, id="a canary caught"),
        pytest.param(events(50, review_s=1.9), True, id="50 approved in 1.9 s"),
        pytest.param(events(49, review_s=1.9), False, id="49 are too few"),
        pytest.param(events(50, review_s=2.0), False, id="2 s may be reading"),
        pytest.param(events(50), False, id="no times"),
        pytest.param(
            [*events(50, review_s=1.0), *events(1, **REJECTED)], False, id="one was rejected"
        ),
        pytest.param([], False, id="no events"),
    ],
)
def test_a_queue_is_warned_of_where_it_is_waved_through(
    found: list[ReviewEvent], warned: bool
) -> None:
    warnings = queue_warnings(found)
    assert bool(warnings) is warned
    assert all("Ines" in text and "no evidence" in text for text in warnings)
