"""Whether something that no dialect explains could hold an action, and what it is most like.

Errs towards yes: what is taken for harmless is never seen again.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.plain_text import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALL_WORD = re.compile(
    r"tool|func|(?<![a-z])call|calls|action|invo[ck]|execut|command|plugin|operation|delta",
    re.IGNORECASE,
)
_CALL_ID = re.compile(r"^(tool|call|function)_?(call|use)?_?id$")
_NAMES = frozenset(
    "name tool tool_name toolname function function_name functionname recipient_name action api "
    "method operation command tool_id operation_id".split()
)
_ARGUMENTS = frozenset(
    "arguments args input parameters params kwargs tool_input toolinput action_input payload body "
    "argument properties options data inputs".split()
)
_DEEPEST = 12

_FORMS: Mapping[str, str] = {
    "tool_calls function arguments id": "OpenAI chat, tool_calls",
    "function_call name arguments": "OpenAI chat, function_call (legacy)",
    "function_call call_id name arguments": "OpenAI Responses, function_call",
    "function_call_output call_id output": "OpenAI Responses, function_call_output",
    "tool_use id name input": "Anthropic, tool_use",
    "tool_result tool_use_id content is_error": "Anthropic, tool_result",
    "functionCall name args": "Gemini, functionCall",
    "functionResponse name response": "Gemini, functionResponse",
    "toolUse toolUseId name input": "Bedrock Converse, toolUse",
    "toolResult toolUseId content status": "Bedrock Converse, toolResult",
    "tool-call toolCallId toolName input args": "Vercel AI SDK, tool-call",
    "tool-invocation toolInvocation state toolCallId toolName": "Vercel AI SDK, tool-invocation",
    "tool_call name args id": "LangChain, tool_calls",
    "tool-call tool_name args tool_call_id part_kind": "pydantic-ai, tool-call",
    "tool_call id name arguments": "OpenTelemetry GenAI, tool_call",
    "role content": "OpenAI chat, a message",
}


def could_hold_action(key: str, value: object) -> bool:
    """Whether an unknown key of an agent's message could hold a call."""
    if value is None or isinstance(value, bool | int | float) or value in ("", [], {}):
        return False
    if isinstance(value, str):
        return looks_like_call(value) or (bool(_CALL_WORD.search(key)) and _is_json(value))
    return bool(_CALL_WORD.search(key)) or looks_like_call(value)


def part_could_hold_action(part: Mapping[str, Any]) -> bool:
    """Whether an unknown part of an agent's message could: only plain words can't."""
    kind = str(part.get("type", ""))
    if _CALL_WORD.search(kind) or looks_like_call(part):
        return True
    return any(
        (isinstance(value, dict | list) and bool(value)) or could_hold_action(key, value)
        for key, value in part.items()
        if key != "type"
    )


def names_call(word: object) -> bool:
    """Whether a word says that what it names is a call, or a piece of one."""
    return isinstance(word, str) and bool(_CALL_WORD.search(word))


def looks_like_call(value: object, depth: int = 0) -> bool:
    """Whether data, or text that is JSON, names something and gives it arguments."""
    if depth > _DEEPEST:
        return True
    if isinstance(value, str):
        parsed = _parsed(value)
        return parsed is not None and looks_like_call(parsed, depth + 1)
    if isinstance(value, list):
        return any(looks_like_call(item, depth + 1) for item in value)
    if not isinstance(value, dict):
        return False
    keys = {str(key).lower() for key in value}
    if keys & _NAMES and keys & _ARGUMENTS:
        return True
    if any(_CALL_ID.search(key) for key in keys) or any(
        names_call(value.get(key)) for key in ("type", "kind", "part_kind")
    ):
        return True
    if any(_CALL_WORD.search(str(key)) and item for key, item in value.items() if _holds(item)):
        return True
    return any(looks_like_call(item, depth + 1) for item in value.values())


def _holds(item: object) -> bool:
    return isinstance(item, dict | list)


def _is_json(text: str) -> bool:
    return _parsed(text) is not None


def _parsed(text: str) -> object:
    """The data of a text that is a JSON object or list; else None."""
    if not text.lstrip().startswith(("{", "[")) or len(text) > 1_000_000:
        return None
    try:
        found = parse_json(text.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        return None
    return found if isinstance(found, dict | list) else None


def nearest_form(value: object) -> str:
    """The known form that is most like it, by its words."""
    words = _words(value)
    best = max(_FORMS, key=lambda form: (_likeness(words, form.split()), form))
    return _FORMS[best]


def _words(value: object, depth: int = 0) -> list[str]:
    if isinstance(value, list):
        return [word for item in value[:5] for word in _words(item, depth)]
    if not isinstance(value, dict):
        return []
    kinds = [value[key] for key in ("type", "kind", "part_kind") if isinstance(value.get(key), str)]
    inner = [word for item in value.values() for word in _words(item, depth + 1)]
    return [*kinds, *(str(key) for key in value), *(inner if depth < 3 else ())]


def _likeness(words: list[str], form: list[str]) -> float:
    def best(word: str) -> float:
        ratios = [difflib.SequenceMatcher(None, word, other).ratio() for other in words[:40]]
        return max(ratios, default=0.0)

    return sum(best(word) for word in form) / len(form)


def describe(value: object) -> str:
    """What was found, in a few words."""
    if isinstance(value, dict):
        kind = next(
            (value[k] for k in ("type", "kind", "role") if isinstance(value.get(k), str)), ""
        )
        keys = ", ".join(str(key) for key in list(value)[:8])
        said = f'of type "{kind}" ' if kind else ""
        return shorten(f"a part {said}with the keys {keys}", 200)
    return shorten(f"a {type(value).__name__}", 200)
