"""One person labels texts: what is asked next, what was said, what is to be settled.

Every label is on disk, in the suite's own folder, before it is answered. Votes stay unseen but
where a disagreement is settled, so that a label measures the judge. Leaves HTTP to `label_calls`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from msgspec.structs import replace as replace_struct

from dialgate_evals.actions.rubrics.labels.label import Chosen, Label, Word
from dialgate_evals.actions.rubrics.labels.label_files import append_label
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path
from dialgate_gate.licensing.drawing import Text, draw_texts
from dialgate_gate.licensing.standing import stand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dialgate.runs.judging.licensed import LabelledSuite
    from dialgate_evals.actions.rubrics.votes import Vote
    from dialgate_gate.licensing.measured import Measured

MOST_TEXT = 20_000
"""Characters of a planted text."""


class UnfitLabelError(Exception):
    """Why a label can't be taken, in words for the person; nothing was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A text on which votes or people differ."""

    text: Text
    people: tuple[tuple[str, str], ...] = ()
    # each one's word
    votes: tuple[tuple[str, str], ...] = ()
    # each judge's answer


@dataclass(kw_only=True)
class LabelSession:
    """The texts of one run, in the order in which labels tell most, and those to be settled."""

    suite: LabelledSuite
    person: str
    texts: Sequence[Text]
    # of the run
    votes_on: Callable[[Text], tuple[Vote, ...]] = lambda _: ()
    # votes that are known without asking anybody
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    drawn: list[Text] = field(init=False)
    disputes: list[Dispute] = field(init=False)
    said: list[Label] = field(default_factory=list)
    # in this session, what was taken back left out

    def __post_init__(self) -> None:
        measurements = self.suite.measure()
        standings = stand(measurements, self.suite.policy, self.suite.places)
        known = {label.question.digest for label in self.suite.labels}
        cases: dict[tuple[str, str], int] = {}
        for item in measurements.listed:
            place = item.criterion, item.settled.label.case
            cases[place] = cases.get(place, 0) + 1
        waiting = [text for text in self.texts if text.question.digest not in known]
        told = [Dispute(text=text, votes=_answers(self.votes_on(text))) for text in waiting]
        split = [item for item in told if len({said == "yes" for _, said in item.votes}) > 1]
        apart = {item.text.question.digest for item in split}
        free = [text for text in waiting if text.question.digest not in apart]
        self.drawn = list(draw_texts(free, standings, cases))
        self.disputes = [
            *(_dispute(item) for item in measurements.listed if _is_disputed(item)),
            *{item.text.question.digest: item for item in split}.values(),
        ]

    def word_on(self, text: Text) -> Word | None:
        """This person's last word on the text in this session."""
        digest = text.question.digest
        found = [label for label in self.said if label.question.digest == digest]
        return found[-1].word if found else None

    @property
    def left(self) -> int:
        """Drawn texts without a word of this person."""
        return sum(self.word_on(text) is None for text in self.drawn)

    @property
    def unsettled(self) -> int:
        """Disputes without a word of this person."""
        return sum(self.word_on(item.text) is None for item in self.disputes)

    @property
    def waiting(self) -> int:
        """Texts that wait for this person's label or word."""
        return self.left + self.unsettled

    def say(self, place: int, word: Word, *, settles: bool, reason: str | None = None) -> Label:
        """Keeps a word on the text of that number. Raises UnfitLabelError, UsageError."""
        texts = [item.text for item in self.disputes] if settles else self.drawn
        if not 0 <= place < len(texts):
            raise UnfitLabelError("There is no such text in this review.")
        chosen = Chosen.DISAGREEMENT if settles else Chosen.DRAWN
        return self._keep(texts[place], word, chosen, settles=settles, reason=reason)

    def plant(self, place: int, written: str, word: Word) -> Label:
        """Keeps a text that the person wrote for the case of that number, and says what it is.

        Raises UnfitLabelError, UsageError.
        """
        if not 0 <= place < len(self.drawn):
            raise UnfitLabelError("There is no such text in this review.")
        if not written.strip() or len(written) > MOST_TEXT:
            raise UnfitLabelError(f"Write a text of 1 to {MOST_TEXT:,} characters.")
        text = self.drawn[place]
        planted = replace(text, question=replace_struct(text.question, text=written), release=None)
        return self._keep(planted, word, Chosen.PLANTED)

    def _keep(
        self,
        text: Text,
        word: Word,
        chosen: Chosen,
        *,
        settles: bool = False,
        reason: str | None = None,
    ) -> Label:
        label = Label(
            case=text.case,
            question=text.question,
            word=word,
            person=self.person,
            at=self._moment(),
            chosen=chosen,
            settles=settles,
            reason=reason,
            release=text.release,
        )
        self._write(label)
        self.said.append(label)
        return label

    def undo(self) -> Label:
        """Takes back this session's last word. Raises UnfitLabelError, UsageError."""
        if not self.said:
            raise UnfitLabelError("There is nothing to undo.")
        last = self.said[-1]
        self._write(replace_struct(last, word=Word.WITHDRAWN, at=self._moment()))
        return self.said.pop()

    def _write(self, label: Label) -> None:
        folder = self.suite.workspace.folder
        try:
            append_label(folder, label)
        except OSError as error:
            place = show_path(folder / "labels")
            raise UsageError(f"{place}: {error.strerror}. Nothing was kept.") from None

    def _moment(self) -> str:
        return self.now().astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _is_disputed(item: Measured) -> bool:
    """Whether people contradict each other, or the judge them, and nobody has settled it."""
    return item.settled.is_open or (item.is_mistake and not item.settled.is_settled)


def _dispute(item: Measured) -> Dispute:
    label = item.settled.label
    votes = () if item.cast is None else tuple((n, a.value) for n, a in item.cast.votes.items())
    return Dispute(
        text=Text(
            case=label.case,
            classes=item.classes,
            question=label.question,
            release=label.release,
        ),
        people=tuple((person, word.value) for person, word in item.settled.words.items()),
        votes=votes,
    )


def _answers(votes: Sequence[Vote]) -> tuple[tuple[str, str], ...]:
    return tuple((vote.judge, vote.answer.value) for vote in votes)
