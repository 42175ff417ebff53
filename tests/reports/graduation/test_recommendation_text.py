"""Recommendations fit 80 columns, put demotions first, and hostile text stays text."""

from __future__ import annotations

from typing import Any

from dialgate_reports.graduation.recommendation_text import render_recommendation


def an_entry(name: str, move: str = "hold", recommended: str = "in_the_loop") -> dict[str, Any]:
    return {
        "action_class": name,
        "mode": "out_of_the_loop",
        "recommended": recommended,
        "move": move,
        "evidence": {
            "eval_success_low": 0.999,
            "silent_rate_high": 0.011,
            "live_reviews": 123_456,
            "intervention_rate_high": 0.9999,
        },
        "missing": [] if move != "hold" else ["Something <b>is</b> missing \x1b[31m. " * 8],
        "reasons": ["It climbed."] if move == "demote" else [],
        "readiness": [{"requirement": "owner", "met": True, "detail": "All five are named."}],
    }


def a_document(*entries: dict[str, Any]) -> dict[str, Any]:
    return {
        "suite": "shop",
        "evidence": "sha256:" + "0" * 64,
        "release": {"version": "2", "fingerprint": "sha256:" + "1" * 64},
        "graduation": list(entries),
    }


LONG = a_document(
    an_entry("a.class.with.a.very.long.name"), an_entry("mail", "demote", "on_the_loop")
)


def test_every_line_fits_80_columns() -> None:
    assert max(map(len, render_recommendation(LONG).splitlines())) <= 80


def test_demotions_come_first_and_names_are_whole_beneath_the_table() -> None:
    text = render_recommendation(LONG)
    assert text.index("mail: demote to on the loop") < text.index("a.class.with.a.very.long.name:")


def test_readiness_that_holds_is_shown_on_request_only() -> None:
    assert "All five are named." not in render_recommendation(LONG)
    assert "All five are named." in render_recommendation(LONG, verbose=True)


def test_hostile_text_stays_text() -> None:
    assert "\x1b" not in render_recommendation(LONG)
