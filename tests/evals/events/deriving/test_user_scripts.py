"""What the user said after the decision becomes the script of a simulated one."""

from __future__ import annotations

import json
from typing import Any

from dialgate_evals.events.deriving.derivation import Derivation, Standing
from tests.evals.events.deriving.derivations import (
    ONE,
    an_event,
    derived,
    standing_after,
)


def after(before: Standing, found: Derivation) -> Standing:
    """What the files hold when the derivation was written into them."""
    kept = [
        found.replaced.get(case.id, case.document)
        for case in before.cases
        if case.id not in found.removed
    ]
    waiting = [c.document for c in before.candidates if c.id not in found.dropped]
    return standing_after(
        Derivation(
            added=[dict(document) for document in (*kept, *found.added)],
            candidates=[dict(document) for document in (*waiting, *found.candidates)],
            entries=found.entries,
        )
    )


def conversation(*later: str) -> list[dict[str, Any]]:
    """A request, the proposed call with the reviewer's answer, and what was said afterwards."""
    function = {"name": ONE["name"], "arguments": json.dumps(ONE["arguments"])}
    made = {"id": "c1", "type": "function", "function": function}
    said = [{"role": "user", "content": text} for text in later]
    return [
        {"role": "user", "content": "Go."},
        {"role": "assistant", "content": None, "tool_calls": [made]},
        {"role": "tool", "tool_call_id": "c1", "content": "rejected by the reviewer"},
        {"role": "assistant", "content": "Which one did you mean?"},
        *said,
    ]


def test_what_the_user_said_after_the_decision_is_kept_as_a_script() -> None:
    event = an_event(1, "rejected", messages=conversation("The blue one.", "", "Thanks."))
    [case] = derived([event]).added
    assert case["messages"] == [{"role": "user", "content": "Go."}]
    assert case["user"] == {
        "kind": "scripted",
        "rules": [
            {"asks": {"question": "any"}, "answer": "The blue one."},
            {"asks": {"question": "any"}, "answer": "Thanks."},
        ],
        "otherwise": "end",
    }


def test_personal_data_that_the_user_said_afterwards_is_replaced_as_well() -> None:
    event = an_event(1, "rejected", messages=conversation("Write to ada.byron@shop.example."))
    [case] = derived([event]).added
    assert "ada.byron" not in json.dumps(case)


def test_decisions_on_the_same_request_are_one_whatever_was_said_afterwards() -> None:
    first = an_event(1, "rejected", messages=conversation("The blue one."))
    second = an_event(2, "rejected", messages=conversation("Never mind."))
    assert len(derived([first, second]).added) == 1
    assert derived([first], standing_after(derived([second]))).added == []
