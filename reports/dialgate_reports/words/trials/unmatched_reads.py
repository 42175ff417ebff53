"""What a read that no recording answers asked for, against what is recorded.

The recordings, not the agent, may be to blame: so both stand side by side.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.plain_text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dialgate_evals.suite.case import Recording

_MOST_VALUE = 120
_MOST_KEYS = 4


def describe_unmatched(
    messages: Iterable[Mapping[str, Any]], recordings: Sequence[Recording]
) -> list[str]:
    """A sentence for each read that no recording answered, each once, in order."""
    found = [_against(name, arguments, recordings) for name, arguments in unmatched_calls(messages)]
    return list(dict.fromkeys(found))


def unmatched_calls(messages: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Name and arguments of each read that no recording answered."""
    calls: dict[str, tuple[str, Any]] = {}
    for message in messages:
        for call in message.get("tool_calls") or ():
            function = call.get("function") or {}
            calls[str(call.get("id"))] = (str(function.get("name")), function.get("arguments"))
        known = calls.get(str(message.get("tool_call_id")))
        if message.get("unmatched") and known is not None:
            yield known[0], _parsed(known[1])


def _parsed(arguments: Any) -> Any:  # noqa: ANN401 - what the agent sent
    if not isinstance(arguments, str):
        return arguments
    try:
        return parse_json(arguments.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        return arguments


def _against(name: str, arguments: Any, recordings: Sequence[Recording]) -> str:  # noqa: ANN401 - any data
    own = [item for item in recordings if item.name == name]
    if not own:
        return f"{name}: no recording of this tool; asked for {_shown(arguments)}"
    exact = [item.arguments for item in own if item.arguments is not None]
    if not exact or not isinstance(arguments, dict):
        return f"{name}: asked for {_shown(arguments)}, which fits none of its recordings"
    nearest = min(exact, key=lambda recorded: len(_differing(arguments, recorded)))
    if not _differing(arguments, nearest):
        return f"{name}: asked again for what its recordings answer no more"
    parts = [
        _one_key(key, arguments, nearest) for key in _differing(arguments, nearest)[:_MOST_KEYS]
    ]
    return f"{name}: {'; '.join(parts)}"


def _differing(arguments: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[str]:
    return [
        key
        for key in dict.fromkeys((*recorded, *arguments))
        if key not in arguments or key not in recorded or arguments[key] != recorded[key]
    ]


def _one_key(key: str, arguments: Mapping[str, Any], recorded: Mapping[str, Any]) -> str:
    asked = f"asked for {key} {_shown(arguments[key])}" if key in arguments else f"no {key} asked"
    return (
        f"{asked}, recorded {_shown(recorded[key])}"
        if key in recorded
        else (f"{asked}, recorded without it")
    )


def _shown(value: Any) -> str:  # noqa: ANN401 - JSON data
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shorten(text, _MOST_VALUE)
