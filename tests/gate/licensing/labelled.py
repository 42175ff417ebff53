"""Builders of labels and votes for the tests of licensing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.rubrics.criterion import Criterion
from dialgate_evals.actions.rubrics.labels.label import Chosen, Label, Word, lasting
from dialgate_evals.actions.rubrics.labels.label_files import CastVote
from dialgate_evals.actions.rubrics.votes import Answer, Question
from dialgate_gate.licensing.measured import Measurements, measure

if TYPE_CHECKING:
    from collections.abc import Iterable

JUDGE = "sha256:" + "1" * 64
ANSWERS = Criterion(name="answers", text="It answers the question.")


def question(text: str, criterion: Criterion = ANSWERS) -> Question:
    return Question(criterion=criterion, of="reply", text=text)


def label(
    text: str,
    word: Word,
    *,
    case: str | None = None,
    minute: int = 0,
    person: str = "Ada",
    chosen: Chosen = Chosen.DRAWN,
) -> Label:
    """A label; each text is of a case of its own, unless it is said."""
    at = f"2026-11-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z"
    return Label(
        case=text if case is None else case,
        question=question(text),
        word=word,
        person=person,
        at=at,
        chosen=chosen,
    )


def vote(text: str, answer: Answer, *, judge: str = JUDGE, day: int = 1) -> CastVote:
    return CastVote(
        judge=judge,
        question=question(text).digest,
        answer=answer,
        votes={"one": answer, "two": answer},
        at=f"2026-12-{day:02}T00:00:00Z",
    )


def measured(
    labels: Iterable[Label],
    votes: Iterable[CastVote],
    *,
    judge: str = JUDGE,
    classes: tuple[str, ...] = ("refund",),
) -> Measurements:
    labels = list(labels)
    return measure(
        labels,
        votes,
        judge=judge,
        classes_of={item.case: classes for item in labels},
        current={lasting(ANSWERS)},
    )


def rated(right: int, wrong: int, *, missed: int = 0, overlooked: int = 0) -> Measurements:
    """So many labels of each kind, of which the judge got so many wrong."""
    labels, votes = [], []
    for n in range(right + wrong):
        is_right = n < right
        place = n if is_right else n - right
        errs = place < (missed if is_right else overlooked)
        labels.append(label(f"text {n}", Word.YES if is_right else Word.NO, minute=n))
        votes.append(vote(f"text {n}", Answer.YES if is_right is not errs else Answer.NO))
    return measured(labels, votes)
