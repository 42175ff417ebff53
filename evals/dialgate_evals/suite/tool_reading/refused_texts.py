"""Arguments as a tool must have read them: texts that its schema refuses, parsed where that helps.

Models write `"10"` for a number and whole objects as text; tools that answer such calls took the
value. Leaves when this applies to `dialgate_evals.scoring.scoring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.files.schema_validation import DocumentValidator

_MOST_ROUNDS = 5
_WORDS = {"true": True, "false": False, "none": None}
# as Python's tools and their users spell them


def read_text_value(written: object) -> object:
    """The value of a text that holds JSON, or a word of Python; anything else as it is."""
    if not isinstance(written, str):
        return written
    word = written.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    try:
        return parse_json(written.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        return written


def parse_refused_texts(
    validator: DocumentValidator, arguments: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The arguments with each refused text as the value that the schema takes in its place."""
    current = dict(arguments)
    for _ in range(_MOST_ROUNDS):
        refused = _refused(validator, current)
        for path in sorted(refused, key=len):
            changed = _with_value(current, path)
            if changed is not None and path not in _refused(validator, changed):
                current = changed
        if _refused(validator, current) == refused:
            break
    return current


def _refused(validator: DocumentValidator, arguments: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    """Where the schema finds fault."""
    return {tuple(error.absolute_path) for error in validator.errors(arguments)}


def _with_value(arguments: dict[str, Any], path: Sequence[str | int]) -> dict[str, Any] | None:
    """The arguments with the text at the path parsed; None where there is no text that parses."""
    if not path:
        return None
    value: Any = arguments
    for part in path:
        value = value[part]
    parsed = read_text_value(value)
    if not isinstance(value, str) or isinstance(parsed, str):
        return None
    found: dict[str, Any] = _replaced(arguments, path, parsed)
    return found


def _replaced(node: Any, path: Sequence[Any], value: object) -> Any:  # noqa: ANN401 - JSON
    if not path:
        return value
    first, rest = path[0], path[1:]
    copy: Any = list(node) if isinstance(node, list) else dict(node)
    copy[first] = _replaced(node[first], rest, value)
    return copy
