"""Labels said in a terminal are those of the page: the same file, the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from dialgate.cases.judging import label_session
from dialgate.cases.judging.label_calls import LabelCalls
from dialgate.cli import group
from dialgate_evals.actions.rubrics.votes import Answer
from tests.dialgate.cases.judging.desks import BAD, Desk
from tests.dialgate.cases.judging.test_label_session import calibrated, kept, session_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path / "desk", cases=6)


def ask(*lines: str) -> str:
    """What a reviewer who types these lines is told."""
    done = CliRunner().invoke(
        group, ["accept", "desk", "--terminal", "--reviewer", "Cy"],
        input="".join(f"{line}\n" for line in lines), standalone_mode=False,
    )  # fmt: skip
    assert done.exception is None, done.output
    return done.output


def page(desk: Desk, *said: tuple[str, dict[str, Any]]) -> bytes:
    """What the page's answers write, by the same person and clock."""
    calls = LabelCalls(session_of(desk, "Cy"))
    for verb, document in said:
        assert calls.answer("POST", verb, "", document) is not None
    path = desk.folder / "labels/cy.jsonl"
    content = path.read_bytes()
    path.unlink()
    return content


def test_the_same_words_are_the_same_bytes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = (f"2026-12-01T08:00:{n:02}.000000Z" for n in range(60))
    by_page = page(
        desk,
        ("label", {"n": 0, "answer": "yes"}),
        ("label", {"n": 1, "answer": "no"}),
        ("plant", {"n": 2, "answer": "no", "text": "Go away.\nNow."}),
        ("plant", {"n": 2, "answer": "yes", "text": "  Thank you"}),
        ("label", {"n": 2, "answer": "yes"}),
        ("unlabel", {}),
    )
    monkeypatch.setattr(label_session.LabelSession, "_moment", lambda _: next(moments))
    ask("t", "y", "n", "p", "Go away.", "Now.", ".", "n", "p", "  Thank you", ".", "y",
        "y", "u", "q", "q", "n", "q", "n")  # fmt: skip
    assert (desk.folder / "labels/cy.jsonl").read_bytes() == by_page


def test_a_text_is_shown_with_what_is_asked_and_without_votes(desk: Desk) -> None:
    told = ask("t", "j", "k", "o", "x", "q")
    assert "Texts to label: 6 (t)." in told
    second = session_of(desk).drawn[1]
    assert f"--- 2 of 6, {second.case}, 0 labels of yours" in told
    assert "is polite" in told
    assert f"| {second.question.text}" in told
    assert "judge" not in told
    assert told.count("y yes, n no") == 2


def test_disagreements_come_with_everybodys_word_and_are_settled(desk: Desk) -> None:
    desk.label(right=2, wrong=0)
    calibrated(desk, Answer.NO)
    told = ask("t", "d", "n", "q")
    assert "Ada: yes" in told
    assert "judge one: no" in told
    (settled,) = [label for label in kept(desk) if label.settles]
    assert (settled.word, settled.chosen, settled.person) == ("no", "disagreement", "Cy")


def test_a_planted_text_must_say_something(desk: Desk) -> None:
    told = ask("t", "p", ".", "n", "q")
    assert "Write a text of 1 to 20,000 characters." in told
    assert not (desk.folder / "labels").exists()


def test_nothing_to_undo_and_nobody_who_differs_is_said(desk: Desk) -> None:
    told = ask("t", "u", "d", "q")
    assert "There is nothing to undo." in told
    assert "Nobody differs." in told


def test_the_end_of_the_input_keeps_the_labels_and_says_so(desk: Desk) -> None:
    assert "2 labels kept in desk/labels." in ask("t", "y", "n")
    assert len(kept(desk)) == 2


def test_where_all_is_labelled_it_says_so(desk: Desk) -> None:
    told = ask("t", *["y"] * 6, "q")
    assert "Every text has your label." in told
    assert "No text of this run has a criterion and no label." in ask("t", "q")


def test_what_an_agent_wrote_moves_nothing_on_the_screen(desk: Desk) -> None:
    path = desk.folder / "transcripts/2.jsonl"
    path.write_text(path.read_text("utf-8").replace("thank you", "\\u001b[2J\\u202e" + BAD))
    told = ask("t", "q")
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_a_suite_without_a_criterion_has_no_such_key(desk: Desk) -> None:
    for case in desk.suite.cases:
        del case["expect"]["reply"]
    desk.suite.write_cases()
    told = ask("t", "q")
    assert "texts to label" not in told
    assert told.count("j next, k back") == 2
