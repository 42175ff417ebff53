"""What the suite would notice of an agent's mistakes, in words computed from the document."""

from __future__ import annotations

from typing import Any

from dialgate_reports.formats import FORMATS
from dialgate_reports.page.subject import Subject
from dialgate_reports.verdict.terminal import render_terminal
from dialgate_reports.words.noticed import class_line, noticed_line
from tests.reports.documents import a_document
from tests.reports.graduations import a_graduation

WORST = {"mistake": "planted", "sentence": "pay is called on orders", "case": None}


def noticed(name: str, share: float, survived: int, **more: Any) -> dict[str, Any]:
    worst = WORST if survived else None
    return {
        "action_class": name, "share": share, "made": 10, "survived": survived, "worst": worst,
        **more,
    }  # fmt: skip


def test_the_weakest_class_and_the_worst_survivor_are_named() -> None:
    line = noticed_line({"noticed": [noticed("pay", 0.8, 2), noticed("book", 0.5, 5)]})
    assert line == (
        "Of 20 mistakes made up from what cases expect, the suite notices 13; least in book (50 %)."
        " Nobody would notice: pay is called on orders (no case shows it)."
    )


def test_nothing_is_said_where_nothing_was_made_up_and_all_where_all_is_noticed() -> None:
    assert noticed_line({"noticed": None}) == noticed_line({"noticed": []}) == ""
    assert noticed_line({"noticed": [noticed("pay", 1.0, 0)]}).endswith("notices all.")
    assert class_line({"noticed": None}) == ""
    assert class_line({"noticed": noticed("pay", 1.0, 0)}) == (
        "The suite notices 100 % of 10 mistakes made up in this class."
    )


def test_each_report_of_a_verdict_and_of_the_dial_says_it() -> None:
    document = {**a_document(), "noticed": [noticed("pay", 0.8, 2)]}
    texts = [form.render(Subject(document=document)) for form in FORMATS if form.name != "junit"]
    texts.append(render_terminal(document))
    graduation = a_graduation()
    graduation["classes"][0]["noticed"] = noticed("pay", 0.8, 2)
    texts += [
        form.render(Subject(document=graduation), of="recommendation")
        for form in FORMATS
        if form.recommendation is not None
    ]
    for text in texts:
        assert "pay is called on orders" in " ".join(text.split())
