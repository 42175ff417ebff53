"""Tickets and questions: states, notes, handing over, answers from the knowledge base.

Knows the rules of the prompt on tickets. Leaves money, mail and accounts to their modules.
"""

from __future__ import annotations

import re

from .desk import LookupFailedError
from .visit import Visit
from .wording import Wish, split_embedded

_STATUSES = {"pending": "pending", "solved": "solved", "open": "open", "on hold": "on_hold"}
_PRIORITIES = ("urgent", "high", "normal", "low")


async def hand_over(visit: Visit, wish: Wish) -> str:
    """Gives a matter that the prompt keeps for people to them."""
    if wish.kind not in visit.rules.hands_over:
        return await answer_question(visit, wish)
    return await visit.escalate("legal", wish.text)


async def give_person(visit: Visit, wish: Wish) -> str:
    """Gives a customer who asks for a person one."""
    if not visit.rules.gives_people:
        return await answer_question(visit, wish)
    return await visit.escalate("support", wish.text)


async def close_settled(visit: Visit, wish: Wish) -> str:  # noqa: ARG001 - all wishes alike
    """Closes a ticket whose author says that the matter is settled."""
    if visit.ticket is None or visit.ticket["status"] == "solved":
        return "Good to hear. Write to us whenever you need us."
    if visit.rules.closes_settled:
        await visit.desk.act("update_ticket", ticket_id=visit.ticket_id, status="solved")
    return "Good to hear, I have closed the ticket."


async def change_state(visit: Visit, wish: Wish) -> str:
    """Changes status, priority or tags for staff; customers don't set their own priority."""
    if visit.rules.staff_sets_priority and not visit.conversation.is_staff:
        return "We answer in the order of arrival and as fast as we can."
    if visit.ticket is None:
        return "Which ticket is it about?"
    text = wish.text.casefold()
    status = next((value for word, value in _STATUSES.items() if word in text), None)
    priority = next((word for word in _PRIORITIES if re.search(rf"\b{word}\b", text)), None)
    tags = re.findall(r"#([\w-]+)", text) or None
    if not (status or priority or tags):
        return "What should the ticket's state be?"
    await visit.desk.act(
        "update_ticket",
        ticket_id=visit.ticket_id,
        status=status,
        priority=priority,
        tags=tags,
    )
    return f"{visit.ticket_id} is updated."


async def leave_note(visit: Visit, wish: Wish) -> str:
    """Leaves a note for colleagues, on a colleague's word only."""
    if visit.ticket is None or not visit.conversation.is_staff:
        return "I keep that in mind."
    to_leads = re.search(r"\b(team leads|leads only)\b", wish.text, re.IGNORECASE)
    _, _, said = wish.text.partition(":")
    await visit.desk.act(
        "add_internal_note",
        ticket_id=visit.ticket_id,
        text=(said or wish.text).strip(),
        visibility="leads" if to_leads else None,
    )
    return f"The note is on {visit.ticket_id}."


async def tell_order_status(visit: Visit, wish: Wish) -> str:
    """Says where an order is."""
    order = await visit.find_order(wish.text)
    if order is None:
        return "Which order is it about? Please tell me the number that begins with O-."
    if not visit.owns(order):
        return "I can only talk about orders of your own account."
    tracking = f" Its tracking number is {order['tracking']}." if order.get("tracking") else ""
    return f"Order {order['order_id']} is {order['status']}.{tracking}"


async def answer_question(visit: Visit, wish: Wish) -> str:
    """Answers from the knowledge base, in its own words, or says that it can't."""
    try:
        articles = await visit.desk.look_up("search_kb", query=wish.text[:200])
    except LookupFailedError:
        articles = []
    if not articles:
        return "I don't know that, and I would rather not guess. Shall I ask a colleague?"
    answer, _ = split_embedded(articles[0]["text"])
    return f"{answer} (from: {articles[0]['title']})"
