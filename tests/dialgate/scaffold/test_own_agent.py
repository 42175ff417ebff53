"""A recorded suite gets its own agent by one command, which changes nothing that a person wrote."""

from __future__ import annotations

import shutil
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases.imported_suite import ImportRequest, import_suite
from dialgate.scaffold.module_places import code_globs, folder_of
from tests.evals.importing.imports import a_call, answer, calls, lines, user
from tests.integration.command_line import Finished, dialgate

if TYPE_CHECKING:
    from pathlib import Path

AGENT = """
async def respond(messages, tools, release):
    await tools.call("refund", {"id": messages[-1]["content"].split()[-1]})
    return "Done."
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an agent and an imported suite."""
    prompt = {"role": "system", "content": "Be kind."}
    said = [
        [prompt, user(f"Refund R-{i}"), calls(a_call("refund", {"id": f"R-{i}"})), answer("ok")]
        for i in range(3)
    ]
    log = lines(tmp_path / "log.jsonl", *({"messages": messages} for messages in said))
    suite = tmp_path / "suites/shop"
    import_suite(ImportRequest(sources=(log,), format=None, out=suite))
    actions = suite / "actions.toml"
    kept = [line for line in actions.read_text().splitlines() if not line.startswith("proposed")]
    actions.write_text("\n".join(kept) + "\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/shop_agent.py").write_text(AGENT)
    return tmp_path


def init(project: Path, *more: str) -> Finished:
    return dialgate("init", "--yes", "--name", "shop", *more, folder=project)


def toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def test_the_agent_runs_on_the_recorded_cases(project: Path) -> None:
    before = toml(project / "suites/shop/suite.toml")
    found = init(project, "--target", "shop_agent:respond")
    assert found.code == 0, found.err
    suite = toml(project / "suites/shop/suite.toml")
    agent = suite.pop("agent")
    assert suite == {key: value for key, value in before.items() if key != "agent"}
    assert (agent["kind"], agent["target"]) == ("python", "shop_agent:respond")
    assert agent["pythonpath"] == ["../../src"]
    release = toml(project / "suites/shop/release.toml")
    assert (release["version"], release["code"]) == ("1", ["../../src/shop_agent.py"])
    assert release["prompts"] == ["prompts/system.md"]
    assert "# As it was recorded." in (project / "suites/shop/release.toml").read_text()
    owners = (project / ".github/CODEOWNERS").read_text()
    assert "/suites/shop/cases.jsonl" in owners
    assert "3 of 3 trials passed" in dialgate("run", "suites/shop", folder=project).out


def test_the_suite_that_waits_for_an_agent_gets_it_whatever_the_folder_is_called(
    project: Path,
) -> None:
    found = dialgate("init", "--yes", "--target", "shop_agent:respond", folder=project)
    assert found.code == 0, found.err
    assert [path.name for path in (project / "suites").iterdir()] == ["shop"]
    assert toml(project / "suites/shop/suite.toml")["agent"]["target"] == "shop_agent:respond"


def test_where_several_suites_wait_one_has_to_be_named(project: Path) -> None:
    shutil.copytree(project / "suites/shop", project / "suites/desk")
    found = dialgate("init", "--yes", "--target", "shop_agent:respond", folder=project)
    assert found.code == 2
    assert "suites/desk and suites/shop have no agent yet: say with --name" in found.err


def test_an_agent_that_is_named_already_is_left_alone(project: Path) -> None:
    init(project, "--target", "shop_agent:respond")
    before = (project / "suites/shop/suite.toml").read_bytes()
    found = init(project, "--target", "other:respond")
    assert found.code == 2
    assert "change [agent] there" in found.err
    assert (project / "suites/shop/suite.toml").read_bytes() == before


def test_a_model_is_named_by_its_endpoint(project: Path) -> None:
    assert init(project, "--target", "http://127.0.0.1:9/v1").code == 0
    assert toml(project / "suites/shop/suite.toml")["agent"]["kind"] == "chat"
    assert toml(project / "suites/shop/release.toml")["model"]["provider"] == "openai"


def test_packages_of_node_are_needed_by_both_releases(project: Path) -> None:
    (project / "node_modules").mkdir()
    assert init(project, "--target", "node agent.mjs").code == 0
    agent = toml(project / "suites/shop/suite.toml")["agent"]
    assert agent["needs"] == ["../../node_modules"]


def test_comments_and_other_tables_stay(project: Path) -> None:
    path = project / "suites/shop/suite.toml"
    path.write_text("# mine\n" + path.read_text() + "\n[holdout]\nshare = 0.2 # a fifth\n")
    assert init(project, "--target", "node agent.mjs").code == 0
    text = path.read_text()
    assert text.startswith("# mine\n")
    assert "[holdout]\nshare = 0.2 # a fifth\n" in text
    assert toml(path)["agent"]["command"] == ["node", "agent.mjs"]


@pytest.mark.parametrize(
    ("files", "target", "folder", "code"),
    [
        (["shop.py"], "shop:f", "", ["../../shop.py"]),
        (["src/shop/a.py"], "shop.a:f", "src/", ["../../src/shop/**/*.py"]),
        (["app/shop.py"], "shop:f", "app/", ["../../app/shop.py"]),
        (["shop.txt"], "shop:f", None, []),
        (["shop.py"], "../shop:f", None, []),
        (["shop.py"], "node shop.js", None, []),
        (["a/shop.js", "x.js"], "node --import tsx a/shop.js ../x.js", None, ["../../a/shop.js"]),
    ],
)
def test_where_a_module_lies(
    tmp_path: Path, files: list[str], target: str, folder: str | None, code: list[str]
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert folder_of(tmp_path, target) == folder
    assert code_globs(tmp_path, target) == code
