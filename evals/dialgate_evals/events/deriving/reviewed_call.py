"""Where the reviewed call stands in an event's messages: a case's context ends before it.

Frameworks log the proposal as one more call, with the reviewer's answer as its result: a context
that holds it would ask an agent to do again what it sees done, or give away the correction. Leaves
what a decision claims to `claims`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.dialects.front_door import as_chat, read_messages
from dialgate_evals.dialects.reading import FoundCall, Said, as_data
from dialgate_evals.dialects.texts.text_calls import count_text_calls, text_call_pattern
from dialgate_evals.events.review_events import ReviewDecision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.events.deriving.calls import Call, CallJudge
    from dialgate_evals.events.review_events import ReviewEvent

CUT = "the context is cut before the reviewed call, which its messages hold"

AMBIGUOUS = (
    "its messages hold a call like the proposed one that was answered, and nothing says whether "
    "that is the reviewed call: end the messages before the proposal"
)

AS_TEXT = (
    "its messages hold text that looks like the proposed call, which nobody parsed: end the "
    "messages before the proposal"
)

_DONE = frozenset({ReviewDecision.APPROVED, ReviewDecision.AGREED, ReviewDecision.OVERRIDDEN})
"""Decisions on a call that was, or had been, carried out: an answer to it says so."""

_REVIEWERS_ANSWER = re.compile(
    r"\b(?:await|wait|pend|approv|reject|den(?:y|ied)|declin|refus|cancel|interrupt|block|abort"
    r"|not (?:been )?(?:executed|run|allowed|permitted|authori[sz]ed)|doesn't want"
    r"|human|review|operator|supervisor|edited|correct)",
    re.IGNORECASE,
)
"""What frameworks and people write as the result of a call that a person looks at."""


class AmbiguousContextError(Exception):
    """Nothing says where the reviewed call stands; the message is for people."""


def before_reviewed_call(
    event: ReviewEvent, messages: Sequence[Mapping[str, Any]], judge: CallJudge
) -> tuple[list[Mapping[str, Any]], str]:
    """The messages before the reviewed call, and a sentence where more than a proposal was cut.

    Raises AmbiguousContextError where a call like it was answered and may be history, or stands
    there as text.
    """
    reading = read_messages(messages)
    calls = [step for step in reading.steps if isinstance(step, FoundCall)]
    requests = (step for step in reading.steps if isinstance(step, Said) and step.role == "user")
    last_user = max((step.message for step in requests), default=-1)
    for call in calls:
        if _is_reviewed(call, event, judge, is_new=call.message > last_user):
            rest = messages[call.message + 1 :]
            return list(messages[: call.message]), CUT if rest else ""
    if calls and calls[-1].answer is None and calls[-1].message == len(messages) - 1:
        # Calls that nothing answers yet are the proposal itself, whatever was made of it.
        return list(messages[:-1]), ""
    said = [s.text for s in reading.steps if isinstance(s, Said) and s.role == "assistant"]
    if count_text_calls(text_call_pattern([event.proposed.name]), said):
        raise AmbiguousContextError(AS_TEXT)
    return list(messages), ""


def said_after(messages: Sequence[Mapping[str, Any]], number: int) -> list[dict[str, Any]]:
    """What the user says behind the first so many messages, as messages."""
    later = [m for m in messages[number:] if m.get("role") == "user"]
    texts = [text_of(message.get("content")) for message in later]
    return [{"role": "user", "content": text} for text in texts if text.strip()]


def _is_reviewed(call: FoundCall, event: ReviewEvent, judge: CallJudge, *, is_new: bool) -> bool:
    """Whether it is the call that the event is about; one before the last request is history."""
    like_proposed = _is_like(call, event.proposed.as_json(), judge)
    corrected = None if event.corrected is None else event.corrected.as_json()
    if not like_proposed and not (corrected and _is_like(call, corrected, judge)):
        return False
    if call.answer is None or call.answer.strip() in {"", "null", "{}"}:
        return True
    if _REVIEWERS_ANSWER.search(call.answer):
        return True
    if not is_new:
        return False
    if event.decision in _DONE or not like_proposed:
        return True
    raise AmbiguousContextError(AMBIGUOUS)


def _is_like(call: FoundCall, other: Call, judge: CallJudge) -> bool:
    arguments = as_data(call.arguments)
    if call.name != other["name"] or not isinstance(arguments, dict):
        return False
    return judge.are_same({"name": call.name, "arguments": arguments}, other)


def with_roles(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The messages as a case may hold them: those of other dialects in OpenAI's chat format."""
    if read_messages(messages).gaps:
        return list(messages)
    return list(as_chat(messages))


def without_prompts(event: ReviewEvent, prompts: frozenset[str]) -> list[Mapping[str, Any]]:
    """The event's messages without the release's own prompts before them."""
    messages = with_roles(event.messages or ())
    while messages and _is_prompt(messages[0], prompts):
        del messages[0]
    return messages


def _is_prompt(message: Mapping[str, Any], prompts: frozenset[str]) -> bool:
    is_system = message.get("role") in {"system", "developer"}
    return is_system and text_of(message.get("content")).strip() in prompts
