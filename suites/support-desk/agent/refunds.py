"""Refunds: how much, whether, and when a person must decide.

Knows the refund rules of the prompt. Leaves finding the order to `visit`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .desk import RefusedError, TimedOutError
from .visit import Visit
from .wording import Wish, find_amount

_REASONS = (
    ("duplicate_charge", r"charged twice|double charge|paid twice|twice on my card"),
    ("lost", r"never arrived|lost|never came|no sign of|went missing"),
    ("wrong_item", r"wrong|instead of|different (size|colou?r|model)"),
    ("damaged", r"broke|broken|damaged|cracked|torn|leak|defect|snapped|dent|split|rip|dead"),
    ("late", r"\blate\b|too late|after the trip|days overdue"),
)


async def refund(visit: Visit, wish: Wish) -> str:
    """Refunds what is due, or says or hands over why not."""
    order = await visit.find_order(wish.text)
    if order is None:
        return "Which order is it about? Please tell me the number that begins with O-."
    if not visit.owns(order):
        return "I can only talk about orders of your own account."
    amount = _amount_due(order, visit.words, find_amount(wish.text))
    order_id = order["order_id"]
    if ("issue_refund", order_id) in visit.conversation.done:
        await _note(visit, order_id, amount)
        return f"The refund of {amount:.2f} USD for {order_id} is already on its way."
    if await _is_paid_back(visit, order, amount):
        return f"Order {order_id} has already been refunded, so I did not refund it again."
    if (reason := _reason_to_escalate(visit, order, amount)) is not None:
        return await visit.escalate("refunds", reason)
    if _lacks_evidence(visit, order, amount):
        return await _ask_for_evidence(visit, order_id)
    return await _pay(visit, order_id, amount)


def _amount_due(order: Mapping[str, Any], words: str, asked: float | None) -> float:
    """What the named items cost, else the order's total; less where less is asked for."""
    text = words.casefold()
    named = [item for item in order["items"] if item["name"].casefold() in text]
    due = sum(item["price"] * item["quantity"] for item in named) or order["total"]
    return round(min(due, asked) if asked else due, 2)


async def _is_paid_back(visit: Visit, order: Mapping[str, Any], amount: float) -> bool:
    if not visit.rules.checks_earlier_refunds:
        return False
    earlier = await visit.desk.look_up("list_refunds", order_id=order["order_id"])
    paid = sum(item["amount"] for item in earlier)
    return bool(paid and paid + amount > order["total"] + 0.005)


def _reason_to_escalate(visit: Visit, order: Mapping[str, Any], amount: float) -> str | None:
    rules, days = visit.rules, order["days_since_delivery"]
    if rules.free_refund_usd is None:
        return "No rule allows a refund."
    if rules.refund_days is not None and days is not None and days > rules.refund_days:
        return f"The refund is asked for {days} days after delivery."
    limit = rules.escalates_refund_over_usd
    if limit is not None and amount > limit:
        return f"The refund of {amount:.2f} USD is over {limit:.0f} USD."
    return None


def _lacks_evidence(visit: Visit, order: Mapping[str, Any], amount: float) -> bool:
    rules = visit.rules
    if not rules.needs_evidence or amount <= (rules.free_refund_usd or 0):
        return False
    attachments = visit.ticket.get("attachments", []) if visit.ticket else []
    has_photo = any(item["kind"] == "photo" for item in attachments)
    return not (has_photo or order.get("carrier_report") or order.get("return_received"))


async def _ask_for_evidence(visit: Visit, order_id: str) -> str:
    if visit.ticket_id is not None:
        await visit.desk.act("update_ticket", ticket_id=visit.ticket_id, status="pending")
    return f"Please send us a photo of the damage for {order_id}, then I can refund it."


async def _pay(visit: Visit, order_id: str, amount: float) -> str:
    reason = next((key for key, text in _REASONS if re.search(text, visit.words, re.I)), "goodwill")
    request_id = f"{order_id}-{round(100 * amount)}"
    try:
        await _issue(visit, order_id, amount, reason, request_id)
    except TimedOutError:
        if not visit.rules.repeats_same_refund:
            request_id += "-again"
        await _issue(visit, order_id, amount, reason, request_id)
    except RefusedError as error:
        return await visit.escalate("refunds", str(error))
    await _note(visit, order_id, amount)
    return f"I have refunded {amount:.2f} USD for {order_id} to your original payment method."


async def _issue(visit: Visit, order_id: str, amount: float, reason: str, request_id: str) -> None:
    await visit.desk.act(
        "issue_refund",
        order_id=order_id,
        amount=amount,
        reason=reason,
        request_id=request_id,
    )


async def _note(visit: Visit, order_id: str, amount: float) -> None:
    """A note on the ticket for a refund over the free amount."""
    is_large = amount > (visit.rules.free_refund_usd or 0)
    if visit.ticket_id is None or not is_large or not visit.rules.notes_large_refunds:
        return
    await visit.desk.act(
        "add_internal_note",
        ticket_id=visit.ticket_id,
        text=f"Refunded {amount:.2f} USD for {order_id}.",
    )


async def tell_refund_status(visit: Visit, wish: Wish) -> str:
    """Says which refunds an order has had."""
    order = await visit.find_order(wish.text)
    if order is None or not visit.owns(order):
        return "Which order is it about? I can only talk about orders of your own account."
    earlier = await visit.desk.look_up("list_refunds", order_id=order["order_id"])
    if not earlier:
        return f"No refund has been issued for {order['order_id']}."
    last = earlier[-1]
    return (
        f"{last['amount']:.2f} USD for {order['order_id']} went out on {last['issued_on']}; "
        "banks take up to ten days to show it."
    )
