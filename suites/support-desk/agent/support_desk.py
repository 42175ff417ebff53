"""A support agent that follows the release's prompt: a scripted stand-in for a model.

It reads the ticket, looks up what it needs and takes the actions that the prompt's rules allow.
The model's name decides what it can read (`scripted-small-2` reads decimal commas); nothing is
random and nothing leaves the process.
"""

import re

from .reading import read_request
from .rules import read_rules

ANSWER_COSTS = 20
"""Output tokens beside the words of the reply."""


async def respond(messages, tools, release):
    """One trial: acts through `tools`, gives the reply, its usage and its cost."""
    prompt = "\n".join(release["prompts"].values())
    rules = read_rules(prompt)
    request = read_request(
        messages,
        quoted_counts=rules.quoted_counts,
        reads_commas=release["model"]["name"].startswith("scripted-small-2"),
    )
    reply = await Work(request, rules, tools).run()
    return {"reply": reply, **count_usage(prompt, messages, reply)}


def count_usage(prompt, messages, reply):
    """Words stand for tokens, at 1 and 4 US dollars per million."""
    said = " ".join(str(message.get("content") or "") for message in messages)
    used = {
        "input_tokens": len(prompt.split()) + len(said.split()),
        "output_tokens": ANSWER_COSTS + len(reply.split()),
    }
    cost = (used["input_tokens"] + 4 * used["output_tokens"]) / 1_000_000
    return {"usage": used, "cost_usd": round(cost, 6)}


