"""A label: one person's word on a criterion on a text, and what several come to.

Knows when a label stands; leaves files to `label_files` and what labels show of a judge to the
gate's licensing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from dialgate_evals.actions.rubrics.criterion import Criterion, parse_criterion
from dialgate_evals.actions.rubrics.votes import Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Word(StrEnum):
    """What a person says."""

    YES = "yes"
    # the text is as the criterion asks
    NO = "no"
    WITHDRAWN = "withdrawn"
    # the earlier word is taken back


class Chosen(StrEnum):
    """How a text came to be asked about."""

    DRAWN = "drawn"
    # without a look at votes
    PLANTED = "planted"
    # written to be right, or to be wrong
    DISAGREEMENT = "disagreement"
    # because votes or people disagree: it settles, and measures no judge


MEASURES = frozenset({Chosen.DRAWN, Chosen.PLANTED})


class Label(Struct, frozen=True, kw_only=True):
    """One person's word on one question."""

    case: str
    question: Question
    word: Word
    person: str
    at: str
    # RFC 3339, UTC, so that texts sort as times do
    chosen: Chosen
    settles: bool = False
    reason: str | None = None
    release: str | None = None
    # version of the release that wrote the text; None: nobody said

    def as_json(self) -> dict[str, Any]:
        """The label as its file holds it."""
        question = self.question
        return {
            "schema": 1,
            "case": self.case,
            "criterion": question.criterion.as_json(),
            "of": question.of,
            "text": question.text,
            "context": {key: list(texts) for key, texts in question.context.items()},
            "question": question.digest,
            "answer": self.word.value,
            "person": self.person,
            "at": self.at,
            "chosen": self.chosen.value,
            "settles": self.settles,
            "reason": self.reason,
            "release": self.release,
        }


def parse_label(document: Mapping[str, Any]) -> Label:
    """The label of a checked line; `question` is worked out anew, see `label_files`."""
    said = document["criterion"]
    criterion = replace(parse_criterion(said["name"], said), same_as=said["same_as"])
    question = Question(
        criterion=criterion,
        of=document["of"],
        text=document["text"],
        context={key: tuple(texts) for key, texts in document.get("context", {}).items()},
    )
    return Label(
        case=document["case"],
        question=question,
        word=Word(document["answer"]),
        person=document["person"],
        at=document["at"],
        chosen=Chosen(document["chosen"]),
        settles=document.get("settles", False),
        reason=document.get("reason"),
        release=document.get("release"),
    )


def lasting(criterion: Criterion) -> str:
    """Digest of what a criterion asks of any text: labels of another wording say nothing of it."""
    return replace(criterion, same_as=None).digest


class Settled(Struct, frozen=True, kw_only=True):
    """Everybody's word on one question, and what stands."""

    label: Label
    # the first one, for what it is about
    words: Mapping[str, Word]
    # by person: each one's last own word
    truth: bool | None
    # whether the text is as asked; None: people contradict each other, and nobody settled it
    at: str
    # of the last word that counts
    measures: bool
    # whether the text was chosen without a look at votes
    is_settled: bool = False
    # whether somebody's word counts instead of all others

    @property
    def is_open(self) -> bool:
        """Whether people contradict each other here."""
        return self.truth is None


def settle(labels: Iterable[Label]) -> dict[str, Settled]:
    """What stands on each question that somebody has a word on, by its digest.

    A person's last word counts; words that settle count instead of all others, the last of them.
    """
    last: dict[str, dict[tuple[str, bool], Label]] = {}
    for label in sorted(labels, key=lambda item: item.at):
        last.setdefault(label.question.digest, {})[label.person, label.settles] = label
    found = {}
    for question, words in last.items():
        standing = [item for item in words.values() if item.word is not Word.WITHDRAWN]
        if standing:
            found[question] = _settled(standing)
    return found


def _settled(labels: list[Label]) -> Settled:
    settling = [item for item in labels if item.settles]
    own = [item for item in labels if not item.settles]
    counting = settling[-1:] or own
    said = {item.word for item in counting}
    return Settled(
        label=min(labels, key=lambda item: item.at),
        words={item.person: item.word for item in own},
        truth=None if len(said) > 1 else said == {Word.YES},
        at=max(item.at for item in counting),
        measures=any(item.chosen in MEASURES for item in labels),
        is_settled=bool(settling),
    )
