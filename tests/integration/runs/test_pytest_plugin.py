"""`pytest suites/…`: cases are items, with pytest's own ways of choosing and reporting them."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

import dialgate
from tests.integration import command_line
from tests.integration.command_line import PATHS, is_installed
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dialgate.pytest_suite.sessions import Sessions


pytest_plugins = ["pytester"]


def run_process(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A session of a process of its own, in which pytest finds dialgate as its user's does."""
    environment = {**os.environ, "PYTHONPATH": PATHS, "PYTEST_ADDOPTS": ""}
    environment.pop("PYTEST_XDIST_WORKER", None)
    plugin = [] if is_installed() else ["-p", "dialgate.plugin"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *arguments, "-q"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def last_run(folder: Path) -> dialgate.Run:
    return dialgate.load(max((folder / ".dialgate").glob("run-*")))


def trials(folder: Path) -> list[tuple[str, int, bool]]:
    frame = last_run(folder).trials
    return list(frame[["case_id", "trial", "passed"]].itertuples(index=False, name=None))


def test_each_case_is_an_item_with_a_stable_id(folder: Path, run_pytest: Sessions) -> None:
    done = run_pytest(folder, "--collect-only")
    ids = [line for line in done.outlines if "::" in line]
    assert len(ids) == 17
    assert "suites/my-agent/suite.toml::refund::my-agent-001" in ids
    assert "suites/my-agent/suite.toml::no_action::my-agent-016" in ids


def break_refunds(folder: Path) -> None:
    prompt = folder / "suites/my-agent/prompts/system.md"
    prompt.write_text(prompt.read_text().replace("50 USD", "500 USD"))


def test_a_failing_case_shows_what_differs_and_what_the_agent_did(folder: Path) -> None:
    break_refunds(folder)
    done = run_process(folder, "suites/my-agent")
    assert done.returncode == 1
    assert "2 failed, 15 passed" in done.stdout
    assert "forbidden in refund" in done.stdout
    assert "expected hand_over" in done.stdout
    assert "What the agent did:" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_last_failed_cases_run_again_alone_and_x_stops_at_the_first(
    folder: Path, run_pytest: Sessions
) -> None:
    break_refunds(folder)
    run_pytest(folder)
    again = run_pytest(folder, "--lf", "-x")
    assert "1 failed, 15 deselected" in again.stdout.str()


def test_two_workers_and_one_give_the_same_record_as_the_command(
    folder: Path, run_pytest: Sessions
) -> None:
    done = run_pytest(folder, "--junitxml", "j.xml").stdout.str()
    assert "17 passed" in done
    assert "17 trials on record in" in done
    root = ET.parse(folder / "j.xml").getroot()
    assert {case.get("name") for case in root.iter("testcase")} >= {"my-agent-001", "my-agent-017"}
    alone = trials(folder)
    loaded = last_run(folder).document["loaded"]
    assert "agent/my_agent.py" in loaded["files"]
    run_pytest(folder, "-n", "2")
    shared = trials(folder)
    assert last_run(folder).document["loaded"] == loaded
    command_line.dialgate("run", "suites/my-agent", folder=folder)
    assert last_run(folder).document["loaded"] == loaded
    assert sorted(alone) == sorted(shared) == sorted(trials(folder))
    assert len(alone) == 17


@pytest.mark.parametrize("isolation", ["process", "none"])
def test_two_suites_of_one_run_run_their_own_modules(
    isolation: str, tmp_path: Path, run_pytest: Sessions
) -> None:
    """Both agents are `agent:respond` in a package of the same name; only one refunds as asked."""
    for name, amount in (("right", 10), ("wrong", 11)):
        suite = RecordedSuite(tmp_path / name, refunds=1)
        suite.write(
            "agent.py",
            "from part import AMOUNT\n"
            "def respond(messages, tools, release):\n"
            "    case = messages[0]['content'].split()[-1].rstrip('.')\n"
            "    tools.call('refund', {'id': case, 'amount': AMOUNT})\n",
        )
        suite.write("part.py", f"AMOUNT = {amount}\n")
        text = (suite.folder / "suite.toml").read_text()
        agent = f'[agent]\nkind = "python"\ntarget = "agent:respond"\nisolation = "{isolation}"\n'
        suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    said = run_pytest(tmp_path, "-rA", suites=("right", "wrong")).outlines
    passed = [line for line in said if line.startswith("PASSED")]
    failed = [line for line in said if line.startswith("FAILED")]
    assert ["right/" in line for line in passed] == [True], said
    assert ["wrong/" in line for line in failed] == [True], said


def test_an_agent_that_cannot_be_loaded_fails_every_case_with_the_reason(
    folder: Path, run_pytest: Sessions
) -> None:
    (folder / "suites/my-agent/agent/my_agent.py").write_text("import nothing_of_that_name\n")
    done = run_pytest(folder)
    assert done.ret == 1
    assert "17 failed" in done.stdout.str()
    assert "nothing_of_that_name" in done.stdout.str()


def test_the_plugin_imports_nothing_of_dialgate_until_a_suite_is_collected(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(
        "import sys\n"
        "def test_x():\n"
        "    names = [n for n in sys.modules if n.startswith('dialgate_')]\n"
        "    assert names == []\n"
        "    assert 'dialgate.pytest_suite.pytest_items' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "dialgate.plugin", "-p", "no:cacheprovider"]
        if not is_installed()
        else [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "1 passed" in done.stdout, done.stdout
