"""Vercel's AI SDK: model messages with typed parts, and UI messages that hold call and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.openai_chat import is_error
from dialgate_evals.dialects.reading import answer_call
from dialgate_evals.dialects.unknown import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.dialects.reading import Part, PartReader, Path, Reading, Role

NAME = "Vercel AI SDK"

HARMLESS = frozenset(
    "reasoning reasoning-file file image step-start source source-url source-document custom "
    "tool-approval-request tool-approval-response start-step finish-step".split()
)

_FAILED = frozenset({"error-text", "error-json", "execution-denied"})
_REFUSED = frozenset({"output-error", "output-denied"})
_ANSWERED = frozenset({"output-available", "result", *_REFUSED})


def _call(reading: Reading, role: Role, part: Part, path: Path) -> None:
    del role
    reading.dialects.add(NAME)
    reading.call(
        part.get("toolName"),
        part.get("input", part.get("args")),
        call_id=part.get("toolCallId"),
        failed=is_error(part),
        path=path,
    )


def _result(reading: Reading, role: Role, part: Part, path: Path) -> None:
    del role
    reading.dialects.add(NAME)
    output = part.get("output", part.get("result"))
    typed = output if isinstance(output, dict) and isinstance(output.get("type"), str) else None
    reading.answer(
        output if typed is None or "value" not in typed else typed["value"],
        call_id=part.get("toolCallId"),
        name=part.get("toolName"),
        failed=is_error(part) or (typed is not None and typed["type"] in _FAILED),
        path=path,
    )


def _error(reading: Reading, role: Role, part: Part, path: Path) -> None:
    _result(reading, role, {**part, "output": part.get("error"), "isError": True}, path)


PARTS: Mapping[str, PartReader] = {
    "tool-call": _call, "tool-result": _result, "tool-error": _error,
}  # fmt: skip


def read_part(reading: Reading, role: Role, part: Part, path: Path) -> bool:
    """A part of a UI message, which holds a call and what became of it; whether it is one."""
    del role
    kind = str(part.get("type", ""))
    if kind == "tool-invocation" and isinstance(part.get("toolInvocation"), dict):
        return _invocation(reading, part["toolInvocation"], path)
    if not (kind == "dynamic-tool" or (kind.startswith("tool-") and "toolCallId" in part)):
        return False
    name = part.get("toolName") or kind.removeprefix("tool-")
    return _invocation(reading, {**part, "toolName": name}, path)


def read_invocations(reading: Reading, item: Mapping[str, Any], path: Path) -> None:
    """The list `toolInvocations` beside a UI message's content (version 4)."""
    listed = item.get("toolInvocations")
    for index, part in enumerate(listed if isinstance(listed, list) else ()):
        place = (*path, "toolInvocations", index)
        if isinstance(part, dict):
            _invocation(reading, part, place, source="toolInvocations")
        else:
            reading.gap(place, describe(part), f"{NAME}, tool-invocation")


def _invocation(
    reading: Reading, part: Mapping[str, Any], path: Path, source: str = "content"
) -> bool:
    reading.dialects.add(NAME)
    state = part.get("state")
    made = reading.call(
        part.get("toolName"),
        part.get("input", part.get("args", part.get("rawInput"))),
        call_id=part.get("toolCallId"),
        failed=state in _REFUSED,
        source=source,
        path=path,
    )
    if made is not None and state in _ANSWERED:
        output = part.get("output", part.get("result", part.get("errorText")))
        answer_call(made, output, failed=state in _REFUSED or is_error(part))
    return True
