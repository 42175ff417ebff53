"""One found case as the page shows it, and what the page asks of the queue: plain data.

Every text is harmless. Leaves deciding to `found.queue` and drawing to the page.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dialgate.cases.accepting.found.decisions import FoundWord
from dialgate.cases.accepting.refusing import RefusedError
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.page.trajectory_steps import shown, steps_of
from dialgate_reports.words.case_text import expected_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate.cases.accepting.found.queue import FoundCase, FoundQueue

MOST_STEPS = 200
WORDS = {FoundWord.TAKE: "taken", FoundWord.LEAVE: "left out"}
_FROM = ("relation", "proposed", "altered", "keeps", "parent", "seed")


class FoundCalls:
    """Answers the page's questions about found cases; None where there is no such thing."""

    def __init__(self, queue: FoundQueue) -> None:
        self._queue = queue

    def look(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any] | None:
        """`state`, or one case by its number."""
        del document
        if rest == "state":
            return self.state()
        if not (rest.isascii() and rest.isdigit() and int(rest[:9]) < len(self._queue.items)):
            return None
        return view_found(self._queue, int(rest[:9]))

    def decide(self, rest: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Keeps a word on a case, or takes it back. Raises RefusedError, OvertakenError."""
        del rest
        digest, word, seen = (document.get(key) for key in ("digest", "word", "seen"))
        if not isinstance(digest, str) or word not in {*FoundWord, None}:
            raise RefusedError("That is no word on a found case.")
        chosen = None if word is None else FoundWord(word)
        self._queue.decide(digest, chosen, seen=seen if isinstance(seen, str) else None)
        words = "open again" if chosen is None else WORDS[chosen]
        return {"state": self.state(), "words": words}

    def state(self) -> dict[str, Any]:
        """How far the queue is: one letter a case."""
        mine = self._queue.mine()
        letters = {FoundWord.TAKE: "t", FoundWord.LEAVE: "x"}
        marks = [
            letters[mine[item.digest].word] if item.digest in mine else "."
            for item in self._queue.items
        ]
        return {"total": len(marks), "marks": "".join(marks)}


def view_found(queue: FoundQueue, place: int) -> dict[str, Any]:
    """Everything of the case with that number."""
    item = queue.items[place]
    case, source = item.case, item.case.source or {}
    mine = queue.mine().get(item.digest)
    given = Trajectory(case_id=case.id, trial=0, messages=list(case.messages))
    return {
        "n": place,
        "digest": item.digest,
        "case": _line(case.id),
        "origin": case.origin.value,
        "from": {key: _line(source[key]) for key in _FROM if key in source},
        "context": _plain(steps_of(given)),
        "recordings": [_recording(row) for row in case.document.get("recordings") or ()],
        "user": _user(case.document.get("user")),
        "steps": _did(item),
        "expected": [shorten(printable(line), 2_000) for line in expected_lines(case.document)],
        "word": None if mine is None else mine.word.value,
        "words": None if mine is None else WORDS[mine.word],
    }


def _did(item: FoundCase) -> list[dict[str, Any]] | None:
    """What the agent did after what it was given; None where that is not on record."""
    if item.trajectory is None:
        return None
    given = len(item.case.messages)
    before = Trajectory(case_id="", trial=0, messages=list(item.trajectory.messages[:given]))
    return _plain(steps_of(item.trajectory)[len(steps_of(before)) :][:MOST_STEPS])


def _recording(row: Mapping[str, Any]) -> str:
    """What a tool answers, in a line."""
    asked = row.get("arguments", row.get("where"))
    head = f"{row['name']}({'…' if asked is None else _json(asked)})"
    parts = [_json(row["result"])] if "result" in row else []
    parts += [f"error: {row['error']}"] if "error" in row else []
    if "fault" in row:
        parts.insert(0, f"{row['fault']} × {row.get('times', 1)}, then")
    return shown(f"{head} → {' '.join(parts) or 'nothing'}"[:4_000])


def _user(user: Any) -> list[str]:  # noqa: ANN401 - a checked table or None
    """Who answers the agent, a line a key."""
    if user is None:
        return []
    return [
        _line(f"{key}: {value if isinstance(value, str) else _json(value)}")
        for key, value in user.items()
    ]


def _plain(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in step.items() if k != "key"} for step in steps]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _line(text: object) -> str:
    return shorten(printable(str(text)), 600)
