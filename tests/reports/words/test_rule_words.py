"""By which rule each class was judged: classes that are judged alike are named together."""

from __future__ import annotations

from typing import Any

from dialgate_reports.page.html import render_html
from dialgate_reports.words.figures import moves
from dialgate_reports.words.rule_words import rule_words, rules_line
from tests.reports.documents import a_class, a_document


def ruled(
    name: str, margin: float, origin: str = "policy", fail_on: str = "case"
) -> dict[str, Any]:
    return {**a_class(name), "margin": margin, "margin_from": origin, "fail_on": fail_on}


def test_a_document_that_does_not_say_it_says_nothing() -> None:
    assert rules_line(a_document()) == ""
    assert rule_words(a_class()) == "5 %"
    assert rules_line(a_document(classes=[ruled("a", 0.1)], baseline=None)) == ""


def test_one_rule_for_all_is_one_sentence() -> None:
    assert rules_line(a_document(classes=[ruled("a", 0.1), ruled("b", 0.1)])) == (
        "Tolerated loss in every class: 10 % from the policy, one confirmed broken case fails it."
    )


def test_classes_that_are_judged_alike_stand_together() -> None:
    classes = [ruled(name, 0.2, "cases", "loss") for name in "abcde"] + [ruled("f", 0.05)]
    assert rules_line(a_document(classes=classes)) == (
        "Tolerated loss: 20 % from its cases, only a loss over it fails it (a, b, c and 2 more); "
        "5 % from the policy, one confirmed broken case fails it (f)."
    )


def test_open_cases_and_new_invalid_calls_stand_among_the_cases() -> None:
    item = {**a_class(verdict="inconclusive"), "open": ["c1", "c2"], "invalid": 1}
    assert moves(item) == "1 broken, 2 open, 1 with new invalid calls"


def test_the_page_shows_the_rule_and_what_the_verdict_rests_on() -> None:
    document = a_document(
        classes=[ruled("refund", 0.2, "cases")],
        sealed=False,
        sealed_why=["There is no sandbox."],
        judge_changes=[
            {"path": "policy.toml", "detail": "raises x", "label": "suite-change", "allowed": True}
        ],
        ledger={"head": "sha256:feed"},
        nonce="n-1",
    )
    page = render_html(document)
    for text in (
        "margin 20 % from its cases, by case",
        "one confirmed broken case fails it",
        "There is no sandbox.",
        "raises x",
        "feed",
        "n-1",
    ):
        assert text in page
