"""What the doctor says of a machine and of a suite."""

from __future__ import annotations

import socket
import tomllib
from typing import TYPE_CHECKING

import pytest

from dialgate.scaffold.doctor import extras, walls
from dialgate.scaffold.doctor.examination import examine
from dialgate.scaffold.doctor.finding import Finding, Patient, State
from dialgate_evals.running.containment.walls import NO_WALLS
from dialgate_evals.suite.workspace import load_workspace
from tests.integration.command_line import PROJECT
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


def of(check: str, found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.check == check]


def test_without_a_suite_only_the_machine_is_looked_at() -> None:
    found = list(examine(None))
    assert {finding.check for finding in found} == {"walls", "extras"}
    assert State.MEND not in {finding.state for finding in found}


def test_recorded_trajectories_are_unsealed_and_need_no_agent(tmp_path: Path) -> None:
    found = list(examine(RecordedSuite(tmp_path / "shop", refunds=2).folder))
    assert of("walls", found)[0].text.startswith("unsealed")
    assert of("walls", found)[0].state is State.NOTE
    assert of("agent", found)[0].state is State.OK


def test_a_policy_that_wants_it_sealed_makes_missing_walls_a_thing_to_mend(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    text = (suite.folder / "policy.toml").read_text()
    suite.write("policy.toml", text.replace("[gate]\n", "[gate]\nrequire_sealed = true\n", 1))
    assert of("walls", list(examine(suite.folder)))[0].state is State.MEND


def test_an_agent_that_cannot_be_loaded_is_to_be_mended(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    text = (suite.folder / "suite.toml").read_text()
    agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\nworkers = 1\n'
    suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    suite.write("agent.py", "import no_such_module\n")
    (broken,) = of("agent", list(examine(suite.folder)))
    assert broken.state is State.MEND
    assert "no_such_module" in broken.text
    suite.write("agent.py", "def respond(messages, tools, release):\n    return ''\n")
    (whole,) = of("agent", list(examine(suite.folder)))
    assert whole.state is State.OK


def test_an_extra_that_is_not_installed_says_how_it_would_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(extras.EXTRAS, "sign", ("no_such_module", "signed verdicts"))
    found = list(extras.check_extras(Patient()))
    (others,) = [item for item in found if item.state is State.NOTE]
    assert "sign, for signed verdicts" in others.text
    assert "sign" in others.mend
    assert others.mend.startswith('pip install "dialgate[')


def test_a_machine_without_walls_is_told_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "machine_walls", lambda: NO_WALLS)
    found = list(walls.check_walls(Patient()))
    assert found[0].text.startswith("unsealed")
    assert "bubblewrap" in found[-1].text
    assert found[-1].mend == "sudo apt-get install bubblewrap"


def agent_of(suite: RecordedSuite, text: str) -> list[Finding]:
    """What is found of an agent that suite.toml describes so."""
    whole = (suite.folder / "suite.toml").read_text()
    suite.write("suite.toml", whole[: whole.index("[agent]")] + "[agent]\n" + text)
    return [item for item in of("agent", list(examine(suite.folder))) if item.state is State.MEND]


@pytest.mark.parametrize(
    ("agent", "text", "mend"),
    [
        ('kind = "python"\ntarget = "mine.main:f"', "No module named", "[agent] pythonpath"),
        ('kind = "python"\ntarget = "agent:respond"', "No module named", "-m pip install no_such"),
        ('kind = "python"\ntarget = "a:f"\ninterpreter = ".v/bin/python"', "is not there",
         "python3 -m venv .v/bin/python"),
        ('kind = "command"\ncommand = ["no-such-command", "x y"]', "can't be started",
         "no-such-command 'x y'"),
        ('kind = "http"\nurl = "http://127.0.0.1:PORT/act"', "can't be reached",
         "start the agent, then: dialgate doctor"),
        ('kind = "chat"\nbase_url = "http://127.0.0.1:PORT/v1"', "can't be reached",
         "start the endpoint"),
        ('kind = "chat"\nbase_url = "http://127.0.0.1:PORT/v1"\napi_key_env = "NO_SUCH_KEY"',
         "is not set", "export NO_SUCH_KEY="),
        ('kind = "python"\ntarget = "there:f"', "No module named", 'pythonpath = [".."]'),
        ('kind = "python"\ntarget = "broken:f"', "IndentationError", "edit broken.py, line 2"),
        ('kind = "python"\ntarget = "keyed:f"\nenv = ["LANG"]', "SHOP_API_KEY",
         'env = ["LANG", "SHOP_API_KEY"], and: export SHOP_API_KEY='),
        ('kind = "python"\ntarget = "keyed:f"\nenv = ["SHOP_API_KEY"]', "SHOP_API_KEY",
         "export SHOP_API_KEY="),
    ],
    ids=["own module", "their module", "interpreter", "command", "http", "chat", "key",
         "module at the root", "syntax", "variable", "variable that is named"],
)  # fmt: skip
def test_why_an_agent_does_not_start_and_what_mends_it(
    tmp_path: Path, agent: str, text: str, mend: str
) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    suite.write("agent.py", "import no_such\n")
    suite.write("broken.py", "def f():\nreturn 1\n")
    suite.write("keyed.py", "import os\nos.environ['SHOP_API_KEY']\n")
    (tmp_path / "there.py").touch()
    (tmp_path / ".git").mkdir()
    with socket.socket() as taken:  # bound and not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        found = agent_of(suite, agent.replace("PORT", str(taken.getsockname()[1])) + "\n")
    assert text in found[0].text
    assert mend in found[0].mend


def test_an_endpoint_that_answers_is_said(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        assert agent_of(suite, f'kind = "chat"\nbase_url = "{url}"\n') == []


def test_an_extra_that_the_suite_needs_is_to_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    whole = (suite.folder / "suite.toml").read_text()
    chat = '[agent]\nkind = "chat"\nbase_url = "http://127.0.0.1:9/v1"\n'
    suite.write("suite.toml", whole[: whole.index("[agent]")] + chat)
    monkeypatch.setitem(extras.EXTRAS, "chat", ("no_such_module", "agents of the kind chat"))
    patient = Patient(folder=suite.folder, workspace=load_workspace(suite.folder))
    found = [item for item in extras.check_extras(patient) if item.state is State.MEND]
    assert [item.mend for item in found] == ['pip install "dialgate[chat]"']


def test_every_extra_of_the_package_is_known() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(extras.EXTRAS) == set(project["optional-dependencies"]) - {"dev", "mutants"}


def test_a_judge_without_its_key_or_its_endpoint_is_to_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", "x")
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    with socket.socket() as listening, socket.socket() as taken:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        taken.bind(("127.0.0.1", 0))
        tables = [
            f'[judge.{name}]\nbase_url = "http://127.0.0.1:{port.getsockname()[1]}/v1"\n'
            f'model = "m-1"\napi_key_env = "{key}"\n'
            for name, port, key in (
                ("well", listening, "SOME_KEY"),
                ("away", taken, "SOME_KEY"),
                ("keyless", listening, "NO_SUCH_KEY"),
            )
        ]
        suite.write("judge.toml", "schema = 1\n" + "".join(tables))
        found = of("judge", list(examine(suite.folder)))
    assert [item.state for item in found] == [State.OK, State.MEND, State.MEND]
    assert "can't be reached" in found[1].text
    assert found[1].mend.endswith("correct [judge.away] base_url in judge.toml")
    assert found[2].mend == "export NO_SUCH_KEY=…"
