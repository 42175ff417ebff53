"""Other tools' suites and results: what has a counterpart is carried over, the rest is listed."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

from tests.evals.importing.imports import imported, lines, user, whole

if TYPE_CHECKING:
    from pathlib import Path

PROMPTFOO = """
prompts:
  - "You help. {{question}}"
providers:
  - id: openai:gpt-x
    config:
      tools:
        - type: function
          function: {name: refund, parameters: {type: object, properties: {id: {type: string}}}}
defaultTest:
  assert:
    - type: not-contains
      value: sorry
tests:
  - description: refund it
    vars: {question: Refund R-1}
    assert:
      - {type: trajectory:tool-used, value: [get_order, refund]}
      - {type: trajectory:tool-args-match, value: {name: refund, args: {id: R-1}, mode: partial}}
      - {type: not-trajectory:tool-used, value: delete_order}
      - {type: icontains-any, value: [done, refunded]}
      - {type: regex, value: 'R-\\d'}
      - {type: llm-rubric, value: is kind}
  - description: no prompt
    vars: {other: 1}
  - description: a loop
    vars: {question: "{% for x in y %}"}
"""


def test_promptfoo_with_calls_texts_and_what_a_model_judges(tmp_path: Path) -> None:
    path = tmp_path / "promptfooconfig.yaml"
    path.write_text(PROMPTFOO, "utf-8")
    document, cases = imported(path)
    expect = cases[0]["expect"]
    assert expect["actions"] == [
        {
            "name": "refund",
            "where": {"type": "object", "properties": {"id": {"const": "R-1"}}, "required": ["id"]},
        }
    ]
    assert expect["forbid"] == [{"name": "delete_order"}]
    assert expect["reply"]["excludes"] == ["sorry"]
    assert cases[0]["messages"] == [user("You help. Refund R-1")]
    told = json.dumps(document["left"])
    assert expect["reply"]["rubric"] == [{"name": "rubric-1", "text": "is kind"}]
    for word in ("a read is no action", "with a template"):
        assert word in told
    assert document["unrecorded"] == 1


def test_yaml_that_is_read_strictly_says_so(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("base: &b {x: 1}\nprompts: [a]\ntests:\n  - <<: *b\n", "utf-8")
    good = lines(tmp_path / "e.jsonl", {"input": [user("Capital of France?")], "ideal": "Paris"})
    document, _ = imported(path, good)
    assert "strictly" in document["left"][0]["why"]


def test_openai_evals_with_one_ideal_several_and_calls(tmp_path: Path) -> None:
    call = {"function": {"name": "refund", "arguments": '{"id": "R-1"}'}}
    item = {"item": {"input": "Refund", "expected": None, "expected_tool_calls": [call, {}]}}
    document, cases = imported(
        lines(
            tmp_path / "e.jsonl",
            {
                "input": [{"role": "system", "content": "Be short."}, user("France?")],
                "ideal": "Paris",
            },
            {"input": [user("Either?")], "ideal": ["a.b", "c"]},
            item,
            {"input": [user("Odd")], "ideal": {"x": 1}},
            {"input": [], "ideal": "x"},
        )
    )
    assert [case["expect"].get("reply") for case in cases] == [
        {"contains": ["Paris"]}, {"matches": "a\\.b|c"}, None, None,
    ]  # fmt: skip
    assert cases[2]["expect"]["actions"] == [{"name": "refund", "arguments": {"id": "R-1"}}]
    assert len(document["left"]) == 3


BY_AGENT = {"requestor": "assistant"}


def simulation(**more: Any) -> dict[str, Any]:
    messages = [
        {"role": "assistant", "content": "Hi!", "turn_idx": 0},
        {"role": "user", "content": "Cancel A", "tool_calls": None, "turn_idx": 1},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "1", "name": "get_order", "arguments": {"id": "A"}, **BY_AGENT},
            {"id": "2", "name": "cancel_order", "arguments": {"id": "A"}, **BY_AGENT}]},
        {"role": "tool", "tool_messages": [
            {"id": "1", "role": "tool", "content": "{}", **BY_AGENT, "error": False},
            {"id": "2", "role": "tool", "content": "ok", **BY_AGENT, "error": False}]},
        {"role": "user", "content": None, "tool_calls": [
            {"id": "3", "name": "look_at_phone", "arguments": {}, "requestor": "user"}]},
        {"id": "3", "role": "tool", "content": "blank", "requestor": "user", "error": False},
        {"role": "user", "content": "It is blank."},
        {"role": "assistant", "content": "I see."},
    ]  # fmt: skip
    return {"id": "s", "task_id": "7", "trial": 0, "messages": messages,
            "reward_info": {"reward": 1.0}, **more}  # fmt: skip


def test_tau2_keeps_the_agents_calls_of_what_was_rewarded(tmp_path: Path) -> None:
    failed = simulation(reward_info={"reward": 0.0})
    document, cases = imported(
        whole(
            tmp_path / "results.json",
            {"info": {}, "tasks": [], "simulations": [simulation(), failed]},
        )
    )
    assert [case["expect"]["actions"] for case in cases] == [
        [{"name": "cancel_order", "arguments": {"id": "A"}}]
    ]
    assert len(cases[0]["recordings"]) == 2
    told = json.dumps(document["left"])
    assert "reward 0.0" in told
    assert "simulated user" in told


def a_sample(number: int, value: Any = "C", **more: Any) -> dict[str, Any]:
    messages = [
        user(f"Refund {number}"),
        {"role": "assistant", "content": [{"type": "text", "text": "One moment."}], "tool_calls": [
            {"id": "1", "function": "refund", "arguments": {"id": str(number)}}]},
        {"role": "tool", "tool_call_id": "1", "function": "refund", "content": "ok"},
    ]  # fmt: skip
    tools = [
        {
            "name": "refund",
            "parameters": {"type": "object", "properties": {"id": {"type": "string"}}},
        }
    ]
    return {"id": number, "epoch": 1, "input": "x", "target": "y", "messages": messages,
            "scores": {"match": {"value": value}}, "events": [{"event": "model", "tools": tools}],
            **more}  # fmt: skip


def test_inspect_logs_as_json_and_as_archives(tmp_path: Path) -> None:
    log = {
        "version": 2,
        "status": "success",
        "eval": {"task": "t"},
        "plan": {},
        "samples": [a_sample(1), a_sample(2, "I"), a_sample(3, error={"message": "x"})],
    }
    archive = tmp_path / "log.eval"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("_journal/start.json", json.dumps({"eval": {}, "plan": {}}))
        parts.writestr("samples/4_epoch_1.json", json.dumps(a_sample(4)))
        parts.writestr("samples/5_epoch_1.json", json.dumps(a_sample(5))[:50])
        parts.writestr("header.json", json.dumps({"eval": {}, "plan": {}, "results": {}}))
    document, cases = imported(whole(tmp_path / "log.json", log), archive)
    assert [case["id"] for case in cases] == ["1-1", "4-1"]
    assert document["inferred"] == []
    told = [left["what"] for left in document["left"]]
    assert len(told) == 3, told
