"""Text that looks like a call: counted where it is one, not where a sentence names the tool."""

from __future__ import annotations

import pytest

from dialgate_evals.dialects.texts.text_calls import count_text_calls, text_call_pattern

PATTERN = text_call_pattern(["get_order", "refund"])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("refund(order_id='A-1')", 1),
        ('I will do refund({"order_id": 1}) now', 1),
        ("get_order()", 1),
        ("```python\nprint(get_order())\n```", 1),
        ("[get_order()]", 1),
        ('{"name": "refund", "arguments": {}}', 1),
        ("<function=refund>", 1),
        ("First I use get_order() to find it, then refund() it.", 0),
        ("1. Look it up using get_order()\n2. Refund it using refund() if it is there", 0),
        ("I have a refund (partial) for you.", 0),
        ("", 0),
    ],
)
def test_a_call_is_told_from_a_tool_that_a_sentence_names(text: str, count: int) -> None:
    assert count_text_calls(PATTERN, [text]) == count
