"""The desk's agent: rules instead of a model, so that the example needs no key.

It keeps nothing between turns: all that it knows stands in the messages.
"""

import json
import re

ASKS = {
    "booking": "Which booking is it? Please tell me its id.",
    "date": "To which date shall I move it?",
}
CONFIRMED = ("cancel_booking", "refund_deposit")


async def respond(messages, tools, release):
    """Asks for what is missing, then for a yes where one is needed, then acts."""
    said = [m["content"] for m in messages if m["role"] == "user"]
    plan = understand(" ".join(said))
    missing = next((key for key in plan["needs"] if key not in plan["arguments"]), None)
    if missing is not None:
        return ASKS[missing]
    if any(message["role"] == "tool" and done(message) for message in messages):
        return "That is done already."
    if plan["tool"] == "refund_deposit":
        found = await tools.call("find_booking", {"booking": plan["arguments"]["booking"]})
        plan["arguments"].setdefault("amount", found["deposit"])
    if plan["tool"] in CONFIRMED and not agreed(messages):
        return f"I am about to {plan['words'].format(**plan['arguments'])}. Shall I go ahead?"
    try:
        await tools.call(plan["tool"], plan["arguments"])
    except tools.ToolError as error:
        return f"I couldn't do that: {error}."
    return "It is done. Is there anything else I can help you with?"


def understand(text):
    """The tool that is wanted, what it needs, and what is known of that."""
    known = {}
    if booking := re.search(r"\bB-\d{3}\b", text):
        known["booking"] = booking[0]
    if date := re.search(r"\b\d{4}-\d{2}-\d{2}\b", text):
        known["date"] = date[0]
    lower = text.lower()
    if "cancel" in lower:
        return plan_of("cancel_booking", "cancel booking {booking}", ["booking"], known)
    if "refund" in lower or "deposit" in lower:
        words = "refund the deposit of booking {booking}"
        return plan_of("refund_deposit", words, ["booking"], known)
    if "breakfast" in lower:
        return plan_of("add_breakfast", "add breakfast to {booking}", ["booking"], known)
    return plan_of("change_date", "move booking {booking} to {date}", ["booking", "date"], known)


def plan_of(tool, words, needs, known):
    return {
        "tool": tool,
        "words": words,
        "needs": needs,
        "arguments": {key: known[key] for key in needs if key in known},
    }


def agreed(messages):
    """Whether the last word of the user is a yes to a question of ours."""
    asked = any(
        m["role"] == "assistant" and "Shall I go ahead?" in (m["content"] or "") for m in messages
    )
    return asked and messages[-1]["role"] == "user" and messages[-1]["content"].startswith("Yes")


def done(message):
    try:
        return json.loads(message["content"]) == {"status": "ok"}
    except ValueError:
        return False
