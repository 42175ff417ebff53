"""A scaffold of any kind and name lints clean, runs as it is, and touches nothing else."""

from __future__ import annotations

import datetime as dt
import json
import shlex
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.changes.linting import lint_suite
from dialgate.scaffold.choices import WorkspaceChoices, make_choices
from dialgate.scaffold.scaffold import scaffold
from dialgate.scaffold.surroundings import Surroundings
from dialgate_evals.errors import UsageError
from dialgate_evals.files.schema_validation import file_schema
from dialgate_evals.suite.suite import AgentKind
from tests.integration.command_line import dialgate

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2026, 11, 1)


def choices_of(kind: AgentKind, target: str | None = None) -> WorkspaceChoices:
    made = make_choices(Surroundings(), name="shop-bot", kind=kind.value, ask=None, is_import=False)
    return made if target is None else WorkspaceChoices(name="shop-bot", kind=kind, target=target)


@pytest.mark.parametrize("kind", list(AgentKind))
def test_every_kind_lints_clean_under_its_own_name(tmp_path: Path, kind: AgentKind) -> None:
    written = scaffold(tmp_path, choices_of(kind))
    assert lint_suite(tmp_path / "suites/shop-bot", TODAY) == []
    assert [path for path in written if "my-agent" in str(path)] == []
    for path in written:
        assert "my-agent" not in path.read_text("utf-8")


@pytest.mark.parametrize("kind", [AgentKind.PYTHON, AgentKind.COMMAND, AgentKind.TRANSCRIPT])
def test_the_scaffolds_own_agent_passes_every_case(tmp_path: Path, kind: AgentKind) -> None:
    scaffold(tmp_path, choices_of(kind))
    found = dialgate("run", "suites/shop-bot", folder=tmp_path)
    assert found.code == 0, found.err
    assert "17 of 17 trials passed" in found.out


def test_the_scaffolds_server_passes_every_case(tmp_path: Path) -> None:
    scaffold(tmp_path, choices_of(AgentKind.HTTP))
    folder = tmp_path / "suites/shop-bot/agent"
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import server\n"
        "made = server.ThreadingHTTPServer(('127.0.0.1', 0), server.Agent)\n"
        "print(made.server_port, flush=True); made.serve_forever()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        suite = tmp_path / "suites/shop-bot/suite.toml"
        suite.write_text(suite.read_text("utf-8").replace(":8000/", f":{port}/"), "utf-8")
        found = dialgate("run", "suites/shop-bot", folder=tmp_path)
        process.kill()
    assert "17 of 17 trials passed" in found.out, found.err


@pytest.mark.parametrize(
    ("kind", "target", "more"),
    [
        (AgentKind.PYTHON, "shop.main:respond", {}),
        (AgentKind.PYTHON, "shop.main:respond",
         {"has_source_folder": True, "interpreter": ".venv/bin/python"}),
        (AgentKind.COMMAND, "node 'my agent.js' --x", {}),
        (AgentKind.HTTP, "https://agent.example/act", {}),
        (AgentKind.CHAT, "http://127.0.0.1:11434/v1", {}),
    ],
)  # fmt: skip
def test_an_agent_of_ones_own_is_named_and_the_scaffolds_left_out(
    tmp_path: Path, kind: AgentKind, target: str, more: dict[str, Any]
) -> None:
    scaffold(tmp_path, choices_of(kind, target), Surroundings(**more))
    folder = tmp_path / "suites/shop-bot"
    assert not (folder / "agent").exists()
    assert [str(p) for p in lint_suite(folder, TODAY) if p.severity == "error"] == []
    agent = tomllib.loads((folder / "suite.toml").read_text("utf-8"))["agent"]
    named = agent.get("target") or agent.get("url") or agent.get("base_url") or agent["command"]
    words = shlex.split(target) if kind is AgentKind.COMMAND else target
    assert named == words
    assert agent.get("interpreter") == more.get("interpreter")


def test_a_suites_files_are_never_touched_and_a_teams_are_left_as_they_are(tmp_path: Path) -> None:
    owners = tmp_path / ".github/CODEOWNERS"
    owners.parent.mkdir()
    owners.write_text("* @us\n")
    written = scaffold(tmp_path)
    assert owners not in written
    assert owners.read_text() == "* @us\n"
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match="Nothing was written"):
        scaffold(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_five_roles_own_the_files_and_editors_know_the_schemas(tmp_path: Path) -> None:
    scaffold(tmp_path)
    owners = (tmp_path / ".github/CODEOWNERS").read_text("utf-8")
    assert len({word for word in owners.split() if word.startswith("@")}) == 5
    for rule in tomllib.loads((tmp_path / ".taplo.toml").read_text("utf-8"))["rule"]:
        (glob,) = rule["include"]
        assert list(tmp_path.glob(glob)), glob
        schema = json.loads((tmp_path / rule["schema"]["path"]).read_text("utf-8"))
        assert schema["$id"].startswith("urn:dialgate:schema:1:")
    settings = json.loads((tmp_path / ".vscode/settings.json").read_text("utf-8"))
    (tools,) = settings["json.schemas"]
    assert json.loads((tmp_path / tools["url"]).read_text("utf-8")) == file_schema("tools")


def test_another_ci_has_no_workflow_of_github(tmp_path: Path) -> None:
    scaffold(tmp_path, around=Surroundings(has_gitlab=True))
    assert not (tmp_path / ".github/workflows").exists()


def test_the_command_takes_what_it_finds_and_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "desk"\ndependencies = ["langgraph"]\n'
    )
    found = dialgate("init", folder=tmp_path)
    assert found.code == 0, found.err
    assert "found pyproject.toml: langgraph" in found.out
    assert "call your langgraph agent there" in found.out
    assert found.out.endswith("Now try: dialgate check suites/desk\n")


def test_from_logs_a_whole_workspace_is_made(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(
        json.dumps({"messages": [{"role": "user", "content": "Hi."},
                                 {"role": "assistant", "content": "Hello."}]}) + "\n"
    )  # fmt: skip
    found = dialgate("init", "--from", "log.jsonl", "--name", "desk", folder=tmp_path)
    assert found.code == 0, found.err
    assert (tmp_path / "suites/desk/cases.jsonl").is_file()
    assert (tmp_path / ".github/CODEOWNERS").is_file()
    assert "dialgate accept suites/desk" in found.out
    both = dialgate("init", "--from", "log.jsonl", "--kind", "http", folder=tmp_path)
    assert both.code == 2
