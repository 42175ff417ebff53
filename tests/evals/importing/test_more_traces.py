"""LangSmith, MLflow, ATIF and DeepEval: small files, odd ones among them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.evals.importing.imports import a_call, answer, calls, imported, lines, user, whole

if TYPE_CHECKING:
    from pathlib import Path

REFUND = [{"name": "refund", "arguments": {"id": "R-1"}}]
MADE = calls(a_call("refund", {"id": "R-1"}))
DONE = {"role": "assistant", "content": "Done."}


def lc(kind: str, **more: Any) -> dict[str, Any]:
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", kind],
            "kwargs": more}  # fmt: skip


def test_langsmith_runs_of_langchain_and_of_openai(tmp_path: Path) -> None:
    ai = lc(
        "AIMessage", content="", tool_calls=[{"name": "refund", "args": {"id": "R-1"}, "id": "1"}]
    )
    chain = {"id": "a", "trace_id": "a", "run_type": "chain", "inputs": {"x": 1}, "child_runs": [
        {"id": "b", "trace_id": "a", "run_type": "llm",
         "inputs": {"messages": [[lc("HumanMessage", content="Refund R-1")]]},
         "outputs": {"generations": [[{"message": ai}]]}}]}  # fmt: skip
    plain = {"id": "c", "trace_id": "c", "run_type": "llm",
             "inputs": {"messages": [user("Two"), MADE, answer("ok")]},
             "outputs": {"choices": [{"message": DONE}]}}  # fmt: skip
    bare = {"id": "d", "trace_id": "d", "run_type": "tool", "inputs": {"input": "x"}}
    document, cases = imported(lines(tmp_path / "runs.jsonl", chain, plain, bare, 7))
    assert set(document["formats"].values()) == {"langsmith"}
    assert [case["expect"]["actions"] for case in cases] == [REFUND, REFUND]
    assert len(document["left"]) == 2


def test_mlflow_traces_give_the_span_that_saw_most(tmp_path: Path) -> None:
    def span(asked: list[Any], said: Any) -> dict[str, Any]:
        return {"attributes": {
            "mlflow.spanInputs": json.dumps({"messages": asked}),
            "mlflow.spanOutputs": json.dumps({"choices": [{"message": said}]}),
            "mlflow.chat.tools": json.dumps([{"type": "function", "function": {"name": "refund"}}]),
        }}  # fmt: skip

    asked = [user("Refund R-1")]
    trace = {"info": {"trace_id": "tr-1"}, "data": {"spans": [
        3, span(asked, MADE), span([*asked, MADE, answer("ok")], DONE),
        {"attributes": {"mlflow.spanInputs": "\"x\""}}]}}  # fmt: skip
    empty = {"info": {"trace_id": "tr-2"}, "data": {"spans": []}}
    document, cases = imported(lines(tmp_path / "m.jsonl", trace, empty))
    assert [case["id"] for case in cases] == ["tr-1"]
    assert cases[0]["recordings"][0]["result"] == "ok"
    assert document["inferred"] == []
    assert "tr-2" in document["left"][0]["what"]


def test_atif_with_parallel_calls_and_observations(tmp_path: Path) -> None:
    def step(source: str, message: str, **more: Any) -> dict[str, Any]:
        return {"source": source, "message": message, **more}

    made = [{"tool_call_id": str(n), "function_name": "refund", "arguments": {"id": f"R-{n}"}}
            for n in (1, 2)]  # fmt: skip
    seen = {"results": [{"source_call_id": "1", "content": "ok"}, {"content": "loose"}]}
    steps = [step("user", "Refund both"), step("agent", "", tool_calls=made, observation=seen),
             step("ghost", "boo"), step("agent", "Done.")]  # fmt: skip
    trajectory = {"schema_version": "ATIF-v1.4", "session_id": "s1", "agent": {}, "steps": steps}
    document, cases = imported(
        whole(tmp_path / "a.json", trajectory),
        whole(tmp_path / "b.json", {**trajectory, "steps": "x"}),
    )
    assert len(cases[0]["expect"]["actions"]) == 2
    assert len(cases[0]["recordings"]) == 1
    assert len(document["left"]) == 3


def test_atif_pairs_the_only_result_with_the_only_call(tmp_path: Path) -> None:
    made = [{"tool_call_id": "1", "function_name": "bash_command", "arguments": {"keys": "ls"}}]
    steps = [
        {"source": "user", "message": "Look"},
        {"source": "agent", "message": "", "tool_calls": made,
         "observation": {"results": [{"content": "a.txt"}]}},
    ]  # fmt: skip
    _, cases = imported(whole(tmp_path / "a.json", {"schema_version": "ATIF-v1.7", "steps": steps}))
    assert cases[0]["recordings"][0]["result"] == "a.txt"


def test_pydantic_evals_in_yaml_and_json(tmp_path: Path) -> None:
    path = tmp_path / "set.yaml"
    path.write_text(
        "evaluators: [{Contains: Paris}, LLMJudge]\n"
        "cases:\n- {name: one, inputs: France?, expected_output: Paris,\n"
        "   evaluators: [EqualsExpected, {LLMJudge: {rubric: is kind, include_input: true}}]}\n"
        "- {name: two, inputs: {x: 1, y: 2}}\n",
        "utf-8",
    )
    bare = {"cases": [{"inputs": {"q": "Rome?"}, "evaluators": [
        {"name": "Contains", "arguments": {"value": "it", "case_sensitive": False}}]},
        {"inputs": "nothing asked"}, 7]}  # fmt: skip
    document, cases = imported(path, whole(tmp_path / "set.json", bare))
    assert cases[0]["expect"]["reply"] == {
        "contains": ["Paris"],
        "matches": "^\\s*Paris\\s*$",
        "rubric": [{"name": "rubric-1", "text": "is kind", "sees": ["request"]}],
    }
    assert cases[1]["expect"]["reply"] == {"matches": "(?i:it)"}
    assert len(document["left"]) == 4


def test_the_command_ends_with_the_codes_of_the_contract(tmp_path: Path) -> None:
    from dialgate.cli import run

    good = lines(tmp_path / "g.jsonl", {"messages": [user("Refund R-1"), MADE]})
    bad = whole(tmp_path / "b.json", {"a": 1})
    assert run(["cases", "import", str(good)]) == 0
    assert run(["cases", "import", str(good), "--format", "nothing"]) == 2
    assert run(["cases", "import", str(tmp_path / "no")]) == 2
    assert run(["cases", "import", str(bad)]) == 4


def test_deepeval_goldens_with_tools_and_without(tmp_path: Path) -> None:
    tool = {"name": "refund", "input_parameters": {"id": "R-1"}}
    document, cases = imported(
        whole(
            tmp_path / "goldens.json",
            [
                {"input": "Refund R-1", "expected_tools": [tool], "expected_output": "Done"},
                {"input": "Refund any", "expectedTools": [{"name": "refund"}]},
                {"input": "Hello", "expected_output": "Hi"},
                {"input": "Nothing", "expected_tools": []},
                {"input": 3, "expected_output": None},
            ],
        )
    )
    assert [case["expect"]["actions"] for case in cases] == [REFUND, [{"name": "refund"}], []]
    assert len(document["left"]) == 4
