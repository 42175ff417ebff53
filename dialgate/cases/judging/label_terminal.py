"""Labels in a terminal: the same words as on the page of labels, a key or a line at a time.

Reads lines where there is no terminal, so that a script can label. Every word is on disk before the
next text is shown. Leaves what may be said to the session and what is shown to `label_calls`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dialgate.cases.judging.label_calls import LabelCalls
from dialgate.cases.judging.label_session import UnfitLabelError
from dialgate.terminal.keys import read_key, say_lines
from dialgate_evals.actions.rubrics.labels.label import Word
from dialgate_gate.wording import count_of
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.cases.judging.label_session import LabelSession

_WIDTH = 80
KEYS = (
    "y yes, n no, p write a text of your own, u undo;\n"
    "j next, k back, o open, d disagreements, q back to the trajectories"
)
_WORDS = {"y": Word.YES, "n": Word.NO}
_END = "."
"""A line that ends a text of one's own."""


def label_all(session: LabelSession) -> None:
    """Asks for labels until the person goes back; each is kept as soon as it is said."""
    _Labelling(session).run()


class _Labelling:
    def __init__(self, session: LabelSession) -> None:
        self._session = session
        self._calls = LabelCalls(session)
        self._settles = not session.drawn and bool(session.disputes)
        self._place = 0

    def run(self) -> None:
        """Shows and asks until the end."""
        say_lines(KEYS)
        self._place = self._next_open(-1) or 0
        while self._marks:
            self._show()
            key = self._until_moved()
            if key == "q":
                return
            if key == "d":
                self._toggle()
        say_lines("No text of this run has a criterion and no label.")

    @property
    def _marks(self) -> str:
        state = self._calls.state()
        return str(state["disputes" if self._settles else "drawn"])

    def _until_moved(self) -> str:
        """Takes keys until another text is to be shown; the last key."""
        while True:
            key = read_key()
            if key in {"q", "d"}:
                return key
            if key in {"j", "k", "o"}:
                self._move(key)
                return key
            if self._act(key):
                return key

    def _next_open(self, after: int) -> int | None:
        """The next text without this person's word, from the start again at the end."""
        marks = self._marks
        found = marks.find(".", after + 1)
        found = found if found >= 0 else marks.find(".")
        return found if found >= 0 else None

    def _move(self, key: str) -> None:
        if key == "o":
            self._to_open()
        else:
            place = self._place + (1 if key == "j" else -1)
            self._place = min(max(place, 0), len(self._marks) - 1)

    def _to_open(self) -> None:
        found = self._next_open(self._place)
        if found is None:
            say_lines("All is settled." if self._settles else "Every text has your label.")
        else:
            self._place = found

    def _toggle(self) -> None:
        if not self._settles and not self._session.disputes:
            say_lines("Nobody differs.")
            return
        self._settles = not self._settles
        self._place = self._next_open(-1) or 0

    def _act(self, key: str) -> bool:
        """Whether something was said or taken back, so that a text is shown anew."""
        try:
            if key in _WORDS:
                made = self._session.say(self._place, _WORDS[key], settles=self._settles)
                say_lines(made.word.value)
                self._to_open()
            elif key == "p":
                self._plant()
            elif key == "u":
                self._undo()
            else:
                say_lines(KEYS)
                return False
        except UnfitLabelError as error:
            say_lines(str(error))
            return False
        return True

    def _plant(self) -> None:
        if self._settles:
            raise UnfitLabelError("A text of your own is written for a text to label (d: back).")
        say_lines(f"A text of your own for this case; a line with nothing but {_END} ends it.")
        written = "\n".join(_typed_lines())
        is_right = click.confirm("Is it as asked", default=False, err=True)
        made = self._session.plant(self._place, written, Word.YES if is_right else Word.NO)
        say_lines(f"Kept: a text of your own, {made.word.value}.")

    def _undo(self) -> None:
        digest = self._session.undo().question.digest
        texts = self._session.drawn
        if self._settles:
            texts = [item.text for item in self._session.disputes]
        places = [n for n, text in enumerate(texts) if text.question.digest == digest]
        self._place = places[0] if places else self._place
        say_lines("Taken back.")

    def _show(self) -> None:
        mode = "/dispute" if self._settles else ""
        view = self._calls.answer("GET", "text", f"{self._place}{mode}", {})
        assert view is not None
        marks = self._marks
        said = count_of(len(marks) - marks.count("."), "word" if self._settles else "label")
        head = f"--- {self._place + 1} of {len(marks)}, {view['case']}, {said} of yours"
        say_lines("\n".join(["", head, *_lines(view)]))


def _lines(view: dict[str, Any]) -> Iterator[str]:
    """The text with what it is to be held against; votes only where it is settled."""
    about = f"{view['criterion']}, of the {view['of']}; {', '.join(view['classes'])}"
    yield wrap(about, _WIDTH, "  ", "    ")
    yield from _block("Does the text do this?", view["asks"])
    if view["same_as"] is not None:
        yield from _block("As this one:", view["same_as"])
    yield from _block("The text:", view["text"] or "(an empty text)")
    for found in view["context"]:
        yield from _block(f"{found['what'].capitalize()}:", found["text"])
    for name, word in _others(view):
        yield wrap(f"{name}: {word}", _WIDTH, "  ", "    ")
    if view["mine"] is not None:
        yield f"  You said {view['mine']}."


def _others(view: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((one["name"], one["word"]) for one in view.get("people", ()))
    yield from ((f"judge {one['name']}", one["word"]) for one in view.get("votes", ()))


def _block(title: str, text: str) -> Iterator[str]:
    yield f"  {title}"
    for line in text.split("\n"):
        yield wrap(line, _WIDTH, "    | ", "    | ") or "    |"


def _typed_lines() -> Iterator[str]:
    while True:
        line = click.prompt("", prompt_suffix="| ", default="", show_default=False, err=True)
        if line == _END:
            return
        yield line
