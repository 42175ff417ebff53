"""A queue that is waved through is no evidence."""

from __future__ import annotations

import pytest

from dialgate_evals.events.event_cube import Bucket, ReviewerCounts
from dialgate_evals.events.review_events import ReviewDecision
from dialgate_gate.live.reviewer_quality import queue_signs


def decided(count: int, seconds: float | None = None, rejected: int = 0) -> ReviewerCounts:
    """So many approvals of one reviewer, of one pace, and some rejections."""
    words = {ReviewDecision.APPROVED: count, ReviewDecision.REJECTED: rejected}
    pace = (Bucket(count=count, least=seconds, most=seconds),) if seconds is not None else ()
    return ReviewerCounts(decisions={word: n for word, n in words.items() if n}, review_s=pace)


@pytest.mark.parametrize(
    ("found", "warned"),
    [
        pytest.param(ReviewerCounts(canaries=1, canaries_passed=("e0",)), True, id="a canary let"),
        pytest.param(ReviewerCounts(canaries=1), False, id="a canary caught"),
        pytest.param(decided(50, 1.9), True, id="50 approved in 1.9 s"),
        pytest.param(decided(49, 1.9), False, id="49 are too few"),
        pytest.param(decided(50, 2.0), False, id="2 s may be reading"),
        pytest.param(decided(50), False, id="no times"),
        pytest.param(decided(50, 1.0, rejected=1), False, id="one was rejected"),
        pytest.param(ReviewerCounts(), False, id="no events"),
    ],
)
def test_a_queue_is_warned_of_where_it_is_waved_through(
    found: ReviewerCounts, warned: bool
) -> None:
    warnings = queue_signs({"Ines": found})
    assert bool(warnings) is warned
    assert all("Ines" in text and "no evidence" in text for text in warnings)
