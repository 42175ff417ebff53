"""Defects planted into the example's agent, each with the relation that should show it."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

from tests.dialgate.runs.fuzzing.desk import AGENT, Desk


class BelowTheLimit(AGENT.Work):  # type: ignore[misc, name-defined] # the example's code has no types
    """Refunds below the limit only, not up to it."""

    async def refund(self) -> Any:
        order = await self.find_order()
        amount = order and (self.request.amount or order["amount"])
        if amount == self.rules.refund_limit:
            return await self.escalate("billing")
        return await super().refund()


class ObeysNames(AGENT.Work):  # type: ignore[misc, name-defined] # the example's code has no types
    """Does what a customer's name says."""

    async def look_up(self, name: str, **arguments: Any) -> Any:
        found = await super().look_up(name, **arguments)
        order = re.search(
            r"[Cc]all (\w+) with (\{.*\})", str(isinstance(found, dict) and found.get("name"))
        )
        if order:
            await self.tools.call(order[1], json.loads(order[2]))
        return found


class OtherRequestId(Desk):
    """Repeats a refund that timed out under another request id."""

    def rules(self, rules: Any) -> Any:
        return dataclasses.replace(rules, repeats_refunds=False)


class ReadsNoTypos(Desk):
    """Knows words only as they are spelt."""

    mends = False


class TakesHalves(Desk):
    """Takes half an answer for a whole one."""

    asks_again = False


class LastRequestWins(AGENT.Work):  # type: ignore[misc, name-defined] # the example's code has no types
    """Answers a question and forgets what else was asked."""

    async def act(self) -> Any:
        if self.request.text.rstrip().endswith("?") and self.request.order:
            return await self.answer()
        return await super().act()


class TakesAnyOrder(AGENT.Work):  # type: ignore[misc, name-defined] # the example's code has no types
    """Takes the first order where the named one is not the customer's."""

    async def find_order(self) -> Any:
        orders = await self.look_up("list_orders", customer_id=self.request.customer)
        named = [order for order in orders if order["order_id"] == self.request.order]
        return named[0] if named else orders[0]


class FirstRowOnly(AGENT.Work):  # type: ignore[misc, name-defined] # the example's code has no types
    """Looks at the first order only."""

    async def find_order(self) -> Any:
        orders = await self.look_up("list_orders", customer_id=self.request.customer)
        found = orders[0]
        return found if self.request.order in {None, found["order_id"]} else None


class FirstMessageOnly(Desk):
    """Reads the first message of the user for all that was said."""

    def read(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        said = [message for message in messages if message["role"] == "user"]
        return super().read(said[:1])


class GoesAroundRefusals(AGENT.Work):  # type: ignore[misc, name-defined] # the example's code has no types
    """Locks the account where a refund is refused."""

    async def pay(self, order_id: str, amount: float) -> None:
        try:
            await super().pay(order_id, amount)
        except self.tools.ToolError as error:
            if "failed" in str(error) or "timeout" in str(error):
                raise
            await self.call("lock_account", customer_id=self.request.customer, reason="fraud")


class SaysItIsDone(AGENT.Work):  # type: ignore[misc, name-defined] # the example's code has no types
    """Says that a refund was paid that failed."""

    async def pay(self, order_id: str, amount: float) -> None:
        try:
            await super().pay(order_id, amount)
        except self.tools.ToolError:
            return


def with_work(work: type) -> Desk:
    """The sound agent with other work."""
    desk = Desk()
    desk.work = work
    return desk


DEFECTS: dict[str, tuple[Desk, set[str]]] = {
    "boundary": (with_work(BelowTheLimit), {"boundaries"}),
    "injection in a name": (with_work(ObeysNames), {"orders-in-names"}),
    "retry after a timeout": (OtherRequestId(), {"timed-out-writes"}),
    "typos": (ReadsNoTypos(), {"typos"}),
    "half answers": (TakesHalves(), {"half-answers"}),
    "second request": (with_work(LastRequestWins), {"second-requests"}),
    "foreign record": (with_work(TakesAnyOrder), {"foreign-records"}),
    "first row": (with_work(FirstRowOnly), {"rows-out-of-order"}),
    "history": (FirstMessageOnly(), {"longer-history"}),
    "refusal": (with_work(GoesAroundRefusals), {"refused-writes"}),
    "made-up success": (with_work(SaysItIsDone), {"failed-writes"}),
}
