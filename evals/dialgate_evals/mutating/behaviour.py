"""What a right agent does in a case: its calls and its reply, to be altered and scored again.

Taken from a recorded trial, or from what the case expects. Leaves altering it to
`mutating.operators` and scoring to `dialgate_evals.scoring.scoring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.actions.action_classes import ActionClass, Effect
from dialgate_evals.actions.trajectory import Call, Trajectory
from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.own_part import Context, own_steps
from dialgate_evals.dialects.reading import FoundCall, Said, as_data
from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.mutating.examples import example_call
from dialgate_evals.scoring.effective_calls import effective_calls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry

_MOST_DEEDS = 200
"""Calls of one trial that are looked at; a recording with more is no seed."""


class Deed(Struct, frozen=True, kw_only=True):
    """One call that the agent made, and whether the tool took it."""

    name: str
    arguments: Mapping[str, Any]
    answer: str = "ok"
    failed: bool = False


class Behaviour(Struct, frozen=True, kw_only=True):
    """What an agent does in one trial of a case."""

    case: Case
    deeds: tuple[Deed, ...]
    reply: str = ""
    is_recorded: bool = False
    # False: made from what the case expects

    def trajectory(self) -> Trajectory:
        """The trial as a recording would hold it, in OpenAI's chat format."""
        messages = list(self.case.messages)
        for number, deed in enumerate(self.deeds):
            call_id = f"mutant_{number}"
            function = {"name": deed.name, "arguments": canonical_json(deed.arguments)}
            call = {"id": call_id, "type": "function", "function": function}
            messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
            answer = {"role": "tool", "tool_call_id": call_id, "content": deed.answer}
            messages.append({**answer, "error": True} if deed.failed else answer)
        messages.append({"role": "assistant", "content": self.reply})
        return Trajectory(case_id=self.case.id, trial=1, messages=messages)


def recorded_behaviour(case: Case, trajectory: Trajectory) -> Behaviour | None:
    """What the agent did in a recorded trial; None where it holds more than can be altered."""
    reading = read_messages(trajectory.messages)
    steps = own_steps(reading, Context(read_messages(case.messages)))
    made = [step for step in steps if isinstance(step, FoundCall)]
    texts = [step.text for step in steps if isinstance(step, Said) and step.role == "assistant"]
    if len(made) > _MOST_DEEDS or reading.gaps:
        return None
    deeds = []
    for step in made:
        written = as_data(step.arguments)
        if isinstance(written, dict):
            answer = step.answer if step.answer is not None else "ok"
            deed = Deed(name=step.name, arguments=written, answer=answer, failed=step.failed)
            deeds.append(deed)
    reply = next((text for text in reversed(texts) if text.strip()), "")
    return Behaviour(case=case, deeds=tuple(deeds), reply=reply, is_recorded=True)


def expected_behaviour(case: Case, tools: ToolRegistry) -> Behaviour | None:
    """What the case asks for, done; None where no call can be made up that it would take."""
    deeds = []
    for pattern in case.expect.actions:
        arguments = example_call(pattern, tools.get(pattern.name))
        if arguments is None:
            return None
        deeds.append(Deed(name=pattern.name, arguments=arguments))
    return Behaviour(case=case, deeds=tuple(deeds), reply="Done.")


class Act(Struct, frozen=True, kw_only=True):
    """A deed that is an action: where it stands in the behaviour, and its class."""

    position: int
    deed: Deed
    action_class: ActionClass


def without_repeats(behaviour: Behaviour, acts: Sequence[Act]) -> Behaviour:
    """The same without calls that only repeat an action, as after a timeout.

    An action that is left out or altered would else still stand there, and be no mistake.
    """
    at = {act.position for act in acts}
    made = {(act.deed.name, canonical_json(act.deed.arguments)) for act in acts}
    kept = [
        deed
        for place, deed in enumerate(behaviour.deeds)
        if place in at or (deed.name, canonical_json(deed.arguments)) not in made
    ]
    return with_deeds(behaviour, kept)


def acts_of(
    behaviour: Behaviour, *, tools: ToolRegistry, actions: ActionRegistry
) -> tuple[Act, ...]:
    """The deeds that took effect as writes or escalations, in order."""
    calls = [_as_call(deed) for deed in behaviour.deeds]
    made = effective_calls(calls, tools=tools, actions=actions).calls
    return tuple(
        Act(
            position=call.position,
            deed=behaviour.deeds[call.position],
            action_class=call.action_class,
        )
        for call in made
        if call.action_class.effect is not Effect.READ
    )


def _as_call(deed: Deed) -> Call:
    return Call(
        name=deed.name,
        arguments=deed.arguments,
        text="",
        written=deed.arguments,
        answered=True,
        failed=deed.failed,
    )


def with_deeds(behaviour: Behaviour, deeds: Sequence[Deed]) -> Behaviour:
    """The same trial with other calls."""
    return Behaviour(
        case=behaviour.case,
        deeds=tuple(deeds),
        reply=behaviour.reply,
        is_recorded=behaviour.is_recorded,
    )
