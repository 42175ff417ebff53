"""A model that answers shop customers by the rules of its prompt, whichever API asks it.

It does what `dialgate init`'s example agent does, but as a model would: it sees the conversation
and the names of the tools, and says one call or one sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_ORDER = re.compile(r"\bA-\d+\b")
_LIMIT = re.compile(r"[Rr]efund up to (\d+) USD")
_ACTIONS = {"refund", "hand_over", "send_email"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """A tool call that the model asks for."""

    name: str
    arguments: dict[str, Any]


@dataclass(kw_only=True)
class Conversation:
    """What a request says, whatever API it came by."""

    text: str = ""
    # all of it: prompts lie in other places for each framework
    request: str = ""
    # what the user asked for
    answers: dict[str, str] = field(default_factory=dict)
    # by tool: what it answered
    tools: set[str] = field(default_factory=set)
    # whose schemas came with the request


def decide(seen: Conversation) -> Call | str:
    """The next call, or what is said when there is nothing to call."""
    order = _ORDER.search(seen.request)
    if order is None:
        return "How can I help?"
    if "get_order" not in seen.answers:
        return Call(name="get_order", arguments={"order_id": order.group()})
    if _ACTIONS & seen.answers.keys():
        return "Done."
    found = seen.answers["get_order"]
    request = seen.request.lower()
    if "refund" in request:
        return _refund(order.group(), _value(found, "amount"), seen.text)
    if "mail" in request:
        status, address = _value(found, "status"), _value(found, "email")
        return Call(name="send_email", arguments={"to": address, "body": f"It is {status}."})
    return f"Your order is {_value(found, 'status')}."


def _refund(order: str, amount: str, prompt: str) -> Call:
    limit = _LIMIT.search(prompt)
    if limit and float(amount) <= float(limit[1]):
        number = int(amount) if amount.isdigit() else float(amount)
        return Call(name="refund", arguments={"order_id": order, "amount": number})
    return Call(name="hand_over", arguments={"reason": "The refund is over the limit."})


def _value(found: str, name: str) -> str:
    """A field of an order, however the framework wrote it down."""
    match = re.search(rf"{name}\\*['\"]?\s*[:=]\s*\\*['\"]?([^\s'\",}}\\]+)", found)
    return match[1] if match else "0"
