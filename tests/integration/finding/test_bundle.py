"""`dialgate bundle` and `dialgate replay`: a failure goes to a place without its suite."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.agents.dresses.servers import answer_as_agent, answer_as_model, serving
from tests.integration.command_line import PATHS, PROJECT, dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


def test_the_examples_failure_comes_back_elsewhere_and_is_gone_once_mended(tmp_path: Path) -> None:
    here = tmp_path / "here"
    for name in ("suites", "golden"):
        shutil.copytree(PROJECT / name, here / name)
    suite = "suites/support-desk"
    none = dialgate("bundle", suite, "sd-0007", folder=here)
    assert none.code == 2
    assert "there is no failure to bundle" in none.err
    assert dialgate("run", suite, "--case", "sd-0007", folder=here).code == 0
    secret = {"SHOP_API_KEY": "The scratched lid"[4:]}
    done = dialgate("bundle", suite, "sd-0007", folder=here, **secret)
    assert done.code == 0, done.err
    there = tmp_path / "there"
    shutil.move(here / ".dialgate" / "bundle-sd-0007", there)
    shutil.rmtree(here)
    back = dialgate("replay", there, "--json", "r.json", folder=tmp_path)
    assert back.code == 1, back.err
    assert json.loads((tmp_path / "r.json").read_text())["failed_by"] == ["wrong_arguments"]
    everything = b"".join(path.read_bytes() for path in there.rglob("*") if path.is_file())
    assert b"scratched lid" not in everything
    (there / "case.jsonl").write_bytes(b"{}\n")
    assert dialgate("replay", there, folder=tmp_path).code == 2


@pytest.mark.parametrize("kind", ["python", "command"])
def test_a_scaffolded_agents_failure_comes_back(tmp_path: Path, kind: str) -> None:
    shop = tmp_path / "shop"
    assert dialgate("init", shop, "--yes", "--kind", kind, folder=tmp_path).code == 0
    prompt = shop / "suites" / "my-agent" / "prompts" / "system.md"
    prompt.write_text(prompt.read_text().replace("up to 50 USD", "up to 5000 USD"))
    case = "my-agent-006"  # a refund over the limit, which is for a person
    assert dialgate("run", "suites/my-agent", "--case", case, folder=shop).code == 0
    done = dialgate("bundle", "suites/my-agent", case, "--to", tmp_path / "b", folder=shop)
    assert done.code == 0, done.err
    shutil.rmtree(shop)
    assert dialgate("replay", "b", folder=tmp_path).code == 1


def test_recorded_trials_are_judged_again(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    suite.record("2", {suite.case_ids[0]: []})
    done = dialgate("bundle", "shop", suite.case_ids[0], "--to", "b", folder=tmp_path)
    assert done.code == 0, done.err
    shutil.rmtree(suite.folder)
    assert dialgate("replay", "b", folder=tmp_path).code == 1


def a_desk(folder: Path) -> tuple[Path, Any]:
    """A copy of the booking desk that never gives more than 20 back, and its agent."""
    desk = folder / "desk"
    shutil.copytree(PROJECT / "examples" / "booking-desk", desk)
    code = desk / "desk.py"
    wrong = code.read_text().replace('found["deposit"]', '20 if found["deposit"] else 0')
    assert wrong != code.read_text()
    code.write_text(wrong)
    names: dict[str, Any] = {}
    exec(compile(wrong, "desk.py", "exec"), names)
    return desk, names["respond"]


AGENT = '[agent]\nkind = "python"\ntarget = "desk:respond"\n'


@pytest.mark.parametrize("kind", ["python", "http", "chat"])
def test_a_conversation_in_a_world_fails_again_behind_each_way_of_reaching_its_agent(
    tmp_path: Path, kind: str
) -> None:
    """Its user and its simulator are in the bundle; an endpoint is not, and is named."""
    desk, respond = a_desk(tmp_path)
    with ExitStack() as stack:
        text = (desk / "suite.toml").read_text()
        assert AGENT in text
        if kind != "python":
            if kind == "chat":
                pytest.importorskip("openai", reason='the extra "chat" is not installed')
            answer = answer_as_agent if kind == "http" else answer_as_model
            url = stack.enter_context(serving(answer(plainly(respond))))
            key = f'url = "{url}"' if kind == "http" else f'base_url = "{url}/v1"'
            (desk / "suite.toml").write_text(
                text.replace(AGENT, f'[agent]\nkind = "{kind}"\n{key}\n')
            )
        assert dialgate("run", "desk", "--case", "bd-03", folder=tmp_path).code == 0
        done = dialgate("bundle", "desk", "bd-03", "--to", "b", folder=tmp_path)
        assert done.code == 0, done.err
        shutil.rmtree(desk)
        back = dialgate("replay", "b", "--json", "r.json", folder=tmp_path)
        assert back.code == 1, back.err
        assert json.loads((tmp_path / "r.json").read_text())["came_back"] is True
    if kind != "python":
        gone = dialgate("replay", "b", folder=tmp_path)
        assert gone.code == 4, gone.out
        assert f"the endpoint {url}" in " ".join(gone.err.split())


def plainly(respond: Any) -> Any:
    """The desk's agent as one that says what its reply is and what it used."""

    async def answered(messages: Any, tools: Any, release: Any) -> dict[str, Any]:
        reply = await respond(messages, tools, release)
        return {"reply": reply, "usage": {"input_tokens": 1, "output_tokens": 1}}

    return answered


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_an_agent_in_node_fails_again_with_what_it_requires(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    agent = (PROJECT / "examples/agents/node/agent.js").read_text()
    suite.write("agent.js", agent.replace("amount: 10", 'amount: require("./lib/amount.js")'))
    suite.write("lib/amount.js", "module.exports = 99;\n")
    text = (suite.folder / "suite.toml").read_text()
    table = '[agent]\nkind = "command"\ncommand = ["node", "agent.js"]\n'
    suite.write("suite.toml", text[: text.index("[agent]")] + table)
    assert dialgate("run", "shop", folder=tmp_path).code == 0
    done = dialgate("bundle", "shop", suite.case_ids[0], "--to", "b", folder=tmp_path)
    assert done.code == 0, done.err
    shutil.rmtree(suite.folder)
    back = dialgate("replay", "b", folder=tmp_path)
    assert back.code == 1, back.err


def _alone() -> list[str]:
    """What starts a process without a network, where this machine lets us."""
    command = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None:
        return []
    can = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if can else []


def test_a_bundle_replays_with_an_empty_home_and_no_network(tmp_path: Path) -> None:
    desk, _ = a_desk(tmp_path)
    assert dialgate("run", "desk", "--case", "bd-03", folder=tmp_path).code == 0
    bundled = dialgate("bundle", "desk", "bd-03", "--to", "b", "--budget", "0", folder=tmp_path)
    assert bundled.code == 0, bundled.err
    shutil.rmtree(desk)
    shutil.rmtree(tmp_path / ".dialgate")
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [*_alone(), sys.executable, "-m", "dialgate", "replay", str(tmp_path / "b")],
        cwd=home,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert "the failure came back" in done.stdout
    assert list(home.iterdir()) == []
