"""What the page asks of a session, by name: look, decide, undo, finish.

Pure of HTTP; leaves hosts, tokens and threads to the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.cases.accepting.finishing import finish
from dialgate.cases.accepting.found.found_view import FoundCalls
from dialgate.cases.accepting.item_view import WORDS, view_conflict, view_item
from dialgate.cases.accepting.refusing import RefusedError
from dialgate.cases.judging.label_calls import LabelCalls
from dialgate_evals.events.accepting.decisions import MOST_CALLS, UnfitError, Word, parse_choice
from dialgate_evals.events.accepting.tool_form import call_of, form_of
from dialgate_evals.files.plain_text import printable, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dialgate.cases.accepting.session import Session
    from dialgate.cases.judging.label_session import LabelSession

    Answer = Callable[[str, Mapping[str, Any]], dict[str, Any] | None]
    # the rest of the path and the body to the answer


class PageCalls:
    """Answers the page's questions; None where there is no such thing."""

    def __init__(self, session: Session, labels: LabelSession | None = None) -> None:
        """`labels`: of the run's texts on which judges vote; None: it has none."""
        self._session = session
        self._found = None if session.found is None else FoundCalls(session.found)
        self._labels = None if labels is None else LabelCalls(labels)

    def answer(
        self, method: str, verb: str, rest: str, document: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """The answer as JSON data. Raises RefusedError, OvertakenError."""
        answers: dict[str, dict[str, Answer]] = {
            "GET": {"state": self._state, "item": self._item, "find": self._find},
            "POST": {
                "decide": self._decide, "undo": self._undo, "form": self._form,
                "finish": self._finish,
            },
        }  # fmt: skip
        if self._found is not None:
            answers["GET"]["found"] = self._found.look
            answers["POST"]["take"] = self._found.decide
        answer = answers.get(method, {}).get(verb)
        if answer is None and self._labels is not None:
            return self._labels.answer(method, verb, rest, document)
        return None if answer is None else answer(rest, document)

    def _state(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any]:
        del rest, document
        self._session.refresh()
        return self.state()

    def _undo(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any]:
        del rest
        undone = self._session.undo(seen=_number(document, "seen"))
        place = self._session.place_of(undone.item)
        return {"state": self.state(), "n": place, "words": WORDS[undone.word.value]}

    def _finish(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any]:
        del rest, document
        return {"done": finish(self._session)}

    def state(self) -> dict[str, Any]:
        """How far the review is; one letter a trajectory says what this reviewer decided of it."""
        session = self._session
        mine = session.mine()
        letters = {
            Word.RIGHT: "a", Word.WRONG: "w", Word.SHOULD_BE: "e", Word.NOTHING: "n",
            Word.FORBID: "f",
        }  # fmt: skip
        conflicts = session.conflicts()
        last = session.last
        return {
            "reviewer": _line(session.reviewer),
            "suite": _line(session.source.workspace.suite.name),
            "run": _line(session.source.run),
            "release": _line(session.source.version),
            "total": len(session.items),
            "marks": "".join(
                letters[mine[item.id].word] if item.id in mine else "." for item in session.items
            ),
            "last": None if last is None else {"seq": last.seq, "n": session.place_of(last.item)},
            "conflicts": [
                {"n": n, "case": _line(item.case.id), "why": _line(conflicts[item.case.id])}
                for n, item in enumerate(session.items)
                if item.case.id in conflicts
            ],
            "settled": [
                n for n, item in enumerate(session.items) if item.id in session.mine(settles=True)
            ],
            "reviewers": [
                {"name": _line(book.reviewer), "decided": len(book.standing())}
                for book in session.books
            ],
            "agreement": [
                {
                    "names": [_line(item.first), _line(item.second)], "items": item.items,
                    "both_right": item.both_right, "both_not": item.both_not,
                    "only_first": item.only_first, "only_second": item.only_second,
                    "differ_in_what": item.differ_in_what, "kappa": item.kappa,
                }
                for item in session.agreements()
            ],
            "found": None if self._found is None else self._found.state(),
            "texts": 0 if self._labels is None else self._labels.waiting,
            "left": len(session.source.left) + session.source.unlisted,
            "tools": [tool.name for tool in session.source.release.tools],
        }  # fmt: skip

    def _item(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any] | None:
        del document
        place, _, mode = rest.partition("/")
        if not (place.isascii() and place.isdigit() and int(place[:9]) < len(self._session.items)):
            return None
        found = view_item(self._session, int(place[:9]))
        # The decisions of others stay unseen until one's own is made, unless one adjudicates.
        if mode == "conflict":
            found["decisions"] = view_conflict(self._session, int(place[:9]))
        return found

    def _find(self, text: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """The number of the trajectory that is meant: its number from 1, or its case's id."""
        del document
        from urllib.parse import unquote  # noqa: PLC0415 - one use

        wanted = unquote(text).strip()[:300]
        items = self._session.items
        if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:9]) <= len(items):
            return {"n": int(wanted[:9]) - 1}
        for test in (str.__eq__, str.startswith, str.__contains__):
            for place, item in enumerate(items):
                if wanted and test(item.case.id, wanted):
                    return {"n": place}
        return {"n": None}

    def _decide(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any]:
        del rest
        item = document.get("item")
        if not isinstance(item, str):
            raise RefusedError("No trajectory is named.")
        take = document.get("take")
        if take is not None:
            return self._take(item, take, document)
        try:
            choice = parse_choice(dict(_choice(document)))
        except UnfitError as error:
            raise RefusedError(f"{error}.") from None
        seconds = document.get("review_s")
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        made = self._session.decide(
            item,
            choice,
            seen=_number(document, "seen", least=0),
            settles=document.get("settles") is True,
            review_s=float(seconds) if is_number and seconds is not None else None,
        )
        return {"state": self.state(), "seq": made.seq, "words": WORDS[made.word.value]}

    def _take(self, item: str, take: Any, document: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - unchecked JSON
        """Settles an item as one of its reviewers decided it."""
        for book in self._session.books:
            decision = book.standing().get(item)
            if decision is not None and take == {"reviewer": book.reviewer, "seq": decision.seq}:
                choice = {
                    "word": decision.word, "calls": decision.calls, "forbid": decision.forbid,
                    "any_arguments": decision.any_arguments,
                }  # fmt: skip
                seen = _number(document, "seen", least=0)
                made = self._session.decide(item, choice, seen=seen, settles=True)
                return {"state": self.state(), "seq": made.seq, "words": WORDS[made.word.value]}
        raise RefusedError("That decision doesn't stand any more.")

    def _form(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any]:
        del rest
        name = document.get("tool")
        tool = self._session.source.release.tools.get(name) if isinstance(name, str) else None
        if tool is None:
            raise RefusedError("The release has no such tool.")
        return {"tool": tool.name, "fields": form_of(tool)}


def _choice(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in ("word", "forbid", "any_arguments", "reason"):
        if document.get(key) is not None:
            yield key, document[key]
    calls = document.get("calls")
    if calls is not None:
        if not isinstance(calls, list) or len(calls) > MOST_CALLS:
            raise UnfitError(f"At most {MOST_CALLS} calls")
        yield "calls", [call_of(call) for call in calls]


def _number(document: Mapping[str, Any], key: str, least: int = 1) -> int:
    value = document.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise RefusedError(f"{key} is no number.")
    return value


def _line(text: object) -> str:
    return shorten(printable(str(text)), 300)
