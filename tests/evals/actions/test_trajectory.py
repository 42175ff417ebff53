"""A trajectory as a line of a file, and the text of a message's content."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.trajectory import parse_trajectory, text_of


@pytest.mark.parametrize("content", [None, 1, {}, [None, "x", {"text": None}]])
def test_content_that_is_no_text_is_empty(content: object) -> None:
    assert text_of(content) == ""


def said(role: str, text: Any) -> dict[str, Any]:
    return {"role": role, "content": text}


usage = st.none() | st.integers(0, 10**6)


@given(
    st.fixed_dictionaries(
        {
            "case_id": st.text(min_size=1),
            "trial": st.integers(0, 9),
            "messages": st.lists(st.builds(said, st.just("user"), st.text()), max_size=2),
            "error": st.none() | st.text(),
            "latency_ms": st.none() | st.floats(0, 1e6),
            "cost_usd": st.none() | st.floats(0, 10),
            "usage": st.none()
            | st.fixed_dictionaries({"input_tokens": st.integers(0, 9), "output_tokens": usage}),
            "labels": st.dictionaries(st.text(), st.booleans(), max_size=2),
        },
        optional={"failure": st.text(), "state": st.just({"initial": {}, "final": {}})},
    )
)
def test_a_trajectory_written_then_read_is_equal(document: dict[str, Any]) -> None:
    parsed = parse_trajectory(document)
    # Of a trial that broke off, what is written says whether that was for want of time.
    late = {"timed_out": parsed.timed_out} if "failure" in document else {}
    assert parsed.as_json() == document | late
    assert parse_trajectory(parsed.as_json()) == parsed


@pytest.mark.parametrize(
    ("written", "is_late"),
    [
        ({"failure": "no reply within 60 s", "timed_out": True}, True),
        ({"failure": "no reply within 60 s", "timed_out": False}, False),
        ({"failure": "no reply within 0.5 s"}, True),
        ({"failure": "no reply within 3 turns (max_turns)"}, False),
        ({"failure": "crashed"}, False),
        ({}, False),
    ],
    ids=["said", "denied", "of before the field", "another limit", "another end", "no end"],
)
def test_running_out_of_time_is_a_field_and_older_transcripts_say_it_by_their_text(
    written: dict[str, Any], is_late: bool
) -> None:
    document = {"case_id": "c", "trial": 0, "messages": [], **written}
    assert parse_trajectory(document).timed_out is is_late
