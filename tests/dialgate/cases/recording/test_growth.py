"""A journal becomes a suite, or what is new is added to one; run again, it adds nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import asdict, replace

from dialgate.cases.recording.growth import grow_suite
from dialgate.cases.recording.places import find_place
from dialgate.cases.recording.recorder import Recorder
from dialgate.cases.recording.recording import render_growth
from dialgate.scaffold.scaffold import scaffold
from dialgate_evals.errors import ConfigurationError, EvidenceError, UsageError
from dialgate_evals.recording.exchanges import Exchange, ToolExchange
from dialgate_evals.suite.linting.lint import lint_workspace
from dialgate_evals.suite.workspace import load_workspace
from tests.evals.importing.imports import checked
from tests.evals.recording.exchanged import chat, result, says, user

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.recording.exchanges import Kept


def tool(name: str, **properties: str) -> dict[str, Any]:
    typed = {key: {"type": kind} for key, kind in properties.items()}
    parameters = {"type": "object", "properties": typed, "required": sorted(properties)}
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


OFFERED = {"tools": [tool("get_order", id="string"), tool("refund", id="string")]}
ASKED = [user("Refund O-1, I am ada@shop.de.")]


def call(name: str, **arguments: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    made = [{"id": f"call_{name}", "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": made}


READ = [*ASKED, call("get_order", id="O-1"), result("get_order")]
WROTE = [*READ, call("refund", id="O-1"), result("refund")]
FIRST = [
    chat(ASKED, call("get_order", id="O-1"), 1, body=OFFERED),
    chat(READ, call("refund", id="O-1"), 2, body=OFFERED),
    chat(WROTE, says("Done, ada@shop.de."), 3, body=OFFERED),
]
NEXT = [*WROTE, says("Done, ada@shop.de."), user("And O-2?")]
SECOND = [
    chat(NEXT, call("refund", id="O-2"), 4, body=OFFERED),
    chat([*NEXT, call("refund", id="O-2"), result("refund")], says("Done."), 5, body=OFFERED),
]


def with_other_tools(exchange: Exchange) -> Exchange:
    """Tools that the scaffolded suite does not have."""
    text = json.dumps(asdict(exchange)).replace("get_order", "find_parcel")
    return Exchange(**json.loads(text.replace("refund", "reroute")))


OTHERS = [with_other_tools(exchange) for exchange in FIRST]


def keep(folder: Path, *kept: Kept) -> None:
    recorder = Recorder(find_place(folder, None), print)
    recorder.prepare()
    for item in kept:
        recorder.keep_now(item)
    recorder.close()


def grow(folder: Path) -> dict[str, Any]:
    return grow_suite(find_place(folder, None))


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "suites" / "shop"


def test_the_first_recording_makes_a_suite_whose_recorded_trajectories_pass(folder: Path) -> None:
    keep(folder, *FIRST)
    document = grow(folder)
    assert (document["is_new"], document["conversations"], document["added"]) == (True, 1, 1)
    (case,) = checked(folder, version="recorded")
    assert case["expect"]["actions"] == [{"name": "refund", "arguments": {"id": "O-1"}}]
    assert [item["name"] for item in case["recordings"]] == ["get_order", "refund"]
    assert case["tags"] == ["recorded"]
    assert b"ada@shop.de" not in b"".join(files(folder.parents[1]).values())


def test_run_again_it_changes_no_byte(folder: Path) -> None:
    keep(folder, *FIRST)
    grow(folder)
    before = files(folder)
    document = grow(folder)
    assert (document["added"], document["files"], files(folder)) == (0, [], before)
    assert "Nothing had to be written." in render_growth(document)


def test_a_conversation_that_went_on_adds_its_new_turn_only(folder: Path) -> None:
    keep(folder, *FIRST)
    grow(folder)
    mine = (
        (folder / "cases.jsonl")
        .read_text("utf-8")
        .replace('s":["recorded"', 's":["recorded","mine"')
    )
    (folder / "cases.jsonl").write_text(mine, "utf-8")
    keep(folder, *SECOND)
    document = grow(folder)
    assert document["added"] == 1
    first, second = checked(folder, version="recorded")
    assert first["tags"] == ["recorded", "mine"]
    assert second["expect"]["actions"] == [{"name": "refund", "arguments": {"id": "O-2"}}]


def test_a_suite_that_people_keep_is_added_to_and_not_changed(tmp_path: Path) -> None:
    scaffold(tmp_path)
    folder = tmp_path / "suites" / "my-agent"
    before = files(tmp_path)
    keep(folder, *OTHERS)
    document = grow(folder)
    assert (document["is_new"], document["added"]) == (False, 1)
    after = files(tmp_path)
    cases, actions = "golden/my-agent/cases.jsonl", "suites/my-agent/actions.toml"
    assert after[cases].startswith(before[cases])
    assert after[actions].startswith(before[actions])
    changed = {name for name, raw in before.items() if after[name] != raw}
    assert changed == {cases, actions, "suites/my-agent/tools.json"}
    workspace = load_workspace(folder)
    assert {"find_parcel", "reroute"} <= {item.name for item in workspace.release().tools}
    tools = "suites/my-agent/tools.json"
    assert after[tools].startswith(before[tools].rpartition(b"]")[0].rstrip())
    import datetime as dt

    problems = lint_workspace(workspace, workspace.release(), dt.date(2026, 11, 1))
    assert [str(item) for item in problems if item.severity == "error"] == []
    assert grow(folder)["files"] == []


def test_tools_in_a_file_that_is_written_otherwise_are_told(tmp_path: Path) -> None:
    scaffold(tmp_path)
    folder = tmp_path / "suites" / "my-agent"
    tools = folder / "tools.json"
    known = json.loads(tools.read_text())
    tools.write_text(json.dumps({"tools": known, "version": ["1"]}), "utf-8")
    before = tools.read_bytes()
    keep(folder, *OTHERS)
    left = grow(folder)["left"]
    assert tools.read_bytes() == before
    assert [item["what"] for item in left] == ["the tools find_parcel and reroute"]


LISTED = ToolExchange(
    server="shop", at=0, method="tools/list", result={"tools": [
        {"name": "refund", "inputSchema": {"type": "object"},
         "annotations": {"readOnlyHint": True}},
    ]},
)  # fmt: skip
CALLED = ToolExchange(
    server="shop", at=1, method="tools/call", result={"content": []},
    params={"name": "refund", "arguments": {"id": "O-1"}},
)  # fmt: skip


def test_what_a_server_says_of_its_tools_counts_most(folder: Path) -> None:
    keep(folder, *FIRST, LISTED, CALLED)
    grow(folder)
    assert 'effect = "read"' in (folder / "actions.toml").read_text().partition("refund")[2]
    assert "readOnlyHint" in (folder / "tools.json").read_text()


def test_calls_that_no_conversation_makes_give_tools_and_no_case(folder: Path) -> None:
    keep(folder, LISTED, CALLED)
    document = grow(folder)
    assert (document["cases"], document["tools"]) == (0, 1)
    assert "1 of 1 calls over MCP" in document["left"][0]["what"]
    assert f"dialgate cases new {document['suite']}" in render_growth(document)
    assert find_place(folder, None).workspace is not None
    keep(folder, *FIRST)
    assert grow(folder)["added"] == 1


def test_without_a_recording_there_is_nothing_to_write(folder: Path) -> None:
    with pytest.raises(EvidenceError, match="no recording"):
        grow(folder)
    keep(folder)
    with pytest.raises(EvidenceError, match="no recording"):
        grow(folder)
    assert not folder.exists()


def test_a_suite_with_problems_is_left_alone_and_the_journal_stays(tmp_path: Path) -> None:
    scaffold(tmp_path)
    folder = tmp_path / "suites" / "my-agent"
    keep(folder, *FIRST)
    (folder / "actions.toml").write_text("schema = 7\n")
    before = files(tmp_path)
    with pytest.raises(ConfigurationError):
        grow(folder)
    assert files(tmp_path) == before


def test_a_folder_of_something_else_is_not_taken_for_a_new_suite(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    with pytest.raises(UsageError, match=r"no suite\.toml"):
        find_place(tmp_path, None)
    with pytest.raises(UsageError, match="is a file"):
        find_place(tmp_path / "pyproject.toml", None)


def test_a_file_that_was_cut_off_gives_the_rest_and_a_line_that_says_so(folder: Path) -> None:
    keep(folder, *FIRST)
    keep(folder, replace(FIRST[0], body={**FIRST[0].body, "messages": [user("Refund O-9.")]}))
    last = max(folder.parents[1].rglob("*.recording.jsonl"))
    last.write_bytes(last.read_bytes()[:-20])
    document = grow(folder)
    assert document["added"] == 1
    assert "cut off" in document["left"][0]["why"]


def test_a_suites_own_redaction_is_used(tmp_path: Path) -> None:
    scaffold(tmp_path)
    folder = tmp_path / "suites" / "my-agent"
    suite = folder / "suite.toml"
    suite.write_text(suite.read_text() + '\n[redact]\npatterns = ["O-[0-9]+"]\n')
    keep(folder, *FIRST)
    raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*.recording.jsonl"))
    assert b"O-1" not in raw
    grow(folder)
    assert isinstance(FIRST[0], Exchange)
    assert b"O-1" not in (tmp_path / "golden/my-agent/cases.jsonl").read_bytes().splitlines()[-1]
