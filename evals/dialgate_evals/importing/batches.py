"""Batch files come in two: requests, and answers that name theirs by `custom_id`. Here they meet.

Answers stay on disk; held is where each begins. Knows OpenAI's and Anthropic's; leaves what a
request with its answer means to the formats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import LINE_LIMIT_BYTES, JsonTextError, parse_json
from dialgate_evals.files.problems import show_path
from dialgate_evals.importing.found import Left, dict_in, text_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dialgate_evals.importing.found import Document

_MOST_ANSWERS = 1_000_000


class Batches:
    """The answers in some of the files, for the requests in the others."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._places: dict[str, tuple[Path, int]] = {}
        self._asked: set[str] = set()
        self.answer_files: set[Path] = set()
        for file in files:
            if _is_answer(_first(file)):
                self.answer_files.add(file)
                self._index(file)

    def _index(self, file: Path) -> None:
        with file.open("rb") as opened:
            start = 0
            while line := opened.readline(LINE_LIMIT_BYTES):
                id_ = text_in(_parsed(line), "custom_id")
                if id_ and len(self._places) < _MOST_ANSWERS:
                    self._places[id_] = (file, start)
                start = opened.tell()

    def joined(self, documents: Iterable[Document | Left]) -> Iterator[Document | Left]:
        """The documents; a request of a batch with its answer, where one of the files has it."""
        for item in documents:
            if isinstance(item, Left) or not self._places:
                yield item
                continue
            place, document = item
            id_ = text_in(document, "custom_id")
            if id_ not in self._places or _is_answer(document):
                yield item
                continue
            self._asked.add(id_)
            file, start = self._places[id_]
            with file.open("rb") as opened:
                opened.seek(start)
                answer = _parsed(opened.readline(LINE_LIMIT_BYTES))
            found = dict_in(answer, "response") or dict_in(dict_in(answer, "result"), "message")
            if found:
                yield place, {**document, "response": found}
            else:
                yield Left(place=place, what=f"the request {id_}", why="its answer is an error")

    def unasked(self) -> Iterator[Left]:
        """Answers whose request stands in none of the files that were read."""
        for file in sorted(self.answer_files):
            ids = [id_ for id_, (other, _) in self._places.items() if other == file]
            lost = [id_ for id_ in ids if id_ not in self._asked]
            if lost:
                what = f"{len(lost)} answers of a batch, the first of {lost[0]}"
                why = "their requests stand in another file; name it too"
                yield Left(place=show_path(file), what=what, why=why)


def _first(file: Path) -> Any:  # noqa: ANN401 - JSON data
    with file.open("rb") as opened:
        return _parsed(opened.readline(LINE_LIMIT_BYTES))


def _parsed(line: bytes) -> Any:  # noqa: ANN401 - JSON data
    try:
        return parse_json(line)
    except JsonTextError:
        return None


def _is_answer(document: object) -> bool:
    """Whether it is a batch's answer: it names a request, and holds none."""
    return (
        isinstance(document, dict)
        and bool(text_in(document, "custom_id"))
        and bool(document.keys() & {"response", "result"})
        and not document.keys() & {"body", "params", "request"}
    )
