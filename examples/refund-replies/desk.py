"""A desk that refunds and says when the money comes, in one of many ways: no two are worded alike.

A scripted stand-in for a model, so that the tutorial runs without a key: what it says follows from
its prompt and the order's number.
"""

import re
from typing import Any

SOON = (
    "You will have your money within five days.",
    "The amount is back in your account in less than a week, in five days at most.",
    "Expect it before five days have gone by.",
    "It takes up to five days until you see it.",
    "Five days from now at the latest it is yours again.",
)
SOME_DAY = (
    "We will be in touch about your money.",
    "The amount will find its way back to you.",
    "These things take their time, as you know.",
    "Please watch your account.",
    "You will see it when you see it.",
)


async def respond(messages: list, tools: Any, release: dict) -> str:  # noqa: ANN401 - the harness's
    """Refunds the order that the customer names, and replies as the prompt asks."""
    order = re.search(r"A-\d+", messages[-1]["content"]).group()
    await tools.call("refund", {"order_id": order})
    prompt = " ".join("\n".join(release["prompts"].values()).split())
    ways = SOON if "within five days" in prompt else SOME_DAY
    return f"Order {order} is refunded. {ways[int(order[2:]) % len(ways)]}"
