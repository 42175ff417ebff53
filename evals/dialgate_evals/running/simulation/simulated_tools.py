"""Simulated tools: answers from a case's recordings, every call logged, nothing real touched.

Knows matching, turn-taking, injected faults and what a real tool says to arguments that break its
schema (the contract's section 2). Leaves who calls to the adapters and scoring to
`scoring.scoring`.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.actions.action_classes import ActionRegistry, Effect
from dialgate_evals.files.json_text import canonical_parsed, json_text
from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_evals.files.time_bounds import Patience
from dialgate_evals.running.agent_protocol import ToolAnswer
from dialgate_evals.suite.case import Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from dialgate_evals.suite.case import Case, Recording
    from dialgate_evals.suite.tools import Tool, ToolRegistry

SLOW_S = 0.05
"""How late a slow tool answers: enough to overtake others, too little to cost a run its time."""

_TIMED_OUT = "timeout: the tool did not answer in time; whether the call took effect is unknown"
_FAILED = "the tool failed"
_MALFORMED = '{"status": "ok", "resu'
_NEUTRAL = {"status": "ok"}
_NEUTRAL_TEXT = json.dumps(_NEUTRAL)


class LoggedCall(Struct, kw_only=True):
    """One call that the agent made, with its answer."""

    name: str
    arguments: Any
    content: str
    # the answer as the text of a tool message
    is_error: bool
    unmatched: bool
    fault: str | None
    at_ms: float
    # since the trial began


class _Turn(Struct):
    """How far a recording has been used in this trial."""

    recording: Recording
    key: str | None
    where: DocumentValidator | None
    faults_left: int
    answered: bool = False


class CaseTools:
    """A case's recordings made ready once, for any number of trials."""

    def __init__(
        self,
        case: Case,
        *,
        tools: ToolRegistry,
        actions: ActionRegistry,
        patience: Patience | None = None,
    ) -> None:
        """`patience` is the run's, where several cases are asked for it."""
        self.tools = tools
        self.actions = actions
        self.patience = patience or Patience()
        self._prepared = [_prepare(recording, tools) for recording in case.recordings]

    def turns(self) -> list[_Turn]:
        """The case's recordings as a new trial finds them, none used yet."""
        return [
            _Turn(recording, key, where, recording.times if recording.fault else 0)
            for recording, key, where in self._prepared
        ]


def _prepare(
    recording: Recording, tools: ToolRegistry
) -> tuple[Recording, str | None, DocumentValidator | None]:
    key = where = None
    if recording.arguments is not None:
        tool = tools.get(recording.name)
        filled = tool.with_defaults(recording.arguments) if tool else recording.arguments
        key = canonical_parsed(filled)
    if recording.where is not None:
        what = f"the `where` of a recording of {recording.name}"
        where = DocumentValidator(recording.where, what=what)
    return recording, key, where


