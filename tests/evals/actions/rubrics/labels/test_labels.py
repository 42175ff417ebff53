"""People's words on texts: what stands, and what a file of them may say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from dialgate_evals.actions.rubrics.criterion import Criterion, Statements
from dialgate_evals.actions.rubrics.labels.label import (
    Chosen,
    Label,
    Word,
    lasting,
    parse_label,
    settle,
)
from dialgate_evals.actions.rubrics.labels.label_files import (
    CastVote,
    append_label,
    read_labels,
    read_votes,
    write_votes,
)
from dialgate_evals.actions.rubrics.votes import Answer, Question

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.files.problems import Problem

CRITERION = Criterion(
    name="answers", text="It answers.", must=Statements(say=(("done", "finished"),))
)


def label(word: Word = Word.YES, person: str = "Ada", at: int = 0, **more: Any) -> Label:
    return Label(
        case="c-1",
        question=Question(criterion=CRITERION, of="reply", text="It is done."),
        word=word,
        person=person,
        at=f"2026-11-29T10:{at:02}:00Z",
        chosen=more.pop("chosen", Chosen.DRAWN),
        **more,
    )


class TestWhatStands:
    """A person's last word counts; contradictions stay open until somebody settles them."""

    def stands(self, *labels: Label) -> bool | None:
        return next(iter(settle(labels).values())).truth

    def test_one_word_stands(self) -> None:
        assert self.stands(label()) is True
        assert self.stands(label(Word.NO)) is False

    def test_a_later_word_of_the_same_person_replaces_the_earlier(self) -> None:
        assert self.stands(label(Word.NO, at=2), label(Word.YES, at=1)) is False

    def test_people_who_contradict_each_other_leave_it_open(self) -> None:
        found = settle([label(), label(Word.NO, person="Bo")])
        assert next(iter(found.values())).is_open

    def test_a_settling_word_counts_instead_of_all_others(self) -> None:
        settling = label(Word.NO, person="Cy", at=3, settles=True, chosen=Chosen.DISAGREEMENT)
        assert self.stands(label(), label(Word.NO, person="Bo"), settling) is False

    def test_a_word_taken_back_is_none(self) -> None:
        assert settle([label(), label(Word.WITHDRAWN, at=1)]) == {}

    def test_a_settled_disagreement_of_a_drawn_text_still_measures(self) -> None:
        settling = label(Word.NO, person="Cy", settles=True, chosen=Chosen.DISAGREEMENT)
        assert next(iter(settle([label(), settling]).values())).measures

    def test_a_text_that_was_only_chosen_for_its_votes_measures_nothing(self) -> None:
        chosen = label(settles=True, chosen=Chosen.DISAGREEMENT)
        assert not next(iter(settle([chosen]).values())).measures


def test_a_label_written_and_read_is_the_same() -> None:
    made = label(reason="it says so", release="2", settles=True)
    assert parse_label(json.loads(json.dumps(made.as_json()))) == made


def test_the_expected_text_is_no_part_of_what_a_criterion_lastingly_asks() -> None:
    assert lasting(replace(CRITERION, same_as="x")) == lasting(CRITERION)
    assert lasting(replace(CRITERION, text="Another.")) != lasting(CRITERION)


class TestFiles:
    """Each person has a file; every problem of all of them is told at once."""

    def read(self, folder: Path) -> tuple[list[Label], list[Problem]]:
        problems: list[Problem] = []
        return read_labels(folder, problems), problems

    def test_labels_are_read_as_they_were_added(self, tmp_path: Path) -> None:
        for made in (label(), label(Word.NO, at=1), label(person="Bo / ../..")):
            append_label(tmp_path, made)
        found, problems = self.read(tmp_path)
        assert (len(found), problems) == (3, [])
        assert {path.name for path in (tmp_path / "labels").iterdir()} == {"ada.jsonl", "bo.jsonl"}

    def test_a_line_that_a_crash_cut_short_is_dropped_by_the_next_one(self, tmp_path: Path) -> None:
        path = append_label(tmp_path, label())
        path.write_bytes(path.read_bytes() + b'{"schema": 1, "ca')
        append_label(tmp_path, label(at=1))
        assert len(self.read(tmp_path)[0]) == 2

    def test_a_line_that_claims_another_question_is_refused(self, tmp_path: Path) -> None:
        path = append_label(tmp_path, label())
        document = json.loads(path.read_text("utf-8")) | {"text": "It is not done."}
        path.write_text(json.dumps(document) + "\n", "utf-8")
        found, problems = self.read(tmp_path)
        assert found == []
        assert "digest of what the line asks" in problems[0].expected

    def test_every_bad_line_is_named(self, tmp_path: Path) -> None:
        path = append_label(tmp_path, label())
        good = path.read_text("utf-8")
        unknown = json.dumps(json.loads(good) | {"certainty": 1})
        path.write_text(f"not json\n{unknown}\n{good}", "utf-8")
        found, problems = self.read(tmp_path)
        assert len(found) == 1
        assert [problem.place.split("/")[0].strip() for problem in problems] == ["line 1", "line 2"]

    def test_each_missing_key_is_named_once(self, tmp_path: Path) -> None:
        path = append_label(tmp_path, label())
        path.write_text('{"schema": 1}\n', "utf-8")
        named = [problem.found for problem in self.read(tmp_path)[1]]
        assert len(named) == len(set(named)) == 9

    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").write_text("secret", "utf-8")
        (tmp_path / "labels").mkdir()
        (tmp_path / "labels" / "ada.jsonl").symlink_to(tmp_path / "elsewhere")
        assert [problem.found for problem in self.read(tmp_path)[1]] == ["a link"]
        with pytest.raises(OSError, match=r"ada\.jsonl"):
            append_label(tmp_path, label())
        assert (tmp_path / "elsewhere").read_text("utf-8") == "secret"

    def test_a_folder_that_is_a_link_is_neither_read_nor_written(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "labels").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(OSError, match="a link"):
            append_label(tmp_path, label())
        assert list((tmp_path / "elsewhere").iterdir()) == []
        assert [problem.found for problem in self.read(tmp_path)[1]] == ["a link"]

    def test_votes_written_and_read_are_the_same(self, tmp_path: Path) -> None:
        cast = CastVote(
            judge="sha256:" + "0" * 64,
            question=label().question.digest,
            answer=Answer.UNSURE,
            votes={"a": Answer.YES, "b": Answer.FAILED},
            at="2026-11-29T10:00:00Z",
        )
        write_votes(tmp_path, [cast, cast])
        assert read_votes(tmp_path, []) == [cast, cast]
