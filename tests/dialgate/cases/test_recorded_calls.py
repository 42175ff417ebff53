"""Calls over MCP become a case once a person says what the user wanted, and not before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.recording.exchanges import ToolExchange
from tests.dialgate.cases.recording.test_growth import grow, keep
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = [
    {"name": "get_order", "inputSchema": {"type": "object", "properties": {"id": {}}},
     "annotations": {"readOnlyHint": True}},
    {"name": "refund", "inputSchema": {"type": "object", "properties": {"id": {}}}},
]  # fmt: skip


def called(at: float, name: str, order: str, **more: Any) -> ToolExchange:
    params = {"name": name, "arguments": {"id": order}}
    return ToolExchange(server="shop", at=at, method="tools/call", params=params, **more)


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}], **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "suites" / "shop"
    keep(
        folder,
        ToolExchange(server="shop", at=0, method="tools/list", result={"tools": TOOLS}),
        called(3, "refund", "O-1", result=said("ok")),
        called(1, "get_order", "O-1", result=said('{"status": "paid"}')),
        called(2, "refund", "O-2", result=said("no such order", isError=True)),
    )
    assert grow(folder)["cases"] == 0
    return folder


def look_at_the_classes(folder: Path) -> None:
    lines = (folder / "actions.toml").read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("proposed"))
    (folder / "actions.toml").write_text(text, "utf-8")


def new(folder: Path, *words: str) -> Any:
    return dialgate("cases", "new", folder, "--recorded", *words, folder=folder.parents[1])


def cases(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "cases.jsonl").read_text("utf-8").splitlines()]


def test_the_request_makes_a_case_of_them_once(folder: Path) -> None:
    look_at_the_classes(folder)
    done = new(folder, "--request", "Refund my order O-1.")
    assert done.code == 0, done.err
    (case,) = cases(folder)
    assert case["messages"] == [{"role": "user", "content": "Refund my order O-1."}]
    assert case["expect"]["actions"] == [{"name": "refund", "arguments": {"id": "O-1"}}]
    assert case["recordings"] == [
        {"name": "get_order", "arguments": {"id": "O-1"}, "result": {"status": "paid"}},
        {"name": "refund", "arguments": {"id": "O-2"}, "error": "no such order"},
        {"name": "refund", "arguments": {"id": "O-1"}, "result": "ok"},
    ]
    again = new(folder, "--request", "Refund it once more.")
    assert again.code == 2
    assert "in a conversation or a case already" in again.err


def test_without_a_request_or_with_guesses_there_is_no_case(folder: Path) -> None:
    guessed = new(folder, "--request", "Refund my order O-1.")
    assert guessed.code == 2
    assert "take `proposed` out" in guessed.err
    look_at_the_classes(folder)
    asked = new(folder)
    assert asked.code == 2
    assert "say the request with --request" in asked.err
    mixed = new(folder, "--request", "Refund it.", "--action", "refund", "{}")
    assert "leave --action and --answer out" in mixed.err
    assert cases(folder) == []
