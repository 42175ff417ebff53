"""OpenAI's Responses: a list of items, each with its type; and whole responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.openai_chat import is_error
from dialgate_evals.dialects.reading import role_of
from dialgate_evals.dialects.texts.answers import answer_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.dialects.reading import Contents, Part, PartReader, Path, Reading, Role

NAME = "OpenAI Responses"

HARMLESS = frozenset({"input_image", "input_file", "input_audio", "output_audio"})

_HARMLESS_ITEMS = frozenset(
    "reasoning web_search_call file_search_call code_interpreter_call image_generation_call "
    "mcp_list_tools tool_search_call "
    "tool_search_output additional_tools compaction compaction_trigger configuration_update "
    "item_reference program program_output".split()
)
"""What the provider does by itself: no action on the user's world."""

_ACTING = {
    "computer_call": "computer", "local_shell_call": "local_shell", "shell_call": "shell",
    "apply_patch_call": "apply_patch",
}  # fmt: skip
"""Built-in tools that the agent's side carries out, by the name under which they are scored."""

_ANSWERS = frozenset(
    "function_call_output custom_tool_call_output computer_call_output local_shell_call_output "
    "shell_call_output apply_patch_call_output".split()
)


def _text(reading: Reading, role: Role, part: Part, path: Path) -> None:
    del path
    reading.say(role, str(part.get("text") or ""))


PARTS: Mapping[str, PartReader] = {
    "output_text": _text, "input_text": _text, "summary_text": _text,
}  # fmt: skip


def read_item(reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents) -> bool:
    """One item, or a whole response; whether it is one."""
    if item.get("object") == "response" or ("output" in item and "status" in item and
                                            "type" not in item and "role" not in item):  # fmt: skip
        return _read_response(reading, item, path, contents)
    kind = item.get("type")
    if not isinstance(kind, str):
        return False
    if kind.endswith("_item") and isinstance(item.get("raw_item"), dict):
        # What the Agents SDK lists of a run: the item of the API inside one of its own.
        return read_item(reading, item["raw_item"], (*path, "raw_item"), contents)
    if kind in _HARMLESS_ITEMS:
        reading.dialects.add(NAME)
        return True
    if kind == "message" and role_of(item.get("role")) and item.get("stop_reason") is None:
        return _read_message(reading, item, path, contents)
    if kind in _ASKING:
        _ASKING[kind](reading, item, path)
    elif kind in {"function_call", "custom_tool_call", "mcp_call"} or kind in _ACTING:
        _read_call(reading, kind, item, path)
    elif kind in _ANSWERS:
        _read_answer(reading, item, path)
    else:
        return False
    reading.dialects.add(NAME)
    return True


def _read_message(
    reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents
) -> bool:
    role = role_of(item["role"])
    content = item.get("content")
    kinds = {part.get("type") for part in content if isinstance(part, dict)} if isinstance(
        content, list) else set()  # fmt: skip
    if role is None or role == "tool" or {"tool_calls", "function_call"} & item.keys():
        return False
    if kinds & {"tool_use", "tool_result"}:
        return False
    if kinds & PARTS.keys():
        reading.dialects.add(NAME)
    if role == "assistant":
        reading.say(role, "")
    contents(reading, role, content, (*path, "content"))
    if item.get("status") == "incomplete":
        reading.end_for("incomplete")
    return True


def _read_call(reading: Reading, kind: str, item: Mapping[str, Any], path: Path) -> None:
    if kind in _ACTING:
        name: object = _ACTING[kind]
        action = item.get("action", item.get("operation", item.get("actions")))
        arguments: object = action if isinstance(action, dict) else {"actions": action}
    else:
        name, arguments = item.get("name"), item.get("arguments") or item.get("input")
    asked = item.get("approval_request_id")
    made = next((call for call in reading.calls if call.id == asked), None) if asked else None
    if made is not None:
        # What was asked for is done now: one call.
        made.failed = is_error(item)
    made = made or reading.call(
        name,
        arguments,
        call_id=item.get("call_id") or item.get("id"),
        failed=is_error(item),
        path=path,
    )
    if made is not None and kind == "mcp_call" and item.get("output") is not None:
        made.answer = answer_text(item["output"])


def _ask(reading: Reading, item: Mapping[str, Any], path: Path) -> None:
    """A call that waits for leave: the model has decided on it."""
    reading.call(item.get("name"), item.get("arguments"), call_id=item.get("id"), path=path)


def _allow(reading: Reading, item: Mapping[str, Any], path: Path) -> None:
    if item.get("approve") is False:
        said = str(item.get("reason") or "refused")
        reading.answer(said, call_id=item.get("approval_request_id"), failed=True, path=path)


_ASKING = {"mcp_approval_request": _ask, "mcp_approval_response": _allow}


def _read_answer(reading: Reading, item: Mapping[str, Any], path: Path) -> None:
    output = item.get("output")
    failed = is_error(item)
    if isinstance(output, list):
        failed = failed or any(_has_failed(part) for part in output)
    reading.answer(output, call_id=item.get("call_id") or item.get("id"), failed=failed, path=path)


def _has_failed(part: object) -> bool:
    """Whether a shell's part says that the command broke off."""
    outcome = part.get("outcome") if isinstance(part, dict) else None
    code = outcome.get("exit_code") if isinstance(outcome, dict) else None
    return isinstance(code, int) and code != 0


def _read_response(
    reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents
) -> bool:
    output = item.get("output")
    if not isinstance(output, list):
        return False
    reading.dialects.add(NAME)
    for index, inner in enumerate(output):
        place = (*path, "output", index)
        if not (isinstance(inner, dict) and read_item(reading, inner, place, contents)):
            reading.gap(place, "an item of a response that is not known", f"{NAME}, function_call")
    details = item.get("incomplete_details")
    if isinstance(details, dict):
        reading.end_for(details.get("reason"))
    elif item.get("status") in {"failed", "cancelled", "incomplete"}:
        reading.say("assistant", "")
        reading.end_for(item["status"])
    return True
