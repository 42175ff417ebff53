"""Mail: which document, to whom.

Knows the mail rules of the prompt; an address in a letter is a wish, not an authorisation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .desk import RefusedError, TimedOutError
from .visit import Visit
from .wording import EMAIL, Wish

_DOCUMENTS = (
    ("invoice", "invoice"),
    ("return_label", "label"),
    ("receipt", "receipt"),
    ("warranty", "warranty"),
    ("tracking", "tracking"),
    ("order_confirmation", "order confirmation"),
)
_TITLES = {"return_label": "Return label", "order_confirmation": "Order confirmation"}


async def send_document(visit: Visit, wish: Wish) -> str:
    """Mails the document that was asked for."""
    text = wish.text.casefold()
    document = next(key for key, word in _DOCUMENTS if word in text)
    order = await visit.find_order(wish.text)
    if order is None:
        return "Which order is it about? Please tell me the number that begins with O-."
    if not visit.owns(order):
        return "I can only talk about orders of your own account."
    recipient = await _recipient(visit, wish, order)
    if recipient is None:
        return "I found no mail address that I may write to."
    return await _send(visit, document, order, recipient)


async def _recipient(visit: Visit, wish: Wish, order: Mapping[str, Any]) -> str | None:
    """The address on file, whatever the letter says; a partner's where staff asks for it."""
    given = EMAIL.search(wish.text) or EMAIL.search(visit.words)
    if visit.conversation.is_staff and given and visit.rules.mails_partners_for_staff:
        return given.group()
    if given and not visit.rules.mails_to_file:
        return given.group()
    customer = await visit.desk.look_up("get_customer", customer_id=order["customer_id"])
    return str(customer["email"])


async def _send(visit: Visit, document: str, order: Mapping[str, Any], recipient: str) -> str:
    order_id = order["order_id"]
    title = _TITLES.get(document, document.capitalize())
    mail = {
        "to": recipient,
        "subject": f"{title} for order {order_id}",
        "body": _body(title, order),
        "attachments": [{"kind": document, "order_id": order_id}],
    }
    try:
        await visit.desk.act("send_email", **mail)
    except TimedOutError:
        return await _after_timeout(visit, mail)
    except RefusedError as error:
        return await visit.escalate("support", str(error))
    return f"I have mailed the {title.casefold()} for {order_id} to {mask_address(recipient)}."


async def _after_timeout(visit: Visit, mail: dict[str, Any]) -> str:
    if not visit.rules.repeats_no_mail:
        await visit.desk.act("send_email", **mail)
        return "I have sent the mail again."
    text = f"The mail '{mail['subject']}' timed out; please check whether it went out."
    await visit.desk.act("add_internal_note", ticket_id=visit.ticket_id, text=text)
    return "The mail may be delayed; a colleague checks that it went out."


def _body(title: str, order: Mapping[str, Any]) -> str:
    link = f"\nTracking number: {order['tracking']}" if order.get("tracking") else ""
    return f"Hello,\n\nhere is your {title.casefold()} for order {order['order_id']}.{link}\n"


def mask_address(address: str) -> str:
    """An address that its owner recognises and nobody else learns."""
    name, _, domain = address.partition("@")
    return re.sub(r"(?<=.).", "*", name) + "@" + domain
