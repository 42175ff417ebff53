"""Google's Gemini: `parts` whose key says what they are, in either spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.dialects.reading import Contents, Part, Path, Reading, Role

NAME = "Gemini"

_HARMLESS = frozenset(
    "inlineData fileData executableCode codeExecutionResult videoMetadata thoughtSignature thought "
    "mediaResolution partMetadata audioTranscription mediaProcessing "
    "speechMetadata documentMetadata spreadsheetMetadata audioMetadata".split()
)
"""Media, thoughts, and code that the provider runs in its sandbox."""

_ON_THE_SERVER = ("toolCall", "toolResponse")
# of tools that the provider runs by itself, by their kind


def camel(key: str) -> str:
    """A key in the spelling of the wire: `function_call` as `functionCall`."""
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def read_part(reading: Reading, role: Role, part: Part, path: Path) -> bool:
    """A part without a type; whether it is one of Gemini's."""
    keyed = {camel(key): value for key, value in part.items() if value is not None}
    if isinstance(call := keyed.get("functionCall"), dict):
        reading.dialects.add(NAME)
        if call.get("partialArgs") or call.get("partial_args") or call.get("willContinue"):
            found = "a call whose arguments come in pieces"
            reading.gap(path, found, f"{NAME}, functionCall with whole args")
            return True
        reading.call(call.get("name"), call.get("args"), call_id=call.get("id"), path=path)
        return True
    if isinstance(answer := keyed.get("functionResponse"), dict):
        reading.dialects.add(NAME)
        response = answer.get("response")
        reading.answer(
            _unwrapped(response),
            call_id=answer.get("id"),
            name=answer.get("name"),
            failed=_has_failed(response),
            path=path,
        )
        return True
    if "text" in keyed and keyed.keys() - {"text"} <= _HARMLESS:
        if keyed.get("thought") is not True:
            reading.say(role, str(keyed["text"]))
        return True
    for key in _ON_THE_SERVER:
        inner = keyed.get(key)
        if isinstance(inner, dict) and ("toolType" in inner or "tool_type" in inner):
            del keyed[key]
    return keyed.keys() <= _HARMLESS if part else False


def _unwrapped(response: object) -> object:
    """What stands in the envelope that the format asks for."""
    if isinstance(response, dict) and len(response) == 1:
        return next((response[k] for k in ("output", "result", "error") if k in response), response)
    return response


def _has_failed(response: object) -> bool:
    """Gemini's convention: a response under the key `error` instead of one of `output`."""
    if not isinstance(response, dict):
        return False
    if response.get("isError") is True:
        return True
    return bool(response.get("error")) and not (response.keys() & {"output", "result"})


def read_item(reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents) -> bool:
    """A whole answer with candidates; whether it is one."""
    candidates = item.get("candidates")
    if isinstance(candidates, list) and candidates and isinstance(candidates[0], dict):
        reading.dialects.add(NAME)
        content = candidates[0].get("content")
        place = (*path, "candidates", 0, "content")
        reading.say("assistant", "")
        if isinstance(content, dict):
            contents(reading, "assistant", content.get("parts"), (*place, "parts"))
        reading.end_for(candidates[0].get("finishReason") or candidates[0].get("finish_reason"))
        return True
    return False
