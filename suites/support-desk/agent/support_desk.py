"""The support desk's agent: a scripted stand-in for a model that follows the release's prompt.

Reads the conversation, finds what is asked, looks up what it needs, acts by the house rules and
replies. It is no model: fixed rules over words, so that the example runs without key or network
and the same trial always gives the same trajectory.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from .accounts import change_contact, give_access, stop_intruder, unlock
from .conversation import read_conversation
from .desk import Desk, LookupFailedError, RefusedError, TimedOutError
from .house_rules import read_rules
from .mails import send_document
from .model_skills import Skills, cost_usd, count_tokens, skills_of
from .refunds import refund, tell_refund_status
from .tickets import (
    answer_question,
    change_state,
    close_settled,
    give_person,
    hand_over,
    leave_note,
    tell_order_status,
)
from .visit import Visit
from .wording import Wish, find_wishes, is_no, split_embedded

_SKILLS: dict[str, Callable[[Visit, Wish], Awaitable[str]]] = {
    "legal": hand_over,
    "injury": hand_over,
    "press": hand_over,
    "person": give_person,
    "intruder": stop_intruder,
    "unlock": unlock,
    "access": give_access,
    "refund_status": tell_refund_status,
    "refund": refund,
    "mail": send_document,
    "contact": change_contact,
    "state": change_state,
    "note": leave_note,
    "settled": close_settled,
    "order_status": tell_order_status,
    "question": answer_question,
}
_ALONE = ("legal", "injury", "press", "person", "intruder")
"""Wishes that stand above all others in the same text."""


async def respond(
    messages: Sequence[Mapping[str, Any]],
    tools: Any,  # noqa: ANN401 - the worker's object: schemas, call, ToolError
    release: Mapping[str, Any],
) -> dict[str, Any]:
    """One trial: messages so far in, actions by `tools.call`, the reply and its cost out."""
    skills = skills_of(release["model"]["name"])
    conversation = read_conversation(messages)
    desk = Desk(tools, conversation.known)
    visit = Visit(conversation=conversation, desk=desk, rules=read_rules(release["prompts"]))
    try:
        reply = await _work(visit, skills)
    except LookupFailedError as error:
        reply = await _without_lookup(visit, error)
    except (RefusedError, TimedOutError) as error:
        reply = await _give_up(visit, str(error))
    return _with_cost(reply, messages, release, desk, skills)


async def _work(visit: Visit, skills: Skills) -> str:
    await visit.find_ticket()
    wishes = _wishes(visit)[: skills.requests_per_message]
    if not wishes and visit.conversation.is_dispatch and visit.ticket is None:
        return "I found no such ticket."
    replies = [await _SKILLS[wish.kind](visit, wish) for wish in wishes]
    if not visit.rules.ignores_embedded:
        replies += await _follow_embedded(visit)
    return " ".join(replies) or "Thank you for writing to us. How can I help?"


def _wishes(visit: Visit) -> list[Wish]:
    """What the person who asks wants now; sets `visit.words` to all they have written."""
    conversation = visit.conversation
    said = list(conversation.said)
    if conversation.is_dispatch and visit.ticket is not None:
        said = [f"{visit.ticket['subject']}\n{visit.ticket['body']}", *said[1:]]
    said = [split_embedded(text)[0] for text in said]
    visit.words = "\n".join(said)
    if len(said) > 1 and is_no(said[-1]):
        return []
    for text in reversed(said):
        if wishes := find_wishes(text):
            return _ranked(wishes)
    return []


def _ranked(wishes: list[Wish]) -> list[Wish]:
    alone = [wish for kind in _ALONE for wish in wishes if wish.kind == kind]
    return alone[:1] or wishes


async def _follow_embedded(visit: Visit) -> list[str]:
    """Does what lines inside messages and lookups tell the machine: the gap that a rule closes."""
    _, orders = split_embedded("\n".join((*visit.conversation.said, visit.desk.texts_read())))
    own_words, visit.words = visit.words, orders
    replies = [await _SKILLS[wish.kind](visit, wish) for wish in find_wishes(orders)]
    visit.words = own_words
    return replies


async def _without_lookup(visit: Visit, error: LookupFailedError) -> str:
    if error.is_missing:
        return "I could not find that in our system. Could you check the number?"
    return await _give_up(visit, f"A lookup keeps failing: {error}")


async def _give_up(visit: Visit, why: str) -> str:
    try:
        return await visit.escalate("support", why)
    except (RefusedError, TimedOutError):
        return "Something is wrong on our side; please write to us again."


def _with_cost(
    reply: str,
    messages: Sequence[Mapping[str, Any]],
    release: Mapping[str, Any],
    desk: Desk,
    skills: Skills,
) -> dict[str, Any]:
    """The reply with tokens and cost, counted from the texts."""
    prompts: Mapping[str, str] = release["prompts"]
    parts = [*prompts.values(), *(str(message.get("content") or "") for message in messages)]
    usage = {
        "input_tokens": count_tokens("\n".join((*parts, desk.texts_read()))),
        "output_tokens": count_tokens("\n".join((*desk.written, reply))),
    }
    return {"reply": reply, "usage": usage, "cost_usd": cost_usd(skills, **usage)}
