"""The plan turned round, as a person reads it."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_gate.planning.inverted import InvertedPlan
from dialgate_gate.planning.plan import Share
from dialgate_reports.texts.inverted_text import inverted_document, render_inverted

FACTS = {
    "suite": "shop",
    "cases": 30,
    "simulations": 40,
    "seed": 0,
    "rates": {"source": "the record .dialgate/run-1", "cases_on_record": 30},
}


def rendered(**more: Any) -> str:
    given: dict[str, Any] = {
        "margin": 0.05,
        "trials": 1,
        "max_agent_calls": 600,
        "cases_to_add": 0,
        "add_to": {},
        "passed": Share(share=0.975, low=0.87, high=1.0),
        "calls_mean": 300.0,
        "calls_p95": 550,
        "is_reached": True,
        "held_back": (),
    }
    return render_inverted(inverted_document(InvertedPlan(**given | more), FACTS))


def test_what_is_reached_is_said_as_settings() -> None:
    text = rendered()
    assert "[gate] margin = 0.05" in text
    assert "[gate] max_agent_calls = 600" in text
    assert "No case has to be added." in text


@pytest.mark.parametrize("width", [80])
def test_it_keeps_to_the_width(width: int) -> None:
    text = rendered(cases_to_add=4, add_to={"refund": 4})
    assert max(map(len, text.splitlines())) <= width
    assert "4 for refund" in text.replace("\n", " ")


def test_what_is_not_reached_names_who_holds_it_back_and_no_settings() -> None:
    text = rendered(is_reached=False, cases_to_add=None, held_back=("refund",)).replace("\n", " ")
    assert "not reached" in text
    assert "Held back by refund" in text
    assert "Write:" not in text
