"""The chat-completions format on the wire: what is sent to a model, what its answer must be.

Knows shapes and their checks; leaves the loop over turns to `chat`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.reading import as_data
from dialgate_evals.dialects.texts.endings import reason_of
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.running.agent_protocol import AgentError, InfrastructureError
from dialgate_evals.suite.prices import TokenUsage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.running.agent_protocol import TrialInput

_NOT_SENT = frozenset({"error", "unmatched", "fault", "at_ms", "finish_reason"})
"""What the harness adds to a message for its own records; some endpoints refuse unknown keys.
Everything else goes as it is: providers put signatures of their own into messages."""

_NOT_THE_MODELS = _NOT_SENT | {"tool_call_id", "name"}
"""Keys of other messages, which a model's own must not carry into the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One tool call that the model asks for."""

    id: str
    name: str
    arguments: Any
    # parsed; where the text is no JSON the text itself, which every tool refuses


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTurn:
    """One answer of the model."""

    message: dict[str, Any]
    # as the model wrote it, without empty keys; every call has an id
    calls: tuple[ModelCall, ...]
    usage: TokenUsage | None
    # None where the endpoint doesn't say
    finish_reason: str | None = None
    # in OpenAI's words, whatever the endpoint's are

    @property
    def text(self) -> str:
        """The text of the answer; empty where there is none."""
        return text_of(self.message.get("content"))


def opening_messages(trial: TrialInput) -> list[dict[str, Any]]:
    """The release's prompts as system messages, in the order of their paths, then the case's."""
    prompts = trial.release["prompts"]
    system = [{"role": "system", "content": prompts[path]} for path in sorted(prompts)]
    return [*system, *(dict(message) for message in trial.messages)]


def tool_schemas(schemas: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The release's tools as the endpoint takes them."""
    return [{"type": "function", "function": dict(schema)} for schema in schemas]


def as_endpoint_takes(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message without the harness's own keys and with every call's arguments as text."""
    kept = {key: value for key, value in message.items() if key not in _NOT_SENT}
    if calls := kept.get("tool_calls"):
        kept["tool_calls"] = [_call_for_endpoint(call) for call in calls]
    return kept


def _call_for_endpoint(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call["function"]
    arguments = function["arguments"]
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"type": "function", **call, "function": {**function, "arguments": text}}


def parse_turn(raw: bytes, *, number: int) -> ModelTurn:
    """The model's answer; `number` makes ids for calls without one.

    Raises InfrastructureError where the endpoint gives no answer of the model (an error inside a
    good status, a page, nothing), AgentError for a message that can't be read.
    """
    document, choice = _parse_body(raw)
    try:
        written = choice["message"]
        message = {
            key: value
            for key, value in written.items()
            if value is not None and key not in _NOT_THE_MODELS
        }
        message["role"] = "assistant"
        message = _in_todays_form(message)
        calls = _parse_calls(message, number)
    except (KeyError, TypeError, AttributeError):
        raise AgentError("the model's answer is no chat completion") from None
    content = message.setdefault("content", None)
    if not _is_content(content):
        raise AgentError("the model's answer has a content that is no text")
    reason = reason_of(choice.get("finish_reason"))
    if reason is not None:
        message["finish_reason"] = reason
    usage = _parse_usage(document.get("usage"))
    return ModelTurn(message=message, calls=calls, usage=usage, finish_reason=reason)


def _parse_body(raw: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document and its first choice. Raises InfrastructureError with the provider's words."""
    if not raw.strip():
        raise InfrastructureError("the model's endpoint answered nothing: an empty body")
    if raw.lstrip().startswith((b"data:", b"event:")):
        raise InfrastructureError("the model's endpoint answered a stream, which nobody asked for")
    try:
        document = parse_json(raw)
    except JsonTextError as error:
        said = shorten(printable(raw[:400].decode("utf-8", "replace")), 200)
        raise InfrastructureError(f"the model's endpoint answered {error}: {said}") from None
    body = document if isinstance(document, dict) else {}
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    choice = first if isinstance(first, dict) else {}
    fault = body.get("error") or choice.get("error")
    if not fault and reason_of(choice.get("finish_reason")) == "error":
        fault = f"finish_reason {choice['finish_reason']}"
    if fault:
        said = _words_of_error(fault)
        raise InfrastructureError(f"the model's endpoint answered with an error: {said}")
    if not isinstance(choice.get("message"), dict):
        said = shorten(printable(raw[:400].decode("utf-8", "replace")), 200)
        raise InfrastructureError(f"the model's endpoint answered without a message: {said}")
    return body, choice


def _words_of_error(error: object) -> str:
    """What a provider says of its error: code and message, in its own words."""
    if not isinstance(error, dict):
        return shorten(printable(str(error)), 500)
    parts = [str(error[key]) for key in ("code", "type", "message") if error.get(key)]
    return shorten(printable(": ".join(parts) or json.dumps(error)), 500)


def _in_todays_form(message: dict[str, Any]) -> dict[str, Any]:
    """The message with calls of other forms (legacy, other dialects' parts) in `tool_calls`."""
    if message.get("tool_calls") or not _may_hold_calls(message):
        return message
    found = read_messages([message]).calls
    if not found:
        return message
    calls = [
        {"id": call.id, "type": "function",
         "function": {"name": call.name, "arguments": _as_text(call.arguments)}}
        for call in found
    ]  # fmt: skip
    kept = {key: value for key, value in message.items() if key != "function_call"}
    return {**kept, "content": text_of(message.get("content")) or None, "tool_calls": calls}


def _may_hold_calls(message: Mapping[str, Any]) -> bool:
    return isinstance(message.get("function_call"), dict) or isinstance(
        message.get("content"), list
    )


def _as_text(arguments: object) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(as_data(arguments))


def _is_content(content: object) -> bool:
    if isinstance(content, list):
        return all(isinstance(part, dict) for part in content)
    return content is None or isinstance(content, str)


def _parse_calls(message: dict[str, Any], number: int) -> tuple[ModelCall, ...]:
    """The calls of a message, whose own list is replaced by a checked one."""
    written = message.pop("tool_calls", None) or []
    checked = [_checked_call(call, f"call_{number}_{index}") for index, call in enumerate(written)]
    if checked:
        message["tool_calls"] = checked
    return tuple(
        ModelCall(
            id=call["id"],
            name=call["function"]["name"],
            arguments=as_data(call["function"]["arguments"]),
        )
        for call in checked
    )


def _checked_call(call: dict[str, Any], made_id: str) -> dict[str, Any]:
    function = call["function"]
    name, arguments = function["name"], function.get("arguments")
    arguments = "" if arguments is None else arguments
    call_id = call.get("id") or made_id
    if not isinstance(name, str) or not isinstance(call_id, str):
        raise TypeError
    if not isinstance(arguments, str | dict):
        raise TypeError
    kept = {**function, "name": name, "arguments": arguments}
    return {**call, "id": call_id, "type": "function", "function": kept}


def _parse_usage(usage: object) -> TokenUsage | None:
    """The tokens of a turn; None where either count is missing or no count."""
    if not isinstance(usage, dict):
        return None
    counts = [usage.get(key) for key in ("prompt_tokens", "completion_tokens")]
    sent, given = (count if _is_count(count) else None for count in counts)
    if sent is None or given is None:
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return TokenUsage(
        input_tokens=sent,
        output_tokens=given,
        cached_tokens=cached if isinstance(cached, int) and _is_count(cached) else 0,
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
