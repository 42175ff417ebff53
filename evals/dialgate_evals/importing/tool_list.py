"""The tools of all conversations: declared ones as they are, others inferred from their calls.

Knows which was which; leaves what a tool does to `importing.guesses`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.reading import as_data
from dialgate_evals.files.json_text import JsonTextError, canonical_json
from dialgate_evals.files.schema_validation import schema_defects
from dialgate_evals.importing.found import Left
from dialgate_evals.importing.guesses import Guess, guess_tool
from dialgate_evals.suite.tool_reading.forms import ToolDefect, ToolEntry, read_tool_list
from dialgate_evals.suite.tools import Tool, make_tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MOST_TOOLS = 2000
_NO_NAME = re.compile(r"[^A-Za-z0-9_.\-]+")
_TYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (dict, "object"),
          (list, "array"), (type(None), "null"))  # fmt: skip


class _Seen:
    """The arguments of every call of one tool."""

    def __init__(self) -> None:
        self.count = 0
        self.types: dict[str, set[str]] = {}
        self.given: dict[str, int] = {}

    def add(self, arguments: Mapping[str, Any]) -> None:
        self.count += 1
        for key, value in arguments.items():
            self.types.setdefault(key, set()).add(_type_of(value))
            self.given[key] = self.given.get(key, 0) + 1

    def schema(self) -> dict[str, Any]:
        properties = {}
        for key, types in self.types.items():
            kinds = sorted(types - {"integer"} if "number" in types else types)
            properties[key] = {"type": kinds[0] if len(kinds) == 1 else kinds}
        required = [key for key, times in self.given.items() if times == self.count]
        return {"type": "object", "properties": properties, "required": required}


def is_plain(name: str) -> bool:
    """Whether a tool may be called so in a file: 1 to 200 characters that UTF-8 has."""
    return 0 < len(name) <= 200 and not any("\ud800" <= letter <= "\udfff" for letter in name)


def _type_of(value: object) -> str:
    return next(word for kind, word in _TYPES if isinstance(value, kind))


class ToolList:
    """Collects tools while conversations stream by."""

    def __init__(self) -> None:
        self._declared: dict[str, tuple[ToolEntry, str]] = {}
        self._seen: dict[str, _Seen] = {}
        self._read: set[str] = set()
        self.left: dict[tuple[str, str], Left] = {}

    def declare(self, documents: list[Any], place: str) -> None:
        """Tools that a request offered; the first schema of a name stays."""
        if not documents:
            return
        try:
            text = canonical_json(documents)
        except JsonTextError:
            return
        if text in self._read:
            return
        if len(self._read) < _MOST_TOOLS:
            self._read.add(text)
        for entry in read_tool_list(documents):
            if isinstance(entry, ToolEntry) and not is_plain(entry.name):
                self._leave(place, "a tool", "its name can't be written into a file")
            elif isinstance(entry, ToolDefect):
                self._leave(place, entry.found, f"no tool can be read; expected {entry.expected}")
            else:
                self._take(entry, place)

    def _take(self, entry: ToolEntry, place: str) -> None:
        defects = schema_defects(entry.parameters)
        if defects:
            self._leave(place, f"the schema of {entry.name}", f"it can't be used: {defects[0]}")
            return
        known = self._declared.setdefault(entry.name, (entry, place))[0]
        if known.parameters != entry.parameters:
            why = (
                f"the tool has another schema than in {self._declared[entry.name][1]}, which stays"
            )
            self._leave(place, f"a schema of {entry.name}", why)

    def _leave(self, place: str, what: str, why: str) -> None:
        self.left.setdefault((what, why), Left(place=place, what=what, why=why))

    def call(self, name: str, written: object) -> None:
        """A call, from which a schema is inferred where none is declared."""
        arguments = as_data(written)
        if isinstance(arguments, dict) and is_plain(name):
            self._seen.setdefault(name, _Seen()).add(arguments)

    def name(self, name: str) -> None:
        """A tool that an assertion names."""
        if is_plain(name):
            self._seen.setdefault(name, _Seen())

    @property
    def inferred(self) -> list[str]:
        """The tools whose schema stands nowhere."""
        return sorted(self._seen.keys() - self._declared.keys())

    def tools(self) -> dict[str, Tool]:
        """Every tool by its name."""
        found = {name: make_tool(entry) for name, (entry, _) in self._declared.items()}
        for name in self.inferred:
            schema = self._seen[name].schema()
            entry = ToolEntry(
                name=name, description="", parameters=schema,
                document={"name": name, "parameters": schema}, path=(),
            )  # fmt: skip
            found[name] = make_tool(entry)
        return dict(sorted(found.items()))


def guess_all(tools: Iterable[Tool]) -> dict[str, Guess]:
    """The guess for each tool."""
    return {tool.name: guess_tool(tool.name, tool.document, tool.parameters) for tool in tools}


def class_names(tools: Iterable[str], others: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """A tool and the name of its class: the tool's own, as far as a class may be called so.

    `others` are names of classes that are there already.
    """
    taken = {"unclassified", *others}
    for tool in tools:
        name = _NO_NAME.sub("-", tool).strip("-")[:90] or "tool"
        number = 1
        while name in taken:
            number += 1
            name = f"{name[:90]}-{number}"
        taken.add(name)
        yield tool, name
