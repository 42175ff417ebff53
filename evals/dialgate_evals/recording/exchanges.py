"""What is kept of one request: a model's, or a call over MCP; and its lines in a journal.

A request repeats the conversation so far, so a journal holds each message once, by its digest.
Knows the lines; leaves files to whoever writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import asdict

from dialgate_evals.files.json_text import JsonTextError, digest_of, json_line
from dialgate_evals.importing.found import Left

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SCHEMA = 1
_MOST_NAMED = 4096
_LISTS = ("messages", "input", "tools")
_WHOLE = ("system", "instructions")


class Exchange(Struct, frozen=True, kw_only=True):
    """One request to a model and what came of it; without keys and without personal data."""

    api: str
    path: str
    at: float
    # seconds since 1970, when it was asked
    body: dict[str, Any]
    status: int | None = None
    # None: no answer came
    answer: dict[str, Any] | None = None
    # None: none that was whole
    error: str = ""
    # why there is no whole answer; empty where there is one
    is_streamed: bool = False
    place: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether the model answered, and whole."""
        return self.answer is not None and self.status is not None and self.status < 400


class ToolExchange(Struct, frozen=True, kw_only=True):
    """One request to an MCP server and its answer."""

    server: str
    at: float
    method: str
    version: str = ""
    # of the protocol, where each request names it; else the session's, which nothing depends on
    params: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    place: str = ""


class Unrecorded(Struct, frozen=True, kw_only=True):
    """A request that was passed on and could not be kept, and why."""

    what: str
    why: str
    at: float
    place: str = ""


Kept = Exchange | ToolExchange | Unrecorded
_KINDS: dict[str, type[Exchange | ToolExchange | Unrecorded]] = {
    "exchange": Exchange, "tool": ToolExchange, "unrecorded": Unrecorded,
}  # fmt: skip


class JournalLines:
    """Makes the lines of one file; knows which values stand in it already."""

    def __init__(self) -> None:
        self._written: set[str] = set()
        self._names: dict[int, tuple[object, str]] = {}
        # of objects that come again: what is remembered of a history is the same object

    def lines(self, kept: Kept) -> bytes:
        """Everything that has to be added for it, in one piece."""
        kind = next(name for name, type_ in _KINDS.items() if isinstance(kept, type_))
        document = {k: v for k, v in asdict(kept).items() if k != "place"}
        added: list[dict[str, Any]] = []
        if isinstance(kept, Exchange):
            document["body"], document["parts"] = self._split(kept.body, added)
        added.append({"schema": SCHEMA, "kind": kind, **document})
        return b"".join(map(json_line, added))

    def _split(
        self, body: Mapping[str, Any], added: list[dict[str, Any]]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        rest = dict(body)
        parts: dict[str, Any] = {}
        for key in _LISTS:
            if isinstance(rest.get(key), list):
                parts[key] = [self._named(value, added) for value in rest.pop(key)]
        for key in _WHOLE:
            if rest.get(key):
                parts[key] = self._named(rest.pop(key), added)
        return rest, parts

    def _named(self, value: object, added: list[dict[str, Any]]) -> str:
        known = self._names.get(id(value))
        if known is not None:
            return known[1]
        name = digest_of(value)
        if len(self._names) >= _MOST_NAMED:
            self._names.clear()
        self._names[id(value)] = (value, name)
        if name not in self._written:
            self._written.add(name)
            added.append({"schema": SCHEMA, "kind": "value", "name": name, "value": value})
        return name


def read_journal(
    lines: Iterable[tuple[int, Any]], file: str
) -> Iterator[Exchange | ToolExchange | Unrecorded | Left]:
    """Everything that a file holds, in order; a line that can't be read comes as a `Left`."""
    values: dict[str, Any] = {}
    for number, line in lines:
        place = f"{file}: line {number}"
        if isinstance(line, JsonTextError):
            why = "the recording was cut off in the middle of it, or the file was changed"
            yield Left(place=place, what=str(line), why=why)
            continue
        try:
            found = _read(line, values, place)
        except (KeyError, TypeError, ValueError) as error:
            why = f"it is no line of a journal of this version: {error}"
            yield Left(place=place, what="a line", why=why)
            continue
        if found is not None:
            yield found


def _read(line: Any, values: dict[str, Any], place: str) -> Kept | None:  # noqa: ANN401 - JSON data
    document = dict(line)
    if document.pop("schema") != SCHEMA:
        raise ValueError("another schema")
    kind = document.pop("kind")
    if kind == "value":
        values[document["name"]] = document["value"]
        return None
    if kind == "exchange":
        body = dict(document["body"])
        for key, named in document.pop("parts").items():
            is_list = isinstance(named, list)
            body[key] = [values[name] for name in named] if is_list else values[named]
        document["body"] = body
    return _KINDS[kind](**document, place=place)
