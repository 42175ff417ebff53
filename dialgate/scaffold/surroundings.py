"""What is there already: a project's name, its agent framework, MCP servers, an endpoint.

Reads files and variables, runs and changes nothing; what it can't read it takes for absent.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

DEFAULT_NAME = "my-agent"
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
FRAMEWORKS = (
    "pydantic-ai", "pydantic-ai-slim", "openai-agents", "langgraph", "langchain",
    "claude-agent-sdk", "google-adk", "crewai", "smolagents", "llama-index", "autogen-agentchat",
)  # fmt: skip
MODEL_VARIABLES = (
    "OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL",
    "GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_ENDPOINT", "MISTRAL_API_KEY", "GROQ_API_KEY", "OPENROUTER_API_KEY", "HF_TOKEN",
)  # fmt: skip
"""By which agents reach their models; only the names of those that are set are ever used."""
_MCP_FILES = (".mcp.json", "mcp.json", ".cursor/mcp.json", ".vscode/mcp.json")
_MOST_BYTES = 2**20
_DEPENDENCY = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a project says of itself."""

    name: str = DEFAULT_NAME
    found: tuple[str, ...] = ()
    # a sentence for each thing that was found, with the file or variable
    framework: str | None = None
    mcp_servers: tuple[str, ...] = ()
    base_url: str | None = None
    # of an OpenAI-compatible endpoint
    interpreter: str | None = None
    # of the project's own environment, from its root
    variables: tuple[str, ...] = ()
    # those of MODEL_VARIABLES that are set
    has_source_folder: bool = False
    # src/
    has_gitlab: bool = False

    @property
    def kind(self) -> AgentKind:
        """How an agent would most likely be reached here."""
        if self.framework is None and self.base_url is not None:
            return AgentKind.CHAT
        return AgentKind.PYTHON


def look_around(directory: Path, environment: Mapping[str, str]) -> Surroundings:
    """What there is in the directory and in the environment."""
    found: list[str] = []
    project = _toml(directory / "pyproject.toml")
    table = _table(project.get("project")) or _table(_table(project.get("tool")).get("poetry"))
    framework = next(iter(_frameworks(table)), None)
    name = _plain(table.get("name"))
    if name is not None:
        found.append(f"pyproject.toml: the project {name}")
    if framework is not None:
        found.append(f"pyproject.toml: {framework}")
    package = _json(directory / "package.json")
    if name is None and (name := _plain(package.get("name"))) is not None:
        found.append(f"package.json: the package {name}")
    servers = tuple(_mcp_servers(directory, found))
    base_url = environment.get("OPENAI_BASE_URL") or None
    if base_url is not None and re.fullmatch(r"https?://[^\s\"\\]+", base_url):
        found.append("OPENAI_BASE_URL: an endpoint")
    else:
        base_url = None
    interpreter = ".venv/bin/python" if (directory / ".venv/bin/python").exists() else None
    if interpreter is not None:
        found.append(".venv: the project's environment")
    return Surroundings(
        name=name or DEFAULT_NAME,
        found=tuple(found),
        framework=framework,
        mcp_servers=servers,
        base_url=base_url,
        interpreter=interpreter,
        variables=tuple(name for name in MODEL_VARIABLES if environment.get(name)),
        has_source_folder=(directory / "src").is_dir(),
        has_gitlab=(directory / ".gitlab-ci.yml").exists(),
    )


def _frameworks(project: Mapping[str, Any]) -> Iterator[str]:
    """Known frameworks among the dependencies, in the order of the list."""
    listed = project.get("dependencies")
    names: set[str] = set()
    if isinstance(listed, dict):  # poetry's
        names = {str(name).lower() for name in listed}
    for item in listed if isinstance(listed, list) else ():
        match = _DEPENDENCY.match(item) if isinstance(item, str) else None
        if match is not None:
            names.add(match[0].lower().replace("_", "-"))
    yield from (name for name in FRAMEWORKS if name in names)


def _mcp_servers(directory: Path, found: list[str]) -> Iterator[str]:
    for name in _MCP_FILES:
        document = _json(directory / name)
        servers = _table(document.get("mcpServers")) or _table(document.get("servers"))
        if servers:
            found.append(f"{name}: {len(servers)} MCP server{'s' if len(servers) > 1 else ''}")
            yield from (str(server) for server in servers)


def _plain(name: object) -> str | None:
    """A project's name as a suite may bear it; a scope is left out."""
    last = name.rpartition("/")[2] if isinstance(name, str) else ""
    return last if PLAIN_NAME.fullmatch(last) else None


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read(path))
    except ValueError:
        return {}


def _json(path: Path) -> dict[str, Any]:
    try:
        return _table(json.loads(_read(path)))
    except (ValueError, RecursionError):
        return {}


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8")
    except OSError as error:
        raise ValueError(str(error)) from None
