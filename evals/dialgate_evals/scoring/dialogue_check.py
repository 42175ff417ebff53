"""What a case asks of the conversation: few questions, and a yes before certain actions.

A yes is what the user says to a text of the agent that asks; it holds for what the agent does
until it asks again. Leaves what asks and what agrees to `dialgate_evals.conversing.asking`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.conversing.asking import agrees, asked_sentences
from dialgate_evals.dialects.reading import FoundCall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.dialects.reading import Reading, Step
    from dialgate_evals.scoring.expected_actions import MadeCall
    from dialgate_evals.scoring.own_doing import OwnDoing
    from dialgate_evals.suite.case import Expectation


def check_dialogue(
    expect: Expectation, reading: Reading | None, own: OwnDoing, calls: Sequence[MadeCall]
) -> tuple[str, ...]:
    """A sentence for everything of `max_questions` and `confirm_before` that doesn't hold.

    `reading` is only asked where `confirm_before` is.
    """
    most = expect.max_questions
    if most is None and not expect.confirm_before:
        return ()
    failures = []
    if most is not None and own.questions > most:
        failures.append(
            f"the user had to answer {own.questions} questions, at most {most} expected"
        )
    if expect.confirm_before:
        assert reading is not None
        failures += _unconfirmed(expect.confirm_before, reading, len(own.calls), calls)
    return tuple(failures)


def _unconfirmed(
    wanted: Sequence[str], reading: Reading, own_calls: int, calls: Sequence[MadeCall]
) -> list[str]:
    """The actions that were taken before the user agreed, each tool once."""
    agreed = _agreed_at_calls(reading.steps)
    own = agreed[len(agreed) - own_calls :]
    early = {
        call.name: None
        for call in calls
        if not {call.name, call.action_class.name}.isdisjoint(wanted) and not own[call.position]
    }
    return [f"{name} was called before the user agreed to it" for name in early]


def _agreed_at_calls(steps: Sequence[Step]) -> list[bool]:
    """For each call, context and all, whether the user's last word on a question was a yes."""
    found, is_asking, has_agreed = [], False, False
    for step in steps:
        if isinstance(step, FoundCall):
            found.append(has_agreed)
        elif step.role == "assistant" and step.text.strip():
            is_asking = bool(asked_sentences(step.text))
            has_agreed = has_agreed and not is_asking
        elif step.role == "user" and step.text.strip():
            has_agreed = is_asking and agrees(step.text)
            is_asking = False
    return found
