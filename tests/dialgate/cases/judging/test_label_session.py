"""A person labels texts: blind to votes, kept at once, and settles what others differ on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases.judging.label_calls import LabelCalls
from dialgate.cases.judging.label_session import LabelSession, UnfitLabelError
from dialgate.cases.judging.texts_on_record import texts_on_record
from dialgate.runs.judging.licensed import read_labelled
from dialgate_evals.actions.rubrics.labels.label import Word
from dialgate_evals.actions.rubrics.labels.label_files import CastVote, read_labels, write_votes
from dialgate_evals.actions.rubrics.votes import Answer, Vote
from dialgate_evals.suite.workspace import load_workspace
from tests.dialgate.cases.judging.desks import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.actions.rubrics.labels.label import Label
    from dialgate_gate.licensing.drawing import Text


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk", cases=6)


def session_of(desk: Desk, person: str = "Cy", **more: Any) -> LabelSession:
    """A session whose clock moves a second a label."""
    suite = read_labelled(load_workspace(desk.folder))
    texts = tuple(texts_on_record(suite.workspace, desk.folder / ".dialgate", suite.classes_of))
    seconds = iter(range(10_000))
    return LabelSession(
        suite=suite,
        person=person,
        texts=texts,
        now=lambda: dt.datetime(2026, 12, 1, 8, 0, next(seconds) % 60, tzinfo=dt.UTC),
        **more,
    )


def kept(desk: Desk) -> list[Label]:
    return read_labels(desk.folder, [])


def calibrated(desk: Desk, answer: Answer) -> None:
    """The judge said this of every text with a label."""
    suite = read_labelled(load_workspace(desk.folder))
    write_votes(
        desk.folder,
        [
            CastVote(
                judge=suite.workspace.judges.digest,
                question=label.question.digest,
                answer=answer,
                votes={"one": answer},
                at="2026-11-30T00:00:00Z",
            )
            for label in suite.labels
        ],
    )


def test_a_label_is_in_the_suites_folder_as_soon_as_it_is_said(desk: Desk) -> None:
    session = session_of(desk)
    session.say(0, Word.YES, settles=False)
    (label,) = kept(desk)
    assert (label.person, label.word, label.chosen) == ("Cy", "yes", "drawn")
    assert label.release == "2"
    assert session.left == 5


def test_undo_takes_the_last_word_back_and_keeps_that_it_was_said(desk: Desk) -> None:
    session = session_of(desk)
    session.say(0, Word.YES, settles=False)
    session.undo()
    assert [label.word for label in kept(desk)] == ["yes", "withdrawn"]
    assert session.left == 6
    with pytest.raises(UnfitLabelError, match="nothing to undo"):
        session.undo()


def test_a_planted_text_is_kept_as_the_persons_own(desk: Desk) -> None:
    session = session_of(desk)
    session.plant(0, "Go away.", Word.NO)
    (label,) = kept(desk)
    assert (label.question.text, label.chosen, label.release) == ("Go away.", "planted", None)
    assert label.case == session.drawn[0].case
    with pytest.raises(UnfitLabelError, match="Write a text"):
        session.plant(0, "  ", Word.NO)


def test_a_labelled_text_is_not_drawn_again(desk: Desk) -> None:
    desk.label(right=2, wrong=0)
    assert len(session_of(desk).drawn) == 4


def test_mistakes_of_the_judge_wait_to_be_settled_and_are_settled_once(desk: Desk) -> None:
    desk.label(right=2, wrong=1)
    calibrated(desk, Answer.NO)
    session = session_of(desk)
    assert session.unsettled == 2
    session.say(0, Word.NO, settles=True)
    again = session_of(desk)
    assert again.unsettled == 1
    settled = next(label for label in kept(desk) if label.settles)
    assert settled.chosen == "disagreement"


def test_people_who_contradict_each_other_wait_too(desk: Desk) -> None:
    session_of(desk, "Ada").say(0, Word.YES, settles=False)
    fixed = session_of(desk, "Ada").suite.labels[0]
    bo = session_of(desk, "Bo")
    bo.texts = ()
    bo._write(_as_by(fixed, "Bo"))
    (dispute,) = session_of(desk).disputes
    assert dict(dispute.people) == {"Ada": "yes", "Bo": "no"}


def _as_by(label: Label, person: str) -> Label:
    from msgspec.structs import replace

    return replace(label, person=person, word=Word.NO)


def test_texts_on_which_judges_differ_are_settled_and_never_drawn(desk: Desk) -> None:
    def votes_on(text: Text) -> tuple[Vote, ...]:
        other = Answer.NO if text.case.endswith("001") else Answer.YES
        return tuple(
            Vote(judge=name, answer=answer, reason="")
            for name, answer in (("one", Answer.YES), ("two", other))
        )

    session = session_of(desk, votes_on=votes_on)
    assert [dict(item.votes) for item in session.disputes] == [{"one": "yes", "two": "no"}]
    assert len(session.drawn) == 5


class TestPage:
    """What the page gets: no vote beside a text that is to measure the judge."""

    def test_a_drawn_text_comes_without_votes_and_others_words(self, desk: Desk) -> None:
        calls = LabelCalls(session_of(desk))
        found = calls.answer("GET", "text", "0", {})
        assert found is not None
        assert not {"votes", "people"} & found.keys()
        assert found["asks"] == "is polite"

    def test_what_rules_ask_is_said_in_words(self, desk: Desk) -> None:
        rubric = [{"name": "amount", "must": {"numbers": [10], "say": [["paid", "back"]]}}]
        for case in desk.suite.cases:
            case["expect"]["reply"] = {"rubric": rubric}
        desk.suite.write_cases()
        found = LabelCalls(session_of(desk)).answer("GET", "text", "0", {})
        assert found is not None
        assert found["asks"] == "It must say: paid or back\nIt must state the number: 10"

    def test_a_dispute_comes_with_everybodys_word(self, desk: Desk) -> None:
        desk.label(right=1, wrong=0)
        calibrated(desk, Answer.NO)
        found = LabelCalls(session_of(desk)).answer("GET", "text", "0/dispute", {})
        assert found is not None
        assert found["votes"] == [{"name": "one", "word": "no"}]
        assert found["people"] == [{"name": "Ada", "word": "yes"}]

    @pytest.mark.parametrize("place", ["6", "-1", "x", "", "9999999999999", "0/dispute"])
    def test_what_is_not_there_is_not_answered(self, desk: Desk, place: str) -> None:
        assert LabelCalls(session_of(desk)).answer("GET", "text", place, {}) is None

    @pytest.mark.parametrize(
        "document",
        [{}, {"n": 0}, {"n": True, "answer": "yes"}, {"n": 0, "answer": "withdrawn"},
         {"n": 99, "answer": "yes"}, {"n": 0, "answer": "yes", "settles": True}],
    )  # fmt: skip
    def test_a_bad_label_is_refused_and_nothing_kept(
        self, desk: Desk, document: dict[str, Any]
    ) -> None:
        with pytest.raises(UnfitLabelError):
            LabelCalls(session_of(desk)).answer("POST", "label", "", document)
        assert kept(desk) == []

    def test_a_word_moves_the_state_on(self, desk: Desk) -> None:
        calls = LabelCalls(session_of(desk))
        done = calls.answer("POST", "label", "", {"n": 1, "answer": "no"})
        assert done is not None
        assert done["state"]["drawn"] == ".n...."
        assert calls.waiting == 5