class SimulatedTools:
    """One trial's tools; what the agent sends is hostile and never makes it raise."""

    def __init__(
        self,
        prepared: CaseTools,
        *,
        most_calls: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._prepared = prepared
        self._most_calls = most_calls
        self._clock = clock
        self._sleep = sleep
        self.restart()

    def restart(self) -> None:
        """Forgets every call: the trial begins again because its worker was lost."""
        self.log: list[LoggedCall] = []
        self.exceeded = False
        self._most_in_log = self._most_calls
        self._turns = self._prepared.turns()
        self._began = self._clock()

    def begin_answer(self) -> None:
        """The agent has the word again: what bounds the calls of one answer counts anew."""
        self._most_in_log = len(self.log) + self._most_calls

    async def call(self, name: str, arguments: Any) -> ToolAnswer:  # noqa: ANN401 - hostile input
        """The answer, when the tool gives it."""
        answer, late_s = self.answer(name, arguments)
        if late_s:
            await self._sleep(late_s)
        return answer

    def answer(
        self,
        name: str,
        arguments: Any,  # noqa: ANN401 - hostile input
    ) -> tuple[ToolAnswer, float]:
        """Answers the call as a real tool would, and logs it; how many seconds late it comes."""
        with self._prepared.patience.lent():
            return self._answer_now(name, arguments)

    def _answer_now(self, name: str, arguments: Any) -> tuple[ToolAnswer, float]:  # noqa: ANN401 - hostile input
        if len(self.log) >= self._most_in_log:
            self.exceeded = True
            return ToolAnswer(content="too many calls in this trial", is_error=True), 0.0
        at_us = round(1e6 * (self._clock() - self._began))
        if arguments is None or arguments == "":
            arguments = {}  # how some agents write a call without arguments
        named: object = name  # whatever the agent sent
        tool = self._prepared.tools.get(named) if isinstance(named, str) else None
        unmatched, fault = False, None
        refusal = _refusal(name, arguments, tool)
        if refusal is not None or tool is None:
            answer = ToolAnswer(content=refusal, is_error=True)
        else:
            turn = self._next_turn(name, tool.with_defaults(arguments))
            if turn is None:
                answer, unmatched = self._answer_unmatched(name, arguments)
            else:
                answer, fault = _take_turn(turn)
        self.log.append(
            LoggedCall(
                name=str(name),
                arguments=arguments,
                content=_as_text(answer.content),
                is_error=answer.is_error,
                unmatched=unmatched,
                fault=fault,
                at_ms=at_us / 1000,
            )
        )
        return answer, SLOW_S if fault is not None and fault == Fault.SLOW else 0.0

    def _next_turn(self, name: str, arguments: Mapping[str, Any]) -> _Turn | None:
        """The recording that answers now: exact ones before loose ones, in turn, the last again."""
        candidates = [turn for turn in self._turns if turn.recording.name == name]
        if not candidates:
            return None
        key = canonical_parsed(arguments)
        matches = [turn for turn in candidates if turn.key == key]
        if not matches:
            matches = [t for t in candidates if t.key is None and _is_loose_match(t, arguments)]
        last = None
        for turn in matches:
            if turn.faults_left or turn.recording.has_answer:
                if not turn.answered:
                    return turn
                last = turn
        return last

    def _answer_unmatched(self, name: str, arguments: Mapping[str, Any]) -> tuple[ToolAnswer, bool]:
        effect = self._prepared.actions.classify(name, arguments).effect
        if effect is not Effect.READ:
            return ToolAnswer(content=dict(_NEUTRAL)), False
        content = f"no recording of this case answers {name} with these arguments"
        return ToolAnswer(content=content, is_error=True), True

    def as_messages(self) -> list[dict[str, Any]]:
        """The log in the chat format: an assistant message and a tool message per call."""
        messages: list[dict[str, Any]] = []
        for index, call in enumerate(self.log):
            call_id = f"call_{index}"
            function = {"name": call.name, "arguments": json_text(call.arguments)}
            messages.append(
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": call_id, "type": "function", "function": function}],
                }
            )
            messages.append(answer_message(call, call_id))
        return messages


def answer_message(call: LoggedCall, call_id: str) -> dict[str, Any]:
    """The tool message that answers a logged call."""
    message: dict[str, Any] = {
        "role": "tool",
        "tool_call_id": call_id,
        "content": call.content,
        "at_ms": call.at_ms,
    }
    if call.is_error:
        message["error"] = True
    if call.unmatched:
        message["unmatched"] = True
    if call.fault:
        message["fault"] = call.fault
    return message


def _is_loose_match(turn: _Turn, arguments: Mapping[str, Any]) -> bool:
    return turn.where is None or turn.where.is_valid(arguments)


def _refusal(name: object, arguments: object, tool: Tool | None) -> str | None:
    """What a real tool says to a call that it can't take; None for one that it can."""
    if tool is None:
        return f"there is no tool {str(name)[:200]!r}"
    if not isinstance(arguments, dict):
        return "the arguments must be a JSON object"
    if tool.accepts(arguments):
        return None
    errors = [
        f"{'/'.join(str(part) for part in error.absolute_path) or 'arguments'}: {error.message}"
        for error in tool.validator.errors(arguments)
    ]
    return f"invalid arguments: {'; '.join(errors)[:2000]}"


def _take_turn(turn: _Turn) -> tuple[ToolAnswer, str | None]:
    recording = turn.recording
    if turn.faults_left and recording.fault is not None:
        turn.faults_left -= 1
        if recording.fault is Fault.TIMEOUT:
            return ToolAnswer(content=_TIMED_OUT, is_error=True), recording.fault.value
        if recording.fault is Fault.ERROR:
            return ToolAnswer(content=_FAILED, is_error=True), recording.fault.value
        if recording.fault is Fault.MALFORMED:
            return ToolAnswer(content=_MALFORMED), recording.fault.value
        turn.answered = turn.faults_left == 0
        if recording.has_answer:
            return _answer(recording), recording.fault.value
        return ToolAnswer(content=dict(_NEUTRAL)), recording.fault.value
    turn.answered = True
    return _answer(recording), None


def _answer(recording: Recording) -> ToolAnswer:
    if recording.error is not None:
        return ToolAnswer(content=recording.error, is_error=True)
    return ToolAnswer(content=recording.result)


def _as_text(content: Any) -> str:  # noqa: ANN401 - JSON data
    if content == _NEUTRAL:
        return _NEUTRAL_TEXT
    return content if isinstance(content, str) else json.dumps(content)
