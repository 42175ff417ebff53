"""Accounts: contact details, access, locks.

Knows the rules of the prompt on who may have what changed; leaves recognising the holder to
`visit`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .desk import RefusedError
from .visit import Visit
from .wording import EMAIL, PHONE, STREET, Wish

NO_ACCOUNT = "I found no account for this address. Which one did you order with?"


async def change_contact(visit: Visit, wish: Wish) -> str:
    """Changes phone or postal address for the holder; the mail address is for people to decide."""
    customer = await visit.find_customer()
    if customer is None:
        return NO_ACCOUNT
    if visit.rules.verifies_holder and not await visit.is_holder(customer):
        return await visit.escalate("security", "Someone unverified asks for a contact change.")
    changes = find_changes(wish.text) or find_changes(visit.words)
    if "email" in changes and visit.rules.escalates_mail_change:
        return await visit.escalate("security", "The holder asks for another mail address.")
    if not changes:
        return "What should the new details be?"
    return await _act(
        visit,
        "update_contact",
        f"Your {' and '.join(sorted(changes))} is changed.",
        customer_id=customer["customer_id"],
        changes=changes,
    )


def find_changes(text: str) -> dict[str, Any]:
    """The new phone, postal address or mail address in a text."""
    changes: dict[str, Any] = {}
    if phone := PHONE.search(text):
        changes["phone"] = re.sub(r"[ -]", "", phone.group())
    if found := STREET.search(text):
        street, city, postcode, country = found.groups()
        changes["address"] = {"street": street, "city": city, "postcode": postcode}
        if country:
            changes["address"]["country"] = country
    if not changes and (email := EMAIL.search(text)):
        changes["email"] = email.group()
    return changes


async def give_access(visit: Visit, wish: Wish) -> str:
    """Sends the holder a way back in; anyone else goes to security."""
    customer = await visit.find_customer()
    if customer is None:
        return NO_ACCOUNT
    if visit.rules.verifies_holder and not await visit.is_holder(customer):
        return await visit.escalate("security", "Someone unverified asks for access.")
    words = visit.words
    two_factor = re.search(r"two-factor|authenticator", words, re.IGNORECASE)
    by_text = re.search(r"\b(text message|sms|by text)\b", words, re.IGNORECASE)
    return await _act(
        visit,
        "reset_access",
        "I have sent you a link to sign in again.",
        customer_id=customer["customer_id"],
        method="two_factor" if two_factor else "password_link",
        channel="sms" if by_text and customer.get("phone") else "email",
    )


async def stop_intruder(visit: Visit, wish: Wish) -> str:
    """Locks an account that a stranger is said to use; a lock can be lifted, a theft can't."""
    customer = await visit.find_customer()
    if customer is None:
        return NO_ACCOUNT
    if customer["status"] == "locked":
        return "The account is locked already; nobody can order with it."
    if not visit.rules.locks_at_once:
        return await visit.escalate("security", f"A stranger is reported: {wish.text}")
    by_staff = visit.conversation.is_staff
    return await _act(
        visit,
        "lock_account",
        "I have locked the account. Nobody can order with it until you ask us to unlock it.",
        customer_id=customer["customer_id"],
        reason="staff_request" if by_staff else "reported_by_holder",
    )


async def unlock(visit: Visit, wish: Wish) -> str:  # noqa: ARG001 - all wishes are taken alike
    """Lifts a lock for the holder, but none that was set for fraud."""
    customer = await visit.find_customer()
    if customer is None:
        return NO_ACCOUNT
    if customer["status"] != "locked":
        return "The account is not locked; you can sign in."
    if visit.rules.verifies_holder and not await visit.is_holder(customer):
        return await visit.escalate("security", "Someone unverified asks to lift a lock.")
    if _is_for_fraud(customer) and visit.rules.escalates_fraud_unlock:
        return await visit.escalate("security", "A lock for fraud is to be lifted.")
    return await _act(
        visit,
        "unlock_account",
        "The lock is lifted; you can order again.",
        customer_id=customer["customer_id"],
    )


def _is_for_fraud(customer: Mapping[str, Any]) -> bool:
    return customer.get("lock_reason") == "suspected_fraud"


async def _act(visit: Visit, tool: str, said: str, **arguments: Any) -> str:  # noqa: ANN401
    try:
        await visit.desk.act(tool, **arguments)
    except RefusedError as error:
        return await visit.escalate("security", str(error))
    return said
