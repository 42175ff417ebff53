"""What init finds: read where it can be, absent where it can't, never a reason to fail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dialgate.scaffold.surroundings import FRAMEWORKS, Surroundings, look_around
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from pathlib import Path


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    assert look_around(tmp_path, {}) == Surroundings()
    assert look_around(tmp_path / "not there yet", {}) == Surroundings()


def test_a_project_says_its_name_framework_and_environment(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "shop_bot"\ndependencies = ["httpx", "Pydantic_AI[openai]>=1"]\n'
    )
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    (tmp_path / "src").mkdir()
    (tmp_path / ".gitlab-ci.yml").touch()
    found = look_around(tmp_path, {})
    assert (found.name, found.framework) == ("shop_bot", "pydantic-ai")
    assert (found.interpreter, found.has_source_folder, found.has_gitlab) == (
        ".venv/bin/python", True, True,
    )  # fmt: skip
    assert found.kind is AgentKind.PYTHON
    assert found.found == (
        "pyproject.toml: the project shop_bot",
        "pyproject.toml: pydantic-ai",
        ".venv: the project's environment",
    )


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_framework_is_known_also_to_poetry(tmp_path: Path, framework: str) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.poetry]\nname = "bot"\n[tool.poetry.dependencies]\n{framework} = "^1"\n'
    )
    assert look_around(tmp_path, {}).framework == framework


def test_a_package_of_node_and_mcp_servers_are_found(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "@shop/bot"}')
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor/mcp.json").write_text(json.dumps({"mcpServers": {"orders": {}, "b": {}}}))
    (tmp_path / ".mcp.json").write_text(json.dumps({"servers": {"mail": {}}}))
    found = look_around(tmp_path, {})
    assert (found.name, found.mcp_servers) == ("bot", ("mail", "orders", "b"))
    assert ".cursor/mcp.json: 2 MCP servers" in found.found


def test_an_endpoint_in_the_environment_suggests_chat(tmp_path: Path) -> None:
    found = look_around(tmp_path, {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"})
    assert (found.kind, found.base_url) == (AgentKind.CHAT, "http://127.0.0.1:11434/v1")


@pytest.mark.parametrize("url", ["", "ftp://x", 'http://x"\n[agent]', "http://a b", "javascript:1"])
def test_an_endpoint_that_is_none_is_none(tmp_path: Path, url: str) -> None:
    found = look_around(tmp_path, {"OPENAI_BASE_URL": url})
    assert (found.base_url, found.found, found.kind) == (None, (), AgentKind.PYTHON)


@pytest.mark.parametrize(
    "text",
    ["", "[project", "project = 3", '[project]\nname = "a b"', '[project]\nname = 3',
     '[project]\ndependencies = 3', '[project]\ndependencies = [3, ">"]', "\x00", "[" * 5_000],
)  # fmt: skip
def test_files_that_say_nothing_are_nothing(tmp_path: Path, text: str) -> None:
    for name in ("pyproject.toml", "package.json", ".mcp.json"):
        (tmp_path / name).write_text(text)
    assert look_around(tmp_path, {}) == Surroundings()
    (tmp_path / "mcp.json").mkdir()
    assert look_around(tmp_path, {}) == Surroundings()
