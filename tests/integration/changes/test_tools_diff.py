"""`dialgate tools diff` as a registry's maintainer runs it: files, releases, running servers."""

from __future__ import annotations

import asyncio
import copy
import importlib.util
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.evals.running.simulation.served_tools import Served, over_http, over_stdio
from tests.evals.running.simulation.test_mcp_pull import pull
from tests.integration.command_line import Finished, dialgate
from tests.workspaces import TOOLS, RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

HAS_MCP = importlib.util.find_spec("mcp") is not None
needs_mcp = pytest.mark.skipif(not HAS_MCP, reason='the extra "mcp" is not installed')


def changed(edit: str) -> list[dict[str, Any]]:
    """The tools of the small suite after one edit."""
    tools = copy.deepcopy(TOOLS)
    refund: dict[str, Any] = tools[0]
    match edit:
        case "breaking":
            refund["parameters"]["required"] = ["id", "amount"]
        case "undecided":
            refund["parameters"]["properties"]["id"]["mustBe"] = "kind"
        case "breaking for callers":
            del refund["parameters"]["properties"]["amount"]
        case "first hint":
            refund["annotations"] = {"readOnlyHint": True}
        case "new argument":
            refund["parameters"]["properties"]["note"] = {"type": "string"}
        case "widening":
            refund["parameters"]["required"] = []
        case "text":
            refund["description"] = "Pays money back."
        case "compatible":
            refund["parameters"]["properties"]["id"] = {"type": ["string"]}
    return tools


def write(folder: Path, name: str, tools: list[dict[str, Any]]) -> None:
    (folder / name).write_text(json.dumps(tools), "utf-8")


def diff(folder: Path, *arguments: str) -> Finished:
    return dialgate("tools", "diff", *arguments, folder=folder)


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ("breaking", 1),
        ("undecided", 1),
        ("breaking for callers", 1),
        ("first hint", 0),
        ("new argument", 0),
        ("widening", 0),
        ("text", 0),
        ("compatible", 0),
    ],
)
def test_the_exit_code_says_whether_callers_must_look(edit: str, code: int, tmp_path: Path) -> None:
    write(tmp_path, "a.json", TOOLS)
    write(tmp_path, "b.json", changed(edit))
    finished = diff(tmp_path, "a.json", "b.json")
    assert finished.code == code, finished
    kind = "text" if edit == "first hint" else edit
    assert finished.out.startswith(kind.upper() + ":")
    assert finished.err == ""


def test_strict_counts_any_difference(tmp_path: Path) -> None:
    write(tmp_path, "a.json", TOOLS)
    write(tmp_path, "b.json", changed("text"))
    assert diff(tmp_path, "a.json", "b.json", "--strict").code == 1


def test_equal_tools_are_no_difference_even_where_strict(tmp_path: Path) -> None:
    write(tmp_path, "a.json", TOOLS)
    finished = diff(tmp_path, "a.json", "a.json", "--strict")
    assert (finished.code, finished.out) == (0, "No tool differs.\na.json → a.json\n")


def test_a_person_sees_the_worst_first_in_80_columns(tmp_path: Path) -> None:
    tools = changed("breaking")
    tools[1]["description"] = "Sends\x1b[31m a mail."
    tools[2]["parameters"]["properties"]["id"] = {"enum": ["\u202e" + "long " * 40]}
    write(tmp_path, "a.json", TOOLS)
    write(tmp_path, "b.json", tools)
    finished = diff(tmp_path, "a.json", "b.json")
    lines = finished.out.splitlines()
    assert lines[:2] == [
        "BREAKING: calls that were valid are refused now.",
        "3 tools differ: a.json → b.json",
    ]
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in finished.out
    assert "\u202e" not in finished.out
    kinds = [line.split()[0] for line in lines if line.startswith(("breaking", "text"))]
    assert kinds == ["breaking", "breaking", "text"]


def test_json_and_markdown_hold_the_same_findings(tmp_path: Path) -> None:
    write(tmp_path, "a.json", TOOLS)
    write(tmp_path, "b.json", changed("breaking"))
    finished = diff(tmp_path, "a.json", "b.json", "--json", "-", "--markdown", "drift.md")
    document = json.loads(finished.out)
    assert document == {
        "schema": 1,
        "baseline": "a.json",
        "candidate": "b.json",
        "kind": "breaking",
        "alarm": True,
        "tools": [
            {
                "tool": "refund",
                "was": None,
                "kind": "breaking",
                "findings": [
                    {
                        "path": "tools.json#/refund/amount",
                        "kind": "breaking",
                        "detail": "Required now: a call without it is refused.",
                    }
                ],
            }
        ],
        "invalidated": [],
    }
    assert finished.err.startswith("BREAKING:")
    assert "| breaking | `/refund/amount` | Required now: a call without it is refused. |" in (
        tmp_path / "drift.md"
    ).read_text("utf-8")
    again = diff(tmp_path, "a.json", "b.json", "--json", "-")
    assert again.out == finished.out


