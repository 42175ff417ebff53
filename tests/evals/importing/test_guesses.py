"""What tools seem to do: the worst where words disagree."""

from __future__ import annotations

import pytest

from dialgate_evals.importing.guesses import guess_tool


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("get_order", "read"), ("searchProducts", "read"), ("list-users", "read"),
        ("get_refund_policy", "read"), ("get_and_delete_order", "write"), ("refund", "write"),
        ("find_and_update", "write"), ("frobnicate", "write"), ("", "write"),
        ("transfer_to_human_agents", "escalate"), ("transfer_funds", "write"),
        ("HTTPGet", "write"), ("escalate", "escalate"), ("checkout", "write"),
        ("final_answer", "read"), ("final_result", "read"), ("send_final_answer", "write"),
    ],
)  # fmt: skip
def test_a_name_says_what_it_seems_to_do(name: str, effect: str) -> None:
    assert guess_tool(name, {}, {}).effect == effect


def test_annotations_and_arguments_count() -> None:
    assert guess_tool("frob", {"annotations": {"readOnlyHint": True}}, {}).effect == "read"
    assert guess_tool("get_x", {"annotations": {"readOnlyHint": False}}, {}).effect == "write"
    gentle = guess_tool("frob", {"annotations": {"destructiveHint": False}}, {})
    assert gentle.reversible
    assert gentle.blast_radius == "medium"
    paid = guess_tool("update_entry", {}, {"properties": {"amount": {}}})
    assert (paid.blast_radius, paid.reversible) == ("high", False)
