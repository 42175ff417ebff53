"""Every recipe runs: its framework's own agent asks a model, calls tools, and is gated.

The gate passes the recipe as it stands, and fails it once its prompt allows too much. Three of them
run with the suite; `make outside` makes the environments of all, and runs all.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.records.run_reading import read_run_trajectories
from tests.integration.checkouts import git
from tests.integration.command_line import PROJECT, Finished, dialgate
from tests.outside.model_server import serving_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.outside.model_server import ModelServer

RECIPES = PROJECT / "examples/recipes"
PAGE = PROJECT / "docs/how-to/recipes.md"
MOST_LINES = 40
ENVIRONMENTS = (PROJECT / ".venv").resolve()
IS_OUTSIDE = bool(os.environ.get("DIALGATE_OUTSIDE"))
SHORT = {"pydantic-ai", "openai-agents", "langgraph"}
"""Run with the suite, in the environments of `make mcp-clients`."""
PYTHON = (*sorted(SHORT), "claude-agent-sdk", "crewai", "google-adk", "langchain", "smolagents")


@dataclass(frozen=True, kw_only=True)
class Project:
    """Somebody's project: the recipe, a workspace of `dialgate init`, and the model's address."""

    folder: Path
    model: ModelServer

    @property
    def suite(self) -> Path:
        return self.folder / "suites/shop"

    def dialgate(self, *words: str | Path) -> Finished:
        return dialgate(*words, folder=self.folder)

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with serving_model() as running:
        for name, value in running.variables.items():
            monkeypatch.setenv(name, value)
        yield running


def make_project(folder: Path, recipe: str, target: str, model: ModelServer) -> Project:
    shutil.copytree(RECIPES / recipe, folder, dirs_exist_ok=True)
    made = Project(folder=folder, model=model)
    found = made.dialgate("init", "--yes", "--name", "shop", "--target", target)
    assert found.code == 0, found.err
    made.replace("suites/shop/suite.toml", "timeout_s = 30", "timeout_s = 240")
    # Frameworks take their time beside another load: how long is not what is looked at here.
    made.replace("suites/shop/policy.toml", "latency_p95_ratio = 3.0\n", "")
    return made


def gate(project: Project, harmful: str, cases: int = 17) -> None:
    """A sound release passes; one that may refund ten times as much fails, and says in what."""
    sound = project.dialgate("check", "suites/shop")
    assert sound.code == 0, sound.out + sound.err
    assert f"{cases} of {cases} trials passed" in sound.out
    assert len(project.model.asked) >= 2 * cases, "the model was asked"
    for record in project.folder.glob(".dialgate/run-*"):
        said = {trial.messages[-1]["content"] for trial in read_run_trajectories(record)}
        assert "Done." in said, "the model's words are the agent's"
    git(project.folder, "init", "-q", "-b", "main")
    git(project.folder, "add", "-A")
    git(project.folder, "commit", "-q", "-m", "the agent and its suite")
    project.replace(harmful, "p to 50 USD", "p to 500 USD")
    worse = project.dialgate("check", "suites/shop")
    assert worse.code == 1, worse.out + worse.err
    assert worse.out.startswith("FAIL: this release is worse in refund")


@pytest.mark.parametrize("name", PYTHON)
def test_a_recipe_in_python_is_gated(name: str, tmp_path: Path, model: ModelServer) -> None:
    if name not in SHORT and not IS_OUTSIDE:
        pytest.skip("run by make outside")
    home = ENVIRONMENTS / ("mcp-clients" if name in SHORT else "outside") / name
    if not (home / "bin/python").exists():
        pytest.skip(f"the environment {name} is not there: make outside")
    project = make_project(tmp_path, name, "agent:respond", model)
    environment = f'workers = 1\ninterpreter = "{home}/bin/python"\n'
    project.replace("suites/shop/suite.toml", "[agent]\n", f"[agent]\n{environment}")
    gate(project, "agent.py")


def test_the_recipe_in_typescript_is_gated(tmp_path: Path, model: ModelServer) -> None:
    if not IS_OUTSIDE:
        pytest.skip("run by make outside")
    packages = ENVIRONMENTS / "outside/ai-sdk/node_modules"
    if shutil.which("node") is None or not packages.exists():
        pytest.skip("Node or the recipe's packages are not there: make outside")
    (tmp_path / "node_modules").symlink_to(packages)
    project = make_project(tmp_path, "ai-sdk", "node --import tsx agent.ts", model)
    project.replace("suites/shop/suite.toml", "[agent]\n", "[agent]\nworkers = 1\n")
    gate(project, "agent.ts")


@contextlib.contextmanager
def started(command: list[str], folder: Path, port: int) -> Iterator[None]:
    environment = {**os.environ, "PORT": str(port)}
    with subprocess.Popen(command, cwd=folder, env=environment) as process:
        try:
            wait_for(port, process)
            yield
        finally:
            process.kill()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody listens; a process that ends is not waited for."""
    while process.poll() is None:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    raise AssertionError("the server ended")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_the_recipe_over_plain_http_is_gated(tmp_path: Path, model: ModelServer) -> None:
    """Its server is started by hand, so what is gated is what dialgate sends: the prompt."""
    port = free_port()
    project = make_project(tmp_path, "plain-http", f"http://127.0.0.1:{port}/act", model)
    with started([sys.executable, "agent.py"], tmp_path, port):
        gate(project, "suites/shop/prompts/system.md")


NAMES = sorted(path.name for path in RECIPES.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_short_and_the_page_shows_it(name: str) -> None:
    (path,) = RECIPES.glob(f"{name}/agent.*")
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert f"\n{text}```" in PAGE.read_text("utf-8"), "DIALGATE_RENEW=1 writes it anew"


@pytest.fixture(scope="module", autouse=True)
def renewed_page() -> None:
    """With DIALGATE_RENEW=1: the page's code blocks become what the examples hold."""
    if not os.environ.get("DIALGATE_RENEW"):
        return
    text = PAGE.read_text("utf-8")
    for name in NAMES:
        (path,) = RECIPES.glob(f"{name}/agent.*")
        kind = {".py": "python", ".ts": "ts"}[path.suffix]
        head = f"<!-- {name} -->\n```{kind}\n"
        before, _, rest = text.partition(head)
        text = f"{before}{head}{path.read_text('utf-8')}```{rest.partition('```')[2]}"
    PAGE.write_text(text, "utf-8")


def test_what_runs_with_the_suite_is_what_the_recipe_names() -> None:
    for name in SHORT:
        wanted = set((RECIPES / name / "requirements.txt").read_text().split())
        there = (PROJECT / f"tests/integration/agents/mcp-clients/{name}.txt").read_text()
        for line in wanted:
            package, version = line.split("==")
            plain = package.partition("[")[0]
            assert re.search(rf"^{plain}(\[.*\])?=={re.escape(version)}$", there, re.MULTILINE)
