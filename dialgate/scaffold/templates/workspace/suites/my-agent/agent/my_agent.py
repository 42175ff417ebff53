"""A tiny agent that follows fixed rules, so that this workspace runs without a key or a network.

Replace it: the contract is one function. `tools.call` answers from the case's recordings; no real
system is touched.
"""

import re


async def respond(messages, tools, release) -> str:
    """Reads the last message, looks the order up, then acts by the rules of the prompt."""
    text = messages[-1]["content"]
    prompt = "\n".join(release["prompts"].values())
    order = re.search(r"\bA-\d+\b", text)
    if order is None:
        return "How can I help?"
    found = await tools.call("get_order", {"order_id": order.group()})
    if "refund" in text.lower():
        limit = re.search(r"Refund up to (\d+) USD", prompt)
        if limit and found["amount"] <= float(limit.group(1)):
            await tools.call("refund", {"order_id": found["order_id"], "amount": found["amount"]})
            return "Your refund is on its way."
        await tools.call("hand_over", {"reason": "The refund is over the limit."})
        return "A colleague will look at your refund."
    if "mail" in text.lower():
        body = f"Your order {found['order_id']} is {found['status']}."
        await tools.call("send_email", {"to": found["email"], "body": body})
        return "I have sent you a mail."
    return f"Your order is {found['status']}."
