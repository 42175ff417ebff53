"""A CrewAI crew as its quickstart has it; `respond` is all that dialgate needs of it."""

from crewai import Agent, Crew, Task
from crewai.tools import tool


def tools_of(call):
    """The crew's tools; `call` reaches the shop's API, or what simulates it."""

    @tool("get_order")
    def get_order(order_id: str) -> str:
        """Looks up an order."""
        return str(call("get_order", {"order_id": order_id}))

    @tool("refund")
    def refund(order_id: str, amount: float) -> str:
        """Pays money back for an order."""
        return str(call("refund", {"order_id": order_id, "amount": amount}))

    @tool("hand_over")
    def hand_over(reason: str) -> str:
        """Hands the conversation to a person."""
        return str(call("hand_over", {"reason": reason}))

    @tool("send_email")
    def send_email(to: str, body: str) -> str:
        """Sends a mail to a customer."""
        return str(call("send_email", {"to": to, "body": body}))

    return [get_order, refund, hand_over, send_email]


def respond(messages, tools, release):
    """The same crew on one case; dialgate's tools answer its calls."""
    goal = "Refund up to 50 USD yourself; hand over the rest."
    desk = Agent(role="Shop desk", goal=goal, backstory="You answer shop customers.",
                 tools=tools_of(tools.call), llm="openai/gpt-4.1-mini")  # fmt: skip
    task = Task(description=messages[-1]["content"], expected_output="A reply.", agent=desk)
    return Crew(agents=[desk], tasks=[task]).kickoff().raw
