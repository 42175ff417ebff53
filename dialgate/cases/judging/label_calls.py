"""What the page of labels asks, by name: how far it is, one text, a word on it, undo.

Plain data, every text harmless. Leaves hosts, tokens and threads to the page's server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.cases.judging.label_session import UnfitLabelError
from dialgate_evals.actions.rubrics.labels.label import Word
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.page.trajectory_steps import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dialgate.cases.judging.label_session import LabelSession
    from dialgate_evals.actions.rubrics.criterion import Criterion
    from dialgate_gate.licensing.drawing import Text

    Answer = Callable[[str, Mapping[str, Any]], dict[str, Any] | None]

_SEES = {"request": "what the user said", "results": "what tools answered"}


class LabelCalls:
    """Answers the page's questions; None where there is no such thing."""

    def __init__(self, session: LabelSession) -> None:
        self._session = session

    def answer(
        self, method: str, verb: str, rest: str, document: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """The answer as JSON data. Raises UnfitLabelError."""
        answers: dict[str, dict[str, Answer]] = {
            "GET": {"text-state": self._state, "text": self._text},
            "POST": {"label": self._label, "plant": self._plant, "unlabel": self._undo},
        }
        answer = answers.get(method, {}).get(verb)
        return None if answer is None else answer(rest, document)

    @property
    def waiting(self) -> int:
        """Texts that wait for this person's label or word."""
        return self._session.waiting

    def _state(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any]:
        del rest, document
        return self.state()

    def state(self) -> dict[str, Any]:
        """How far this person is."""
        session = self._session
        return {
            "person": _line(session.person),
            "suite": _line(session.suite.workspace.suite.name),
            "drawn": _marks(session, session.drawn),
            "disputes": _marks(session, [item.text for item in session.disputes]),
            "said": len(session.said),
        }

    def _text(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any] | None:
        del document
        place, _, mode = rest.partition("/")
        settles = mode == "dispute"
        session = self._session
        many = len(session.disputes) if settles else len(session.drawn)
        if not (place.isascii() and place.isdigit() and int(place[:9]) < many):
            return None
        number = int(place[:9])
        if not settles:
            return {**self._view(session.drawn[number]), "n": number}
        found = session.disputes[number]
        # Votes and others' words are seen only here: they would decide a label that measures.
        return {
            **self._view(found.text),
            "n": number,
            "people": [{"name": _line(who), "word": word} for who, word in found.people],
            "votes": [{"name": _line(who), "word": word} for who, word in found.votes],
        }

    def _view(self, text: Text) -> dict[str, Any]:
        question = text.question
        criterion = question.criterion
        word = self._session.word_on(text)
        return {
            "case": _line(text.case),
            "classes": [_line(name) for name in text.classes],
            "of": _line(question.of),
            "criterion": _line(criterion.name),
            "asks": shown("\n".join(_asks(criterion))),
            "same_as": None if criterion.same_as is None else shown(criterion.same_as),
            "context": [
                {"what": _SEES.get(key, key), "text": shown(said)}
                for key, texts in question.context.items()
                for said in texts
            ],
            "text": shown(question.text),
            "mine": None if word is None else word.value,
        }

    def _label(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any]:
        del rest
        reason = document.get("reason")
        made = self._session.say(
            _number(document),
            _word(document),
            settles=document.get("settles") is True,
            reason=reason[:2_000] if isinstance(reason, str) and reason.strip() else None,
        )
        return {"state": self.state(), "word": made.word.value}

    def _plant(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any]:
        del rest
        written = document.get("text")
        if not isinstance(written, str):
            raise UnfitLabelError("No text is given.")
        made = self._session.plant(_number(document), written, _word(document))
        return {"state": self.state(), "word": made.word.value}

    def _undo(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any]:
        del rest, document
        undone = self._session.undo()
        digest = undone.question.digest
        places = [n for n, t in enumerate(self._session.drawn) if t.question.digest == digest]
        return {"state": self.state(), "n": places[0] if places else None}


def _marks(session: LabelSession, texts: list[Text]) -> str:
    """A letter a text: what this person said of it."""
    letters = {None: ".", Word.YES: "y", Word.NO: "n", Word.WITHDRAWN: "."}
    return "".join(letters[session.word_on(text)] for text in texts)


def _word(document: Mapping[str, Any]) -> Word:
    word = document.get("answer")
    if word not in {Word.YES.value, Word.NO.value}:
        raise UnfitLabelError("Say yes or no.")
    return Word(str(word))


def _number(document: Mapping[str, Any]) -> int:
    value = document.get("n")
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UnfitLabelError("n is no number.")
    return value


_STATED = {
    "say": "say", "deny": "say in the negative", "numbers": "state the number",
    "dates": "name the day", "names": "name",
}  # fmt: skip


def _asks(criterion: Criterion) -> Iterator[str]:
    """What the criterion asks, a line each: its text, and what must and mustn't be stated."""
    if criterion.text:
        yield criterion.text
    document = criterion.as_json()
    for key, lead in (("must", "It must"), ("must_not", "It must not")):
        for kind, entries in document[key].items():
            for entry in entries:
                yield f"{lead} {_STATED[kind]}: {' or '.join(entry)}"


def _line(text: object) -> str:
    return shorten(printable(str(text)), 300)
