"""The texts and data of one event that `[redact]` looks at: contents, arguments, answers.

Takes them out, has them redacted together, and puts them back; roles, tools and ids of calls stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.events.deriving.redacting.event_redaction import NamedText, redact_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
    from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionRules

_TEXTS = ("content", "arguments", "where", "result", "error")


def redact_context(
    parts: Sequence[Any], rules: RedactionRules, pseudonyms: Pseudonyms
) -> tuple[list[Any], int]:
    """[messages, recordings, proposed, corrected, reason] redacted as one; and how many values.

    Raises RedactionError where it can't be done without changing what the event says.
    """
    messages, recordings, proposed, corrected, reason = parts
    holders = [*messages, *recordings, proposed, *([corrected] if corrected else [])]
    found = [value for holder in holders for value in _values(holder)]
    made, replaced = redact_parts([*found, reason], rules, pseudonyms)
    values = iter(made)

    def fill(holder: Mapping[str, Any]) -> dict[str, Any]:
        return _filled(holder, values)

    redacted = [
        [fill(message) for message in messages],
        [fill(recording) for recording in recordings],
        fill(proposed),
        None if corrected is None else fill(corrected),
        next(values),
    ]
    return redacted, replaced


def _values(holder: Mapping[str, Any]) -> Iterator[Any]:
    yield from (holder[key] for key in _TEXTS if key in holder)
    if _has_participant(holder):
        yield NamedText(holder["name"])
    yield from (function["arguments"] for function in _functions(holder))


def _has_participant(message: Mapping[str, Any]) -> bool:
    """Whether the message says who wrote it; the name of a tool is none of a person."""
    return message.get("role") == "user" and isinstance(message.get("name"), str)


def _functions(holder: Mapping[str, Any]) -> list[dict[str, Any]]:
    calls = holder.get("tool_calls")
    if not isinstance(calls, list):
        return []
    found = [item.get("function") for item in calls if isinstance(item, dict)]
    return [item for item in found if isinstance(item, dict) and "arguments" in item]


def _filled(holder: Mapping[str, Any], values: Iterator[Any]) -> dict[str, Any]:
    made = dict(holder)
    for key in _TEXTS:
        if key in holder:
            made[key] = next(values)
    if _has_participant(holder):
        made["name"] = next(values)
    if _functions(holder):
        made["tool_calls"] = [_filled_call(call, values) for call in holder["tool_calls"]]
    return made


def _filled_call(call: Any, values: Iterator[Any]) -> Any:  # noqa: ANN401 - hostile input
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or "arguments" not in function:
        return call
    return {**call, "function": {**function, "arguments": next(values)}}
