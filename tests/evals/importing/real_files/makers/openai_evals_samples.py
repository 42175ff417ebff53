"""Samples of OpenAI Evals, written anew after the documented schema: users write them by hand.

The evals package reads `input` and `ideal`; the hosted platform keeps each under `item`, with the
names that its data source's schema declares, and gives a run's output items with the sample.
"""

import json
import os
from pathlib import Path

OUT = Path(os.environ["OUT"]) / "openai-evals"
OUT.mkdir()
SYSTEM = {"role": "system", "content": "You are a support desk."}


def user(text):
    return {"role": "user", "content": text}


def call(order, amount):
    arguments = json.dumps({"order_id": order, "amount": amount})
    return {
        "id": f"call_{order}",
        "type": "function",
        "function": {"name": "refund", "arguments": arguments},
    }


FILES = {
    "registry": [
        {"input": [SYSTEM, user("Where do I find my order's number?")], "ideal": "in the mail"},
        {"input": [SYSTEM, user("Hello!")], "ideal": ["order", "number"]},
        {"input": "Once upon a ", "ideal": "time"},
        {
            "input": [SYSTEM, user("2+2?"), {"role": "assistant", "content": "4"}, user("3+3?")],
            "ideal": "6",
        },
    ],
    "platform-items": [
        {"item": {"input": "Is my refund done?", "expected_output": "yes"}},
        {"item": {"question": "What is open?", "reference_answer": "nine to five"}},
        {
            "item": {
                "messages": [user("Please refund O-1.")],
                "expected_output": "",
                "expected_tool_calls": [call("O-1", 30)],
            }
        },
        {"item": {"input": "Only a grader knows.", "expected_output": {"score": 5}}},
    ],
    "tool-calls": [
        {
            "input": [SYSTEM, user("Refund O-1 and O-2.")],
            "ideal": "",
            "expected_tool_calls": [call("O-1", 30), call("O-2", 12.5)],
        },
        {"input": [SYSTEM, user("Refund nothing.")], "ideal": "", "expected_tool_calls": []},
    ],
}
for name, lines in FILES.items():
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (OUT / f"{name}.jsonl").write_text(text, encoding="utf-8")
