"""Answers shop customers: a request a line."""

import sys

from pydantic_ai import Agent

AMOUNTS = [12.5, 49.9, 50, 7, 33.33, 899, 450, 50.01, 1200, 640]
ORDERS = {
    f"A-{number}": {"amount": amount, "status": "paid", "email": f"c{number}@example.com"}
    for number, amount in enumerate(AMOUNTS, 101)
}

agent = Agent(
    "openai:gpt-5-mini",
    instructions="You answer shop customers. Refund up to 50 USD yourself; hand over the rest.",
)


@agent.tool_plain
def get_order(order_id: str) -> dict:
    """Looks up an order."""
    return ORDERS[order_id]


@agent.tool_plain
def refund(order_id: str, amount: float) -> str:
    """Pays money back for an order."""
    return "ok"


@agent.tool_plain
def hand_over(reason: str) -> str:
    """Hands the conversation to a person."""
    return "ok"


@agent.tool_plain
def send_email(to: str, body: str) -> str:
    """Sends a mail to a customer."""
    return "ok"


if __name__ == "__main__":
    for line in sys.stdin:
        print(agent.run_sync(line.strip()).output)
