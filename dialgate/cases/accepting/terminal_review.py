"""The review in a terminal: the same decisions as on the page, a key or a line at a time.

Reads lines where there is no terminal, so that a script can decide. Leaves what may be decided to
the session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dialgate.cases.accepting.item_view import WORDS, view_conflict, view_item
from dialgate.cases.accepting.refusing import OvertakenError, RefusedError
from dialgate.cases.asking import ask_again, ask_calls
from dialgate.cases.judging.label_terminal import label_all
from dialgate.terminal.keys import read_key, say_lines
from dialgate_evals.events.accepting.decisions import Word
from dialgate_evals.files.plain_text import printable
from dialgate_evals.suite.case import Expectation
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.cases.accepting.session import Session
    from dialgate.cases.judging.label_session import LabelSession
    from dialgate_evals.suite.case import Case

_WIDTH = 80
_LONG = 1_500
"""Characters of one text that a screen shows; the page shows more."""
KEYS = (
    "a right, w wrong, e should be, n nothing, f forbid, u undo;\n"
    "j next, k back, o open, c contradictions, q end"
)
TEXTS = "t texts to label, to which j, k, o, u and q apply until you are back"
_DONE = -1


def ask_all(session: Session, labels: LabelSession | None = None) -> bool:
    """Asks until the reviewer ends; whether the cases are to be written.

    `labels` are the texts of the run that a person may label; None: there are none.
    """
    return _Review(session, labels).run()


class _Review:
    def __init__(self, session: Session, labels: LabelSession | None) -> None:
        self._session, self._labels = session, labels
        self._place = 0
        self._settles = False

    def run(self) -> bool:
        """Shows and asks until the end."""
        if not self._session.items:
            say_lines("There is no trajectory to decide.")
            return self._ends()
        say_lines(self._keys)
        self._place = self._next_open(-1)
        while True:
            if self._place == _DONE:
                say_lines("All is settled." if self._settles else "Every trajectory is decided.")
                self._place, self._settles = 0, False
                if self._ends():
                    return True
            self._show()
            key = self._until_moved()
            if key == "q":
                return self._ends()
            if key == "c":
                self._toggle()
            if key == "t" and self._labels is not None:
                label_all(self._labels)

    @property
    def _keys(self) -> str:
        return KEYS if self._labels is None else f"{KEYS};\n{TEXTS}"

    def _until_moved(self) -> str:
        """Takes keys until another trajectory is to be shown; the last key."""
        while True:
            key = read_key()
            if key in {"q", "c"} or (key == "t" and self._labels is not None):
                return key
            if key in {"j", "k", "o"}:
                self._move(key)
                return key
            if self._act(key):
                return key

    def _ends(self) -> bool:
        undecided = sum(not self._session.counting(item.id) for item in self._session.items)
        text = f"{undecided} of {len(self._session.items)} undecided. Write the cases now"
        return click.confirm(text, default=True, err=True)

    def _next_open(self, after: int) -> int:
        """The next place that waits for a decision, from the start again at the end."""
        items = self._session.items
        if self._settles:
            conflicts = self._session.conflicts()
            waits = [place for place, item in enumerate(items) if item.case.id in conflicts]
        else:
            mine = self._session.mine()
            waits = [place for place, item in enumerate(items) if item.id not in mine]
        return next((p for p in waits if p > after), waits[0] if waits else _DONE)

    def _move(self, key: str) -> None:
        last = len(self._session.items) - 1
        if key == "o":
            self._place = self._next_open(self._place)
        else:
            self._place = min(max(self._place + (1 if key == "j" else -1), 0), last)

    def _toggle(self) -> None:
        self._session.refresh()
        if not self._settles and not self._session.conflicts():
            say_lines("No decisions contradict.")
            return
        self._settles = not self._settles
        self._place = self._next_open(-1)

    def _act(self, key: str) -> bool:
        """Whether something was decided or undone, so that another trajectory is shown."""
        try:
            if key == "u":
                return self._undo()
            choice = self._choice(key)
            if choice is None:
                say_lines(self._keys)
                return False
            item = self._session.items[self._place]
            standing = self._session.mine(settles=self._settles).get(item.id)
            self._session.decide(
                item.id, choice, seen=standing.seq if standing else 0, settles=self._settles
            )
            say_lines(WORDS[choice["word"]])
            self._place = self._next_open(self._place)
        except (RefusedError, OvertakenError) as error:
            say_lines(str(error))
            return False
        return True

    def _undo(self) -> bool:
        last = self._session.last
        if last is None:
            say_lines("There is nothing to undo.")
            return False
        undone = self._session.undo(seen=last.seq)
        place = self._session.place_of(undone.item)
        self._place = self._place if place is None else place
        say_lines(f"Undone: {WORDS[undone.word.value]}")
        return True

    def _choice(self, key: str) -> dict[str, Any] | None:
        words = {"a": Word.RIGHT, "w": Word.WRONG, "n": Word.NOTHING}
        if key in words:
            return {"word": words[key]}
        if key == "f":
            return self._forbid()
        return {"word": Word.SHOULD_BE, "calls": tuple(self._calls())} if key == "e" else None

    def _forbid(self) -> dict[str, Any]:
        actions = self._session.items[self._place].actions
        if not actions:
            raise RefusedError("It took no action that could be forbidden.")
        index = 1
        if len(actions) > 1:
            index = click.prompt(
                "Which action", type=click.IntRange(1, len(actions)), default=1, err=True
            )
        anything = click.confirm("Whatever its arguments", default=False, err=True)
        return {"word": Word.FORBID, "forbid": index - 1, "any_arguments": anything}

    def _calls(self) -> Iterator[dict[str, Any]]:
        """The actions, each argument kept by Enter, and further calls."""
        tools = self._session.source.release.tools
        for action in self._session.items[self._place].actions:
            name = printable(action.call["name"])
            if not click.confirm(f"{name} should happen", default=True, err=True):
                continue
            tool = tools.get(action.call["name"])
            if tool is None:
                raise RefusedError(f"The release has no tool {name}.")
            yield {"name": tool.name, "arguments": ask_again(tool, action.call["arguments"])}
        yield from ask_calls(tools, "Another call (its tool; Enter: none)")

    def _show(self) -> None:
        session, place = self._session, self._place
        view = view_item(session, place)
        decided = len(session.mine())
        passes = view["passes"]
        state = "passes" if passes else "fails"
        head = f"--- {place + 1} of {len(session.items)}, {view['case']} {state}, {decided} decided"
        context = view["context"]
        lines = ["", head, *_steps(context)]
        if not view["steps"]:
            lines.append("It did nothing.")
        elif [step["role"] for step in context] != ["user"]:
            lines.append("It did:")
        lines += list(_steps(view["steps"]))
        if not (passes and _is_plain(session.items[place].case)):
            lines += [wrap(text, _WIDTH, "  ", "    ") for text in view["expected"]]
        lines += [wrap(f"can't be right: {text}", _WIDTH, "  ") for text in view["unmet"]]
        standing = view["settled"] if self._settles else view["mine"]
        if standing is not None:
            lines.append(f"Decided: {standing['words']}")
        if self._settles:
            lines += list(self._decisions())
        say_lines("\n".join(lines))

    def _decisions(self) -> Iterator[str]:
        item = self._session.items[self._place]
        yield wrap(self._session.conflicts().get(item.case.id) or "Nothing contradicts.", _WIDTH)
        for found in view_conflict(self._session, self._place):
            where = "" if found["here"] else f" (trajectory {found['n'] + 1})"
            text = f"{found['reviewer']}{where}: {found['words']}: {'; '.join(found['lines'])}"
            yield wrap(text, _WIDTH, "  ", "    ")


def _is_plain(case: Case) -> bool:
    """Whether a trajectory that passes shows all that the case expects."""
    expect = case.expect
    exact = all(item.arguments is not None for item in expect.actions)
    plain = Expectation(actions=expect.actions)
    return exact and expect == plain


def _steps(steps: list[dict[str, Any]]) -> Iterator[str]:
    for step in steps:
        if step["role"] == "call":
            action = step.get("action")
            mark = "calls" if action is None else f"action {action + 1}: calls"
            note = f" ({step['note']})" if step.get("note") else ""
            told = ""
            if "answer" in step:
                told = f" -> {'error: ' if step['error'] else ''}{step['answer']}"
            yield _block(f"{mark} {step['tool']}{note} ", step["text"] + told)
        else:
            yield _block(f"{step['role']}: ", step["text"])


def _block(who: str, text: str) -> str:
    plain = " ".join(text.split())
    cut = plain if len(plain) <= _LONG else f"{plain[:_LONG]}… ({len(plain) - _LONG:,} more)"
    return wrap(who + cut, _WIDTH, "  ", "    ")
