"""Rows in which nothing moved fold; what they say is said in the line that folds them."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_reports.words.class_rows import fold_classes, still_line
from tests.reports.documents import SIDE, a_class


def a_still(name: str, **more: Any) -> dict[str, Any]:
    return {
        **a_class(name, "inconclusive"), "baseline": SIDE, "candidate": SIDE, "difference": 0.0,
        "cases": {"broken": [], "fixed": [], "flaky": []}, "new_silent": [], "open_suspects": [],
        **more,
    }  # fmt: skip


def test_still_rows_fold_beside_others_and_keep_their_verdicts() -> None:
    rows = fold_classes([a_class("refund"), a_still("mail"), a_still("read", verdict="pass")])
    assert [item["action_class"] for item in rows.shown] == ["refund"]
    assert still_line(rows) == "Nothing moved in 2 classes: mail (inconclusive), read (pass)"


def test_a_small_table_in_which_nothing_moved_is_shown_whole() -> None:
    rows = fold_classes([a_still("mail"), a_still("read")])
    assert len(rows.shown) == 2
    assert still_line(rows) == ""


@pytest.mark.parametrize(
    "more",
    [
        {"verdict": "fail"},
        {"difference": -0.01},
        {"baseline": None},
        {"baseline": {**SIDE, "silent": 0}},
        {"new_silent": ["c"]},
        {"open_suspects": ["c"]},
        {"cases": {"broken": ["c"], "fixed": ["d"], "flaky": []}},
    ],
)
def test_a_row_that_says_something_is_shown(more: dict[str, Any]) -> None:
    rows = fold_classes([a_still("a", **more), a_still("b"), a_still("c")])
    assert [item["action_class"] for item in rows.shown] == ["a"]