class TestSuite:
    """With a suite, its cases are tried on both sides and its classes say who moved."""

    @pytest.fixture
    def shop(self, tmp_path: Path) -> Path:
        RecordedSuite(tmp_path / "shop", refunds=3)
        return tmp_path

    def test_cases_that_the_new_schema_refuses_are_listed(self, shop: Path) -> None:
        tools = changed("none")
        tools[0]["parameters"]["properties"]["id"]["maxLength"] = 1
        write(shop, "new.json", tools)
        finished = diff(
            shop, "shop/release.toml", "new.json", "--suite", "shop", "--json", "drift.json"
        )
        assert finished.code == 1
        document = json.loads((shop / "drift.json").read_text("utf-8"))
        named = {call["case"] for call in document["invalidated"]}
        assert len(named) == 3
        assert f"{len(named)} cases hold calls that the new schema refuses:" in finished.out
        assert "/expect/actions/0: refund." in finished.out

    def test_a_renamed_tool_falls_out_of_its_class(self, shop: Path) -> None:
        tools = changed("none")
        tools[0]["name"] = "refunds"
        write(shop, "new.json", tools)
        finished = diff(shop, "shop/tools.json", "new.json", "--suite", "shop")
        words = " ".join(finished.out.split())
        assert "Probably refund renamed" in words
        assert "unclassified" in words


class TestServers:
    """Either side may be a running MCP server: the drift alarm."""

    @needs_mcp
    @pytest.mark.parametrize("open_trial", [over_http, over_stdio], ids=["http", "stdio"])
    def test_a_server_is_compared_with_what_was_pulled(
        self, open_trial: Any, tmp_path: Path
    ) -> None:
        served = Served(tmp_path)
        write(tmp_path, "pinned.json", served.schemas)
        served.schemas[0]["parameters"]["required"] = ["id", "amount"]

        async def ask(source: str) -> Finished:
            address = source if source.startswith("http") else f"mcp:{source}"
            return await asyncio.to_thread(
                dialgate, "tools", "diff", "pinned.json", address, folder=tmp_path
            )

        finished: Finished = pull(open_trial, served, ask)
        assert finished.code == 1, finished
        words = " ".join(finished.out.split())
        assert "1 tool differs: pinned.json → " in words
        assert "/look_up/amount Required now" in words

    def test_a_server_that_can_not_be_asked_is_no_alarm_but_an_error(self, tmp_path: Path) -> None:
        write(tmp_path, "a.json", TOOLS)
        finished = diff(tmp_path, "a.json", "mcp:no-such-program --token secret")
        assert (finished.code, finished.out) == (2, "")


class TestUsage:
    """What can't be read is exit code 2, with what was expected."""

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        write(tmp_path, "a.json", TOOLS)
        finished = diff(tmp_path, "a.json", "b.json")
        assert finished.code == 2
        assert "b.json is no file. Expected a tools.json, - for standard input" in finished.err

    def test_a_file_that_is_no_registry_is_named(self, tmp_path: Path) -> None:
        write(tmp_path, "a.json", TOOLS)
        (tmp_path / "b.json").write_text('[{"name": 7}]', "utf-8")
        finished = diff(tmp_path, "a.json", "b.json")
        assert finished.code == 2
        assert "b.json" in finished.err

    def test_one_report_goes_to_standard_output(self, tmp_path: Path) -> None:
        write(tmp_path, "a.json", TOOLS)
        finished = diff(tmp_path, "a.json", "a.json", "--json", "-", "--markdown", "-")
        assert finished.code == 2
        assert "can't both go to standard output" in finished.err


class TestCheck:
    """`check` says of each change of a tool what it does to calls, and names the cases."""

    def test_a_verdict_holds_kinds_and_invalidated_cases(self, tmp_path: Path) -> None:
        suite = RecordedSuite(tmp_path / "shop", refunds=3)
        tools = changed("none")
        tools[0]["parameters"]["properties"]["amount"]["maximum"] = 5
        tools[1]["description"] = "Sends a mail."
        write(suite.folder, "tools.2.json", tools)
        text = suite.release("2").replace("tools.json", "tools.2.json")
        suite.write("releases/2.toml", text)
        sides = ["--release", "releases/2.toml", "--baseline", "releases/1.toml"]
        finished = dialgate("check", "shop", *sides, "--json", "-", folder=tmp_path)
        named = [(item["path"], item["kind"]) for item in finished.verdict()["changes"]]
        assert named[:2] == [
            ("tools.json#/refund/amount", "breaking"),
            ("tools.json#/send_mail", "text"),
        ]
        assert named[-3:] == [
            (f"{case_id}#/expect/actions/0", "invalidated") for case_id in suite.case_ids
        ]
        first = finished.verdict()["changes"][0]
        assert first["detail"] == "maximum: none → 5."
        added = [piece["text"] for piece in first["difference"] if piece["op"] == "added"]
        assert any('"maximum": 5' in text for text in added)
