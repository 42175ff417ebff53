"""What a read without a recording asked for stands beside what is recorded."""

from __future__ import annotations

import json
from typing import Any

from dialgate_evals.suite.case import Recording
from dialgate_reports.words.trials.unmatched_reads import describe_unmatched


def messages(arguments: Any, *, unmatched: bool = True) -> list[dict[str, Any]]:
    """One call of get_customer and its answer."""
    function = {"name": "get_customer", "arguments": arguments}
    answer = {"role": "tool", "tool_call_id": "c", "content": "no recording"}
    return [
        {"role": "assistant", "tool_calls": [{"id": "c", "function": function}]},
        {**answer, "unmatched": True} if unmatched else answer,
    ]


RECORDED = [
    Recording(name="get_customer", arguments={"customer": "B-1", "full": True}),
    Recording(name="get_customer", arguments={"customer": "A-7"}),
]


def test_the_nearest_recording_is_set_against_what_was_asked_for() -> None:
    asked = messages(json.dumps({"customer": "A-7."}))
    assert describe_unmatched(asked, RECORDED) == [
        "get_customer: asked for customer 'A-7.', recorded 'A-7'"
    ]


def test_keys_that_one_side_lacks_are_said() -> None:
    assert describe_unmatched(messages({"customer": "A-7", "page": 2}), RECORDED) == [
        "get_customer: asked for page 2, recorded without it"
    ]
    assert describe_unmatched(messages({"customer": "B-1"}), RECORDED[:1]) == [
        "get_customer: no full asked, recorded true"
    ]


def test_a_tool_without_a_recording_is_said() -> None:
    assert describe_unmatched(messages({"customer": "A-7"}), []) == [
        'get_customer: no recording of this tool; asked for {"customer": "A-7"}'
    ]


def test_what_cannot_be_set_side_by_side_is_shown_as_it_is() -> None:
    loose = [Recording(name="get_customer", where={"type": "object"})]
    for arguments, recordings in (({"customer": 1}, loose), ("no json", RECORDED)):
        (line,) = describe_unmatched(messages(arguments), recordings)
        assert "which fits none of its recordings" in line


def test_an_answered_read_and_a_repeated_one_say_nothing_new() -> None:
    asked = messages({"customer": "A-7."})
    assert describe_unmatched(messages({"customer": "A-7"}, unmatched=False), RECORDED) == []
    assert len(describe_unmatched([*asked, *asked], RECORDED)) == 1


def test_a_recording_that_holds_a_fault_only_is_said() -> None:
    (line,) = describe_unmatched(messages({"customer": "A-7"}), RECORDED)
    assert line == "get_customer: asked again for what its recordings answer no more"
