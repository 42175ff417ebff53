"""Calls over MCP that were recorded alone: a person who knows the request makes a case of them.

A server sees what its tools were asked, never why. Until somebody says what the user wanted, these
calls are no case and nothing counts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.cases.new_case import CaseDraft
from dialgate.cases.recording.growth import read_journal, uncalled
from dialgate.cases.recording.places import find_place
from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.dialects.texts.answers import answer_text, is_mcp_error
from dialgate_evals.errors import UsageError
from dialgate_evals.files.json_text import JsonTextError, canonical_json, parse_json
from dialgate_evals.files.problems import join_words, show_path

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.recording.exchanges import ToolExchange
    from dialgate_evals.suite.workspace import Workspace


def recorded_draft(
    workspace: Workspace, journal: Path | None, request: str, tags: tuple[str, ...]
) -> CaseDraft:
    """A case of the recorded calls that no conversation and no case has, for that request.

    What reads were answered is recorded; every other call that was not answered with an error is
    expected. Raises UsageError where there is no such call, or a tool's class is still a guess.
    """
    calls = recorded_calls(workspace, journal)
    if not calls:
        raise UsageError("Every recorded call over MCP is in a conversation or a case already.")
    guessed = sorted(
        {
            call["name"]
            for call in calls
            if any(one.proposed for one in workspace.actions.classes_of_tool(call["name"]))
        }
    )
    if guessed:
        file = show_path(workspace.folder / "actions.toml")
        raise UsageError(
            f"{join_words(guessed)}: only guesses in {file}, which count as writes. "
            "Put them right and take `proposed` out: then it is known which calls are actions."
        )
    actions = [
        {"name": call["name"], "arguments": call["arguments"]}
        for call in calls
        if "error" not in call and not _reads(workspace, call["name"])
    ]
    return CaseDraft(
        request=request, actions=tuple(actions), recordings=tuple(_once(calls)), tags=tags
    )


def _reads(workspace: Workspace, name: str) -> bool:
    return {one.effect for one in workspace.actions.classes_of_tool(name)} == {Effect.READ}


def _once(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for call in calls:
        if "result" in call or "error" in call:
            found.setdefault(canonical_json([call["name"], call["arguments"]]), call)
    return list(found.values())


def recorded_calls(workspace: Workspace, journal: Path | None) -> list[dict[str, Any]]:
    """Those calls in their order: name, arguments, and result or error as a recording has them."""
    place = find_place(workspace.folder, journal, may_write=False)
    if not place.journal.is_dir():
        raise UsageError(f"{show_path(place.journal)}: nothing is recorded for this suite.")
    known = {
        canonical_json([item["name"], item.get("arguments") or {}])
        for case in workspace.cases
        for item in (
            *case.document.get("recordings", ()),
            *case.document["expect"].get("actions", ()),
        )
    }
    calls = sorted(uncalled(*read_journal(place)), key=lambda call: call.at)
    made = [_as_recording(call) for call in calls]
    return [call for call in made if canonical_json([call["name"], call["arguments"]]) not in known]


def _as_recording(call: ToolExchange) -> dict[str, Any]:
    made = {
        "name": str(call.params.get("name")),
        "arguments": call.params.get("arguments") or {},
    }
    if call.error is not None:
        return {**made, "error": str(call.error.get("message") or "error")}
    if call.result is None:
        return made
    content = call.result.get("structuredContent", call.result.get("content"))
    text = answer_text(content)
    if is_mcp_error(call.result):
        return {**made, "error": text or "error"}
    try:
        data = parse_json(text.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        data = text
    return {**made, "result": data if isinstance(data, dict | list) else text}
