"""The agent's own part of a trial in the scorer's words: calls, reply, how it ended.

Leaves reading messages to `dialgate_evals.dialects` and outcomes to `scoring.scoring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from dialgate_evals.actions.trajectory import CONTENT_FILTER, CUT_OFF, MALFORMED_CALL, Call
from dialgate_evals.dialects.reading import FoundCall, NotUnderstood, Said, as_data
from dialgate_evals.dialects.texts.endings import MALFORMED
from dialgate_evals.dialects.texts.text_calls import count_text_calls
from dialgate_evals.files.file_reading import json_pointer

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from dialgate_evals.dialects.reading import Reading, Step

_SENTENCES = {
    CUT_OFF: 'the model\'s answer was cut off (finish_reason "length"): no decision was made',
    CONTENT_FILTER: "a content filter ended the model's answer: no decision was made",
    MALFORMED_CALL: "the model's call could not be read by its provider: no decision was made",
}
_FAILURES = {"length": CUT_OFF, "content_filter": CONTENT_FILTER, MALFORMED: MALFORMED_CALL}


class OwnDoing(Struct, frozen=True, kw_only=True, gc=False):
    """What the agent did and said in one trial."""

    calls: tuple[Call, ...]
    reply: str
    # the last text of its own
    has_answered: bool
    # whether it said or did anything at all; an empty record shows nothing
    finish_reason: str | None
    refusal: bool
    text_calls: int
    turns: int
    questions: int
    dialects: tuple[str, ...]
    not_understood: tuple[str, ...]

    @property
    def error(self) -> str | None:
        """Why the trial could not be run, by what the endpoint said last; None where it was."""
        is_error = self.finish_reason == "error"
        return "the endpoint ended its answer with an error" if is_error else None


def own_doing(
    reading: Reading, steps: Sequence[Step], text_calls: re.Pattern[str] | None
) -> OwnDoing:
    """The agent's part, of which `steps` are those behind the context."""
    said = [step for step in steps if isinstance(step, Said) and step.role == "assistant"]
    made = [step for step in steps if isinstance(step, FoundCall)]
    texts = [step.text for step in said]
    own_messages = {step.message for step in said} | {step.message for step in made}
    began = next((index for index, step in enumerate(steps) if _is_own(step)), len(steps))
    users = [index for index, step in enumerate(steps) if index > began and _is_user(step)]
    reasons = reading.finish_reasons
    ended = max((message for message in own_messages if message in reasons), default=None)
    is_last = ended is not None and ended >= max(own_messages)
    return OwnDoing(
        calls=tuple([_call(step) for step in made]),
        reply=next((text for text in reversed(texts) if text.strip()), ""),
        has_answered=bool(own_messages),
        finish_reason=reasons[ended] if is_last and ended is not None else None,
        refusal=not own_messages.isdisjoint(reading.refusals),
        text_calls=count_text_calls(text_calls, texts),
        turns=(1 if own_messages else 0) + len(users),
        questions=sum(_has_asked(steps, index) for index in users),
        dialects=tuple(sorted(reading.dialects)) or ("OpenAI chat",),
        not_understood=tuple([describe_gap(gap) for gap in reading.gaps]),
    )


def describe_gap(gap: NotUnderstood) -> str:
    """A part that is not understood, where it is and what it is most like."""
    return f"/messages{json_pointer(gap.path)}: {gap.found}; the nearest known form: {gap.nearest}"


def why_it_broke_off(failure: str | None, finish_reason: str | None) -> str | None:
    """Why the agent never came to a decision, as a sentence; None where it did."""
    word = failure if failure is not None else _FAILURES.get(finish_reason or "")
    if word is None:
        return None
    return _SENTENCES.get(word, f"the agent broke off: {word}")


def _call(step: FoundCall) -> Call:
    written = as_data(step.arguments)
    return Call(
        name=step.name,
        arguments=written if isinstance(written, dict) else None,
        text=step.arguments if isinstance(step.arguments, str) else "",
        written=written,
        answered=step.answer is not None,
        failed=step.failed,
        unmatched=step.unmatched,
    )


def _is_own(step: Step) -> bool:
    return isinstance(step, FoundCall) or step.role == "assistant"


def _is_user(step: Step) -> bool:
    return isinstance(step, Said) and step.role == "user"


def _has_asked(steps: Sequence[Step], index: int) -> bool:
    """Whether the user's word answers a text of the agent's."""
    before = steps[index - 1] if index else None
    return isinstance(before, Said) and before.role == "assistant" and bool(before.text.strip())
