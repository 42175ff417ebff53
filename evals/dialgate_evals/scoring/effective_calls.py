"""Step 1 of scoring: which calls of a trial took effect, and as what they count.

With the other side of a comparison a call is judged both ways: it is an action where either side's
schemas and classes make it one, a write where either says so, and excused only where both excuse
it. Leaves matching with what a case expects to `scoring.scoring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from dialgate_evals.actions.action_classes import UNCLASSIFIED, Effect
from dialgate_evals.actions.argument_rules import EXACT, parse_pointer
from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.scoring.expected_actions import MadeCall

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry
    from dialgate_evals.actions.trajectory import Call
    from dialgate_evals.suite.tools import Tool, ToolRegistry


class OtherSide(Struct, frozen=True, kw_only=True):
    """By what a candidate's calls are judged beside its own schemas and the judge's classes."""

    tools: ToolRegistry
    # the baseline's
    actions: ActionRegistry
    # the change's own classes: what they make a write is one

    def class_of(
        self, name: str, arguments: Mapping[str, Any], judged: ActionClass, judge: ActionRegistry
    ) -> ActionClass:
        """The judge's class, or the change's where only that makes the call an action.

        A class that the judge doesn't know is none that it could weigh: then `unclassified`.
        """
        if judged.effect is not Effect.READ:
            return judged
        own = self.actions.classify(name, arguments)
        if own.effect is Effect.READ:
            return judged
        return own if own.name in judge.names else UNCLASSIFIED


class EffectiveCalls(Struct):
    """The calls that count, and how many others there were."""

    calls: list[MadeCall] = field(default_factory=list)
    invalid: int = 0
    # calls that break the release's own schemas, with or without an effect
    failed: int = 0


def effective_calls(
    calls: Sequence[Call],
    *,
    tools: ToolRegistry,
    actions: ActionRegistry,
    other: OtherSide | None = None,
) -> EffectiveCalls:
    """The calls that took effect; `other` is the other side of a comparison, for a candidate."""
    found = EffectiveCalls()
    repeats = _Repeats()
    for position, call in enumerate(calls):
        tool = tools.get(call.name)
        before = None if other is None else other.tools.get(call.name)
        arguments = _arguments(call, tool, before, found)
        if arguments is None:
            continue
        action_class = actions.classify(call.name, arguments)
        if other is not None:
            action_class = other.class_of(call.name, arguments, action_class, actions)
        made = MadeCall(
            position=position,
            name=call.name,
            arguments=arguments,
            normal=actions.rules.get(call.name, EXACT).normalise(arguments),
            action_class=action_class,
        )
        if not repeats.excuse(made, [tool] if other is None else [tool, before]):
            found.calls.append(made)
    return found


def _arguments(
    call: Call, tool: Tool | None, before: Tool | None, found: EffectiveCalls
) -> Mapping[str, Any] | None:
    """With what the call took effect; None where it had none, and then it is counted."""
    taken = _taken(tool, call)
    if taken is not None and tool is not None:
        if call.failed:
            found.failed += 1
            return None
        return tool.with_defaults(taken)
    found.invalid += 1
    taken = _taken(before, call)
    if taken is not None and before is not None:
        # The baseline's tool would have taken it: a schema that the change tightened, or a tool
        # that it no longer lists, hides nothing.
        return before.with_defaults(taken)
    if call.failed or not call.answered:
        return None
    # Something answered it without an error: it took effect, whatever the schema says.
    read = tool.as_read(call.written) if tool else _as_object(call.written)
    return tool.with_defaults(read) if tool else read


def _taken(tool: Tool | None, call: Call) -> Mapping[str, Any] | None:
    """The arguments where the tool's schema takes them; None where the call breaks it."""
    if tool is None or call.arguments is None or not tool.accepts(call.arguments):
        return None
    return call.arguments


def _as_object(written: object) -> Mapping[str, Any]:
    return written if isinstance(written, dict) else {}


class _Repeats:
    """Calls that repeat an earlier one under the same idempotency key, of every side."""

    def __init__(self) -> None:
        self._seen: dict[int, set[tuple[str, str, str]]] = {}

    def excuse(self, call: MadeCall, tools: Sequence[Tool | None]) -> bool:
        """Whether each side's tool calls it a harmless repeat; a side without the tool doesn't."""
        pointers = [None if tool is None else tool.idempotency_pointer for tool in tools]
        if None in pointers:
            return False
        # Every side takes note of the call before any is asked.
        return all(list(self._by_side(call, pointers)))

    def _by_side(self, call: MadeCall, pointers: Sequence[str | None]) -> Iterator[bool]:
        for number, pointer in enumerate(pointers):
            key = None if pointer is None else _repeat_key(call, pointer)
            seen = self._seen.setdefault(number, set())
            yield key is not None and key in seen
            if key is not None:
                seen.add(key)


def _repeat_key(call: MadeCall, pointer: str) -> tuple[str, str, str] | None:
    """What a repeat has in common with the call; None where nothing makes it harmless."""
    value: object = call.arguments
    for part in parse_pointer(pointer):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None or value == "":
        return None
    return call.name, canonical_json(value), call.normal.key
