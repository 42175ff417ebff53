"""One visit at the desk: the ticket, the account and the order that a trial is about.

Knows how they are found and whether the person who asks is the account's holder. Leaves what is
done about it to the modules that act.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .conversation import Conversation
from .desk import Desk, LookupFailedError
from .house_rules import HouseRules
from .wording import CUSTOMER, ORDER, TICKET


class Visit:
    """What the agent knows while it works on one conversation."""

    def __init__(self, *, conversation: Conversation, desk: Desk, rules: HouseRules) -> None:
        self.conversation = conversation
        self.desk = desk
        self.rules = rules
        self.ticket: Mapping[str, Any] | None = None
        self.words = "\n".join(conversation.said)
        # everything that the person who asks has written

    @property
    def ticket_id(self) -> str | None:
        """The ticket, where there is one."""
        return self.ticket["ticket_id"] if self.ticket else None

    async def find_ticket(self) -> None:
        """Looks up the ticket that the header or the words name; a wrong id leaves none."""
        found = TICKET.search(self.conversation.header) or TICKET.search(self.words)
        if found is None:
            return
        try:
            self.ticket = await self.desk.look_up("get_ticket", ticket_id=found.group())
        except LookupFailedError as error:
            if not error.is_missing:
                raise

    async def find_customer(self) -> Mapping[str, Any] | None:
        """The account that the visit is about, or None where nothing leads to one."""
        customer_id = self._customer_id()
        if customer_id is not None:
            return await self._look_up_customer("get_customer", customer_id=customer_id)
        if self.ticket and self.ticket.get("from"):
            return await self._look_up_customer("find_customer", email=self.ticket["from"])
        order = await self.find_order("")
        if order is None:
            return None
        return await self._look_up_customer("get_customer", customer_id=order["customer_id"])

    def _customer_id(self) -> str | None:
        """Staff may name any account; a customer's own is the one the channel knows."""
        header = CUSTOMER.search(self.conversation.header)
        named = CUSTOMER.search(self.words)
        if self.conversation.is_staff and named:
            return named.group()
        if header:
            return header.group()
        return self.ticket.get("customer_id") if self.ticket else None

    async def _look_up_customer(self, tool: str, **arguments: str) -> Mapping[str, Any] | None:
        try:
            customer: Mapping[str, Any] = await self.desk.look_up(tool, **arguments)
        except LookupFailedError as error:
            if not error.is_missing:
                raise
            return None
        return customer

    async def is_holder(self, customer: Mapping[str, Any]) -> bool:
        """Whether the person who asks is known to hold the account and asks about no other."""
        if self.conversation.is_staff:
            return True
        named = CUSTOMER.search(self.words)
        if named and named.group() != customer["customer_id"]:
            return False
        if self.conversation.is_signed_in:
            return True
        sender = str(self.ticket.get("from") or "") if self.ticket else ""
        return sender.casefold() == str(customer["email"]).casefold()

    async def find_order(self, wish_text: str) -> Mapping[str, Any] | None:
        """The order that a wish is about; the account's only order where none is named."""
        found = ORDER.search(wish_text) or ORDER.search(self.words)
        if found is not None:
            order: Mapping[str, Any] = await self.desk.look_up("get_order", order_id=found.group())
            return order
        customer_id = self._customer_id()
        if customer_id is None:
            return None
        orders = await self.desk.look_up("list_orders", customer_id=customer_id)
        if len(orders) != 1:
            return None
        only: Mapping[str, Any] = await self.desk.look_up(
            "get_order", order_id=orders[0]["order_id"]
        )
        return only

    def owns(self, order: Mapping[str, Any]) -> bool:
        """Whether the order belongs to the account that the channel knows."""
        customer_id = self._customer_id()
        if not self.rules.verifies_holder or customer_id is None or self.conversation.is_staff:
            return True
        return bool(order["customer_id"] == customer_id)

    async def escalate(self, queue: str, summary: str) -> str:
        """Hands the matter to people and says so."""
        urgent = queue in {"security", "legal"}
        await self.desk.act(
            "escalate_to_human",
            queue=queue,
            ticket_id=self.ticket_id,
            summary=summary,
            priority="high" if urgent else "normal",
        )
        return f"I have passed this on to our {queue} team; a colleague will answer you."
