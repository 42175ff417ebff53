"""A trajectory: what the agent did in one trial, as chat messages; and the calls in it.

Knows the OpenAI chat format as agents really write it (arguments as text or data, answers without
ids); leaves what became of a call to `dialgate_evals.scoring.scoring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from dialgate_evals.files.json_text import JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Trajectory(Struct, frozen=True, kw_only=True):
    """One trial as it was recorded; never scored by the agent itself."""

    case_id: str
    trial: int
    messages: Sequence[Mapping[str, Any]] = ()
    error: str | None = None
    # why the trial could not be run; then it is errored, never failed
    failure: str | None = None
    # how the agent itself broke off (crash, hang, garbage); then it is failed, never passed
    state: Mapping[str, Any] | None = None
    # the simulator's state, {"initial": …, "final": …}, where the suite has one
    latency_ms: float | None = None
    cost_usd: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)
    # shown, never used

    def as_json(self) -> dict[str, Any]:
        """The trajectory as one object of the transcript format."""
        document: dict[str, Any] = {
            "case_id": self.case_id,
            "trial": self.trial,
            "messages": list(self.messages),
            "error": self.error,
        }
        if self.failure is not None:
            document["failure"] = self.failure
        if self.state is not None:
            document["state"] = self.state
        document["latency_ms"] = self.latency_ms
        document["cost_usd"] = self.cost_usd
        has_usage = self.input_tokens is not None or self.output_tokens is not None
        usage = {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens}
        document["usage"] = usage if has_usage else None
        document["labels"] = dict(self.labels)
        return document


def parse_trajectory(document: Mapping[str, Any]) -> Trajectory:
    """The trajectory that a checked transcript line says."""
    usage = document.get("usage") or {}
    return Trajectory(
        case_id=document["case_id"],
        trial=document["trial"],
        messages=document["messages"],
        error=document.get("error"),
        failure=document.get("failure"),
        state=document.get("state"),
        latency_ms=document.get("latency_ms"),
        cost_usd=document.get("cost_usd"),
        input_tokens=usage.get("input_tokens"),
        output_tokens=usage.get("output_tokens"),
        labels=document.get("labels") or {},
    )


class Call(Struct, frozen=True, kw_only=True):
    """One tool call that the agent made."""

    name: str
    arguments: Mapping[str, Any] | None
    # None where the arguments are no JSON object
    text: str
    # the arguments as the agent wrote them
    failed: bool = False
    # answered with an error, so that it had no effect
    unmatched: bool = False
    # a read that no recording answers


def own_messages(
    trajectory: Trajectory, context: Sequence[Mapping[str, Any]] = ()
) -> Sequence[Mapping[str, Any]]:
    """What the agent did: the trajectory without the case's own context.

    A trajectory may begin with the context, after system messages of its own; those messages are
    what the agent was given.
    """
    return trajectory.messages[_context_length(trajectory.messages, context) :]


def calls_of(messages: Sequence[Mapping[str, Any]]) -> list[Call]:
    """The calls in the agent's own messages, in order."""
    found = []
    for index, message in enumerate(messages):
        calls = message.get("tool_calls")
        if not calls or message["role"] != "assistant":
            continue
        answers = _answers(messages, index + 1)
        for position, call in enumerate(calls):
            found.append(_call(call, _answer_to(calls, position, answers)))
    return found


def has_answered(messages: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the agent said or did anything at all; an empty record shows nothing."""
    return any(message["role"] == "assistant" for message in messages)


def reply_of(messages: Sequence[Mapping[str, Any]]) -> str:
    """The agent's final text: the last assistant message without calls; empty where none is."""
    for message in reversed(messages):
        if message["role"] == "assistant" and not message.get("tool_calls"):
            return text_of(message.get("content"))
    return ""


def text_of(content: object) -> str:
    """The text of a message's content, which may come in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return ""


def _context_length(
    messages: Sequence[Mapping[str, Any]], context: Sequence[Mapping[str, Any]]
) -> int:
    if not context:
        return 0
    for start, message in enumerate(messages):
        end = start + len(context)
        if list(messages[start:end]) == list(context):
            return end
        if message["role"] not in {"system", "developer"}:
            break
    return 0


def _answers(messages: Sequence[Mapping[str, Any]], start: int) -> list[Mapping[str, Any]]:
    """The tool messages between this assistant message and the next."""
    answers = []
    for index in range(start, len(messages)):
        message = messages[index]
        role = message["role"]
        if role == "tool":
            answers.append(message)
        elif role == "assistant":
            break
    return answers


def _answer_to(
    calls: Sequence[Mapping[str, Any]], position: int, answers: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """The answer of a call: by id, by turn where calls of one message share it, else by place."""
    call_id = calls[position].get("id")
    if call_id is not None:
        if len(calls) == len(answers) == 1 and answers[0].get("tool_call_id") == call_id:
            return answers[0]
        same = [answer for answer in answers if answer.get("tool_call_id") == call_id]
        turn = [call.get("id") for call in calls[:position]].count(call_id)
        if same:
            return same[min(turn, len(same) - 1)]
    by_position = answers[position] if position < len(answers) else None
    if by_position is not None and by_position.get("tool_call_id") in {None, ""}:
        return by_position
    return {}


def _call(call: Mapping[str, Any], answer: Mapping[str, Any]) -> Call:
    function = call["function"]
    raw = function["arguments"]
    arguments, text = raw, ""
    if isinstance(raw, str):
        text = raw
        try:
            arguments = parse_json(raw.encode("utf-8", "surrogatepass")) if raw.strip() else {}
        except JsonTextError:
            arguments = None
    return Call(
        name=function["name"],
        arguments=arguments if isinstance(arguments, dict) else None,
        text=text,
        # After a timeout nobody knows whether the call took effect, so it counts as made.
        failed=bool(answer.get("error")) and answer.get("fault") != "timeout",
        unmatched=bool(answer.get("unmatched")),
    )
