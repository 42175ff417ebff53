"""tools.json from Python: functions, models, and the tool objects of frameworks."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.running.simulation.python_pull import pull_python_tools
from dialgate_evals.running.simulation.python_tools import tools_of
from tests.integration.agents.test_mcp_clients import ENVIRONMENTS, needs
from tests.integration.command_line import PATHS, dialgate
from tests.needed.extras import need

if TYPE_CHECKING:
    from pathlib import Path

need("pydantic", "types become schemas by pydantic")

MODULE = '''
from typing import Literal
from pydantic import BaseModel, Field

def refund(order_id: str, amount: float, reason: Literal["late", "broken"] = "late") -> str:
    """Pays back.

    To the card.
    """

class Mail(BaseModel):
    """Sends a mail."""
    to: str = Field(description="Who")

class Desk:
    async def close(self, ticket: int): ...

desk = Desk()
BOTH = [refund, {"name": "look", "description": "Looks.", "parameters": {"type": "object"}}]

def untyped(order): ...
def anything(**more): ...
def odd(context: "Desk"): ...
def unknown(context: "Nowhere"): ...
number = 7
class Breaks:
    @property
    def tools(self): raise RuntimeError("boom")
breaks = Breaks()
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "desk_tools_of_a_test.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pulled(*sources: str) -> dict[str, Any]:
    return {tool["name"]: tool for tool in pull_python_tools(sources)["tools"]}


def test_functions_models_methods_and_lists_become_tools(folder: Path) -> None:
    found = pulled("desk_tools_of_a_test:Mail,desk.close", "desk_tools_of_a_test.py:BOTH")
    assert list(found) == ["Mail", "close", "look", "refund"]
    refund = found["refund"]["inputSchema"]
    assert found["refund"]["description"] == "Pays back.\n\nTo the card."
    assert refund["required"] == ["order_id", "amount"]
    assert refund["properties"]["reason"]["enum"] == ["late", "broken"]
    assert found["Mail"]["inputSchema"]["properties"]["to"]["description"] == "Who"
    assert found["Mail"]["description"] == "Sends a mail."
    assert list(found["close"]["inputSchema"]["properties"]) == ["ticket"]


def test_every_object_that_is_no_tool_is_told_at_once(folder: Path) -> None:
    names = "untyped,anything,odd,unknown,number,breaks,refnd"
    with pytest.raises(ConfigurationError) as error:
        pull_python_tools([f"desk_tools_of_a_test:{names}"])
    found = [problem.found for problem in error.value.problems]
    assert len(found) == 7
    for said, expected in zip(
        found,
        ["order has no type", "takes any name", "no schema describes", "can't be read", "a int",
         "boom", 'Did you mean "refund"'],
        strict=True,
    ):  # fmt: skip
        assert expected in said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("desk_tools_of_a_test", "expected module:name"),
        (":refund", "expected module:name"),
        ("no_such_module_here:x", "can't be loaded: ModuleNotFoundError"),
        ("nowhere.py:x", "can't be loaded: FileNotFoundError"),
        ("exits.py:x", "can't be loaded: SystemExit"),
    ],
)
def test_what_cannot_be_loaded_is_said(folder: Path, source: str, said: str) -> None:
    (folder / "exits.py").write_text("raise SystemExit(0)")
    with pytest.raises(UsageError, match=said):
        pull_python_tools([source])


def test_the_same_name_twice_is_a_problem(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="a second time"):
        pull_python_tools(["desk_tools_of_a_test:refund,BOTH"])


def test_the_command_writes_the_file_and_leaves_an_equal_one_alone(folder: Path) -> None:
    arguments = ("tools", "pull", "--python", "desk_tools_of_a_test:refund")
    assert dialgate(*arguments, folder=folder).out == "wrote tools.json: 1 tool\n"
    assert dialgate(*arguments, folder=folder).out == "tools.json: 1 tool, unchanged\n"
    assert json.loads((folder / "tools.json").read_text())["tools"][0]["name"] == "refund"
    finished = dialgate("tools", "pull", folder=folder)
    assert (finished.code, "Name either --mcp" in finished.err) == (2, True)


class Declared:
    """What Google's ADK gives: a tool that declares its function."""

    name = "refund"

    def _get_declaration(self) -> Any:
        document = {"name": "refund", "description": "x", "parameters_json_schema": SCHEMA}
        return SimpleNamespace(model_dump=lambda **_: document)


SCHEMA = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}


@pytest.mark.parametrize(
    "tool",
    [
        Declared(),
        SimpleNamespace(name="refund", description="x", output_type="string", inputs={
            "id": {"type": "string"}}),  # smolagents
        SimpleNamespace(name="refund", description="x", input_schema=SCHEMA),  # Claude Agent SDK
        SimpleNamespace(name="refund", description="x", inputSchema=SCHEMA),  # MCP
        SimpleNamespace(name="refund", description="x", args_schema=SCHEMA),  # CrewAI
    ],
    ids=["adk", "smolagents", "claude", "mcp", "crewai"],
)  # fmt: skip
def test_tools_of_frameworks_that_no_environment_here_has(tool: Any) -> None:
    assert list(tools_of(tool)) == [{"name": "refund", "description": "x", "inputSchema": SCHEMA}]


def test_the_claude_sdks_short_form_names_types() -> None:
    tool = SimpleNamespace(name="refund", description="x", input_schema={"id": str, "n": int})
    (made,) = tools_of(tool)
    assert made["inputSchema"]["required"] == ["id", "n"]
    assert made["inputSchema"]["properties"]["n"]["type"] == "integer"


FUNCTION = '''
def refund(order_id: str, amount: float = 1.0) -> str:
    """Pays back."""
    return "ok"
'''

FRAMEWORKS = {
    "pydantic-ai": "from pydantic_ai import Agent, FunctionToolset, Tool\n"
    "FORMS = [Tool(refund), Agent('test', tools=[refund]), FunctionToolset([refund])]",
    "openai-agents": "from agents import Agent, function_tool\n"
    "FORMS = [function_tool(refund), Agent(name='a', tools=[function_tool(refund)])]",
    "langgraph": "from langchain_core.tools import tool\nFORMS = [tool(refund), [tool(refund)]]",
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in FRAMEWORKS])
def test_the_frameworks_own_objects(tmp_path: Path, name: str) -> None:
    (tmp_path / "shop.py").write_text(FUNCTION + FRAMEWORKS[name])
    script = tmp_path / "pull.py"
    script.write_text(
        "import json, sys\n"
        "sys.path[:0] = sys.argv[1].split(':') + ['.']\n"
        "sys.path.append(sys.argv[2])  # what dialgate itself needs, behind the framework's own\n"
        "import shop\n"
        "from dialgate_evals.running.simulation.python_tools import tools_of\n"
        "print(json.dumps([list(tools_of(form)) for form in shop.FORMS]))\n"
    )
    done = subprocess.run(
        [str(ENVIRONMENTS / name / "bin/python"), "-I", str(script), PATHS,
         sysconfig.get_path("purelib")],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    for (made,) in json.loads(done.stdout):
        assert (made["name"], made["description"]) == ("refund", "Pays back.")
        assert "order_id" in made["inputSchema"]["required"]
        assert made["inputSchema"]["properties"]["amount"]["type"] == "number"
