"""Google's Gemini: `parts` whose key says what they are, in either spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.reading import Reading, role_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.dialects.reading import Contents, Part, Path, Role

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
    feedback = item.get("promptFeedback", item.get("prompt_feedback"))
    if not candidates and isinstance(feedback, dict):
        reading.dialects.add(NAME)
        reading.say("assistant", "")
        reading.end_for(feedback.get("blockReason") or feedback.get("block_reason"))
        return True
    if isinstance(candidates, list) and candidates and isinstance(candidates[0], dict):
        reading.dialects.add(NAME)
        content = candidates[0].get("content")
        place = (*path, "candidates", 0, "content")
        _read_history(reading, item, path, contents)
        reading.say("assistant", "")
        if isinstance(content, dict):
            contents(reading, "assistant", content.get("parts"), (*place, "parts"))
        reading.only_first((*path, "candidates"), candidates)
        reading.end_for(candidates[0].get("finishReason") or candidates[0].get("finish_reason"))
        return True
    return False


def _read_history(
    reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents
) -> None:
    """Calls that Google's SDK made by itself before this answer, and that stand nowhere else."""
    key = next((k for k in item if camel(k) == "automaticFunctionCallingHistory"), "")
    listed = item.get(key)
    if not isinstance(listed, list):
        return
    own = Reading()
    for index, content in enumerate(listed):
        own.message = index
        if isinstance(content, dict):
            role = role_of(content.get("role", "user")) or "user"
            contents(own, role, content.get("parts"), (*path, key, index, "parts"))
    reading.gaps += own.gaps
    seen, made = ([call.key for call in found.calls] for found in (reading, own))
    if seen[: len(made)] != made[: len(seen)]:
        reading.gap((*path, key), "other calls than those before it", f"{NAME}, functionCall")
    for call in own.calls[len(seen) :]:
        again = reading.call(call.name, call.arguments, call_id=call.id, source=key)
        if again is not None:
            again.answer, again.failed = call.answer, call.failed
