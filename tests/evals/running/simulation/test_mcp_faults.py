"""What a server does wrong is said in one sentence, with the tool at fault."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.errors import UsageError
from dialgate_evals.running.simulation.mcp_pull import pull_tools

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mcp") is None, reason='the extra "mcp" is not installed'
)

SERVER = """
import json, sys
GOOD = {"name": "ok", "inputSchema": {"type": "object"}}
BAD = {"name": "look_up", "inputSchema": {"properties": {}}}
PAGES = {
    "banner": {"tools": [GOOD]}, "no type": {"tools": [GOOD, BAD]},
    "cursor": {"tools": [GOOD], "nextCursor": "again"},
}
if sys.argv[1] == "banner":
    print("Welcome!\\nVersion 1", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    answer = {"jsonrpc": "2.0", "id": asked["id"]}
    if asked["method"] == "initialize":
        version = asked["params"]["protocolVersion"]
        info = {"name": "s", "version": "1"}
        answer["result"] = {
            "protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info,
        }
    elif asked["method"] == "tools/list":
        answer["result"] = PAGES[sys.argv[1]]
    else:
        answer["error"] = {"code": -32601, "message": "no such method"}
    print(json.dumps(answer), flush=True)
"""


def server(folder: Path, fault: str) -> str:
    path = folder / "server.py"
    path.write_text(SERVER, "utf-8")
    return shlex.join([sys.executable, str(path), fault])


def test_a_tool_without_a_type_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        pull_tools(server(tmp_path, "no type"))
    assert 'the tool "look_up" at inputSchema.type: field required' in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_cursor_that_repeats_ends_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='the cursor "again" comes a second time'):
        pull_tools(server(tmp_path, "cursor"))


def test_a_banner_is_one_sentence_and_no_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    heard: list[str] = []
    document = pull_tools(server(tmp_path, "banner"), say=heard.append)
    assert [tool["name"] for tool in document["tools"]] == ["ok"]
    (sentence,) = heard
    assert '2 lines of no message on its standard output, the first "Welcome!"' in sentence
    assert "Traceback" not in capfd.readouterr().err