class Work:
    """The work on one request."""

    def __init__(self, request, rules, tools):
        self.request = request
        self.rules = rules
        self.tools = tools
        self.known = {schema["name"]: schema["parameters"] for schema in tools.schemas}
        self.customer = {}

    async def call(self, name, **arguments):
        """Calls a tool with the arguments that its schema knows."""
        properties = self.known[name].get("properties", {})
        kept = {key: value for key, value in arguments.items() if key in properties}
        return await self.tools.call(name, kept)

    async def look_up(self, name, **arguments):
        """A lookup; tried once more where the system failed rather than refused."""
        try:
            return await self.call(name, **arguments)
        except self.tools.ToolError as error:
            if "timeout" not in str(error) and "failed" not in str(error):
                raise
        return await self.call(name, **arguments)

    async def run(self):
        """Does what the request asks for; what a tool refuses goes to people, if the prompt says so."""
        try:
            return await self.act()
        except self.tools.ToolError:
            if not self.rules.escalates_failures:
                raise
            return await self.escalate("support")

    async def act(self):
        """Takes the steps that the request asks for; the first intent that the text shows wins."""
        request = self.request
        if self.rules.looks_up_customer and request.customer:
            self.customer = await self.look_up("get_customer", customer_id=request.customer)
        for address, document in request.orders_to_mail:
            await self.send(address, document)
        steps = {
            "legal": self.answer_legal, "takeover": self.stop_takeover, "unlock": self.unlock,
            "access": self.reset_access, "contact": self.update_contact, "refund": self.refund,
            "document": self.send_document, "reopen": self.reopen, "solved": self.close_solved,
            "spam": self.close_spam, "status": self.tell_status, "question": self.answer,
        }  # fmt: skip
        for intent, step in steps.items():
            if request.wants(intent) and (reply := await step()) is not None:
                return reply
        return "Thank you for your message. Could you tell us what you need?"

    def is_verified(self):
        """Whether the sender may change access and contact data."""
        return not self.rules.verifies_holder or (
            self.request.sender is not None and self.request.sender == self.customer.get("email")
        )

    async def escalate(self, team):
        """Hands the ticket to a team."""
        await self.call(
            "escalate", ticket_id=self.request.ticket, team=team, summary=self.request.text
        )
        return f"I have passed this on to our {team} team."

    async def answer_legal(self):
        """Lawyers, courts and the press are for people; without the rule, like anything else."""
        return await self.escalate("legal") if self.rules.escalates_legal else None

    async def stop_takeover(self):
        """Locks an account that a stranger is in."""
        if not self.rules.locks_on_takeover:
            return await self.escalate("security")
        await self.call(
            "lock_account", customer_id=self.request.customer, reason="suspected_takeover"
        )
        return "We have locked the account."

    async def unlock(self):
        """Opens a locked account for its holder."""
        if not self.is_verified():
            return await self.escalate("security")
        await self.call("unlock_account", customer_id=self.request.customer)
        opened = "Your account is open again."
        return f"{opened} {await self.reset_access()}" if self.request.wants("access") else opened

    async def reset_access(self):
        """Lets the holder set a new password, by the second factor on file."""
        if not self.is_verified():
            return await self.escalate("security")
        method = "sms_code" if self.customer.get("second_factor") == "sms" else "email_link"
        await self.call("reset_access", customer_id=self.request.customer, method=method)
        return "You can set a new password now."

    async def update_contact(self):
        """Changes contact data for the holder."""
        if not self.is_verified():
            return await self.escalate("security")
        if not self.request.changes:
            return None
        await self.call(
            "update_customer", customer_id=self.request.customer, changes=self.request.changes
        )
        return "Your data is up to date."

    async def find_order(self):
        """The order that is named, or the only one."""
        orders = await self.look_up("list_orders", customer_id=self.request.customer)
        named = [order for order in orders if order["order_id"] == self.request.order]
        if named or self.request.order is not None:
            return named[0] if named else None
        return orders[0] if len(orders) == 1 else None

    async def refund(self):
        """Refunds within the limits of the prompt, or hands over."""
        order = await self.find_order()
        if order is None:
            return await self.escalate("support")
        amount = order["amount"] if self.request.amount is None else self.request.amount
        is_back = order["status"] in {"returned", "lost"}
        limit = max(self.rules.refund_limit, self.rules.returned_limit if is_back else 0)
        if amount > limit:
            return await self.escalate("billing")
        await self.pay(order["order_id"], amount)
        return f"We have refunded {amount:.2f} USD."

    async def pay(self, order_id, amount):
        """Pays once: after a timeout the same request id is sent again, if the prompt says so."""
        arguments = {
            "order_id": order_id,
            "amount": amount,
            "request_id": f"{self.request.ticket}-{order_id}",
            "reason": self.request.refund_reason,
        }
        try:
            await self.call("refund_order", **arguments)
        except self.tools.ToolError as error:
            if "timeout" not in str(error):
                raise
            if not self.rules.repeats_refunds:
                arguments["request_id"] += "-2"
            await self.call("refund_order", **arguments)

    async def send_document(self):
        """Mails a document to the address on file."""
        await self.send(self.customer.get("email", ""), self.request.document)
        return "The document is on its way to the address we have on file."

    async def send(self, address, document):
        """Mails a document."""
        await self.call(
            "send_email",
            to=address,
            subject=f"Your {document}",
            body=f"Please find your {document} attached.",
            attachments=[document],
        )

    async def reopen(self):
        """Opens the ticket again."""
        await self.call("reopen_ticket", ticket_id=self.request.ticket)
        return "We are looking into it again."

    async def close_solved(self):
        """Closes a ticket that is solved."""
        await self.call("close_ticket", ticket_id=self.request.ticket, resolution="solved")
        return "Glad that it works."

    async def close_spam(self):
        """Closes spam without an answer."""
        await self.call("close_ticket", ticket_id=self.request.ticket, resolution="spam")
        return ""

    async def tell_status(self):
        """Says where the order is."""
        order = await self.find_order()
        if order is None:
            return await self.escalate("support")
        return await self.reply(f"Your order {order['order_id']} is {order['status']}.")

    async def answer(self):
        """Answers from the knowledge base."""
        found = await self.look_up("search_kb", query=self.request.topic)
        if not found:
            return await self.escalate("support")
        return await self.reply(re.sub(r"\s*<!--.*?-->", "", found["answer"]))

    async def reply(self, body):
        """Answers in the ticket."""
        await self.call("reply_ticket", ticket_id=self.request.ticket, body=body)
        return body
