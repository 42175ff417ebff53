r"""A column of calls, as DuckDB's SQL: whether a cell is a call without doubt, and its parts.

Strict on purpose: what this can't be sure of is read by `files.json_text`, which alone says what
strict JSON is. Knows text and structures; leaves all other columns to `sure_rows`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.events.tables.class_keys import ABSENT, SEPARATOR

if TYPE_CHECKING:
    from dialgate_evals.events.tables.class_keys import ClassKeys

# A call in the usual layout whose arguments hold no further objects: valid JSON for the strict
# reader, but for a key that stands there twice. One pass over the text instead of nine.
_STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt])*"'
_KEY = r'"[^"\\\x00-\x1f]*"'
_SCALAR = rf"(?:{_STRING}|-?(?:0|[1-9][0-9]{{0,17}})(?:\.[0-9]{{1,30}})?|true|false|null)"
_LIST = rf"\[\s*(?:{_SCALAR}\s*(?:,\s*{_SCALAR}\s*)*)?\]"
_PAIR = rf"{_KEY}\s*:\s*(?:{_SCALAR}|{_LIST})\s*"
_FLAT_CALL = (
    rf'\{{\s*"name"\s*:\s*{_STRING}\s*,\s*"arguments"\s*:\s*'
    rf"\{{\s*(?:{_PAIR}(?:,\s*{_PAIR})*)?\}}\s*\}}"
)

# What DuckDB's JSON lets through and the strict reader may not: commas before an end, NaN and
# infinities, numbers out of range, lone surrogates, zero bytes; and a string that starts with a
# colon, which would hide a key from _KEYS.
_DOUBTFUL = (
    r",\s*[\]}]|[:,\[\s][-+]?(?i:nan|inf)|[0-9]{300}|[0-9][eE]|\\u[dD]|\\u0000"
    r"|[,:\[{]\s*\"\s*:"
)
_KEYS = r'"((?:[^"\\]|\\.)*)"\s*:'
_MOST_CONTAINERS = 90
SHALLOW_LENGTH = 2 * _MOST_CONTAINERS
"""Shorter JSON text can't hold more containers: each has a beginning and an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallColumn:
    """How a column that holds calls (proposed, corrected) is read in DuckDB's SQL."""

    column: str
    # the expression that reads it as JSON text
    is_structure: bool
    call: str
    # the expression that reads it where DuckDB can read it at all, as its functions fail otherwise

    @property
    def is_flat(self) -> str:
        """Whether the cell is a call in the usual layout, keys that stand twice left aside."""
        if self.is_structure:
            return "false"
        return f"coalesce(regexp_full_match({self.column}, {quoted(_FLAT_CALL)}), false)"

    def is_call(self, flat: str) -> str:
        """Whether the cell is a call, keys of flat arguments that stand twice left aside."""
        text = self.arguments if self.is_structure else self.column
        kinds = "('OBJECT', 'VARCHAR')" if self.is_structure else "('OBJECT')"
        keys = f"regexp_extract_all({text}, {quoted(_KEYS)}, 1)"
        nested = (
            f"list_sort(json_keys({self.call})) = ['arguments', 'name'] "
            f"AND json_type({self.call}, '$.name') = 'VARCHAR' "
            f"AND json_type({self.call}, '$.arguments') IN {kinds} "
            f"AND {text} IS NOT NULL AND NOT regexp_matches({text}, {quoted(_DOUBTFUL)}) "
            f"AND {is_shallow(text)} AND {distinct(keys)}"
        )
        return f"CASE WHEN {flat} THEN true ELSE {nested} END"

    def name(self, flat: str) -> str:
        """The tool's name; None where it is no text. `flat`: whether it is known to be one."""
        named = f"{flat} OR json_type({self.call}, '$.name') = 'VARCHAR'"
        return f"CASE WHEN {named} THEN json_extract_string({self.call}, '$.name') END"

    @property
    def arguments(self) -> str:
        """JSON text of the arguments; of a text inside a structure, what it holds."""
        call = self.call
        text = f"json_extract_string({call}, '$.arguments')"
        return (
            f"CASE json_type({call}, '$.arguments') "
            f"WHEN 'OBJECT' THEN CAST(json_extract({call}, '$.arguments') AS VARCHAR) "
            f"WHEN 'VARCHAR' THEN CASE WHEN json_valid({text}) AND json_type({text}) = 'OBJECT' "
            f"THEN {text} END END"
        )

    @property
    def argument_names(self) -> str:
        """The keys of the arguments as one text: few texts for many calls."""
        return f"array_to_string(json_keys({self.call}, '$.arguments'), chr({ord(SEPARATOR)}))"

    @property
    def has_fields(self) -> str:
        """Whether the arguments are a structure, whose null fields are absent."""
        if not self.is_structure:
            return "false"
        return f"json_type({self.call}, '$.arguments') = 'OBJECT'"

    def class_key(self, tool: str, keys: ClassKeys) -> str:
        """The key that `ClassKeys` gives the call; `tool` reads the tool's name."""
        branches = [
            f"WHEN {quoted(name)} THEN {self._key(names)}" for name, names in keys.arguments.items()
        ]
        return f"CASE {tool} {' '.join(branches)} ELSE '' END" if branches else "''"

    def _key(self, names: tuple[str, ...] | None) -> str:
        if names is None:
            return self.arguments
        # The names need no escape: ClassKeys takes only such.
        values = [f"json_extract({self.arguments}, '$.\"{name}\"')" for name in names]
        if not self.is_structure:
            values = [f"json_extract({self.call}, '$.arguments.\"{name}\"')" for name in names]
        texts = [f"coalesce(CAST({value} AS VARCHAR), '{ABSENT}')" for value in values]
        return f" || chr({ord(SEPARATOR)}) || ".join(texts) or "''"


def readable(column: str, flat: str) -> str:
    """The cell where DuckDB can read its JSON; `flat`: whether that is known already."""
    return f"CASE WHEN {flat} OR json_valid({column}) THEN {column} END"


def is_shallow(text: str) -> str:
    """Whether JSON text holds so few containers that they can't lie too deep."""
    containers = f"length({text}) - length(replace(replace({text}, '{{', ''), '[', ''))"
    return f"{containers} <= {_MOST_CONTAINERS}"


def distinct(items: str) -> str:
    """Whether the list holds nothing twice."""
    return f"len({items}) = len(list_distinct({items}))"


def quoted(text: str) -> str:
    """The text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
