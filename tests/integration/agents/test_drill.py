"""`dialgate drill` on the example desk: a planted defect is shown, and what is mended passes."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.agents.dresses.servers import (
    answer_as_agent,
    answer_as_model,
    serving,
    the_desk_s_agent,
)
from tests.integration.checkouts import git
from tests.integration.command_line import PROJECT, Finished, dialgate

DESK = "suites/support-desk"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    for name in ("suites", "golden"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(
            PROJECT / name / "support-desk", tmp_path / name / "support-desk", ignore=ignored
        )
    command = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", "key.pem"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    public = subprocess.run(
        ["openssl", "pkey", "-in", "key.pem", "-pubout"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    owners = tmp_path / DESK / "owners.toml"
    team = 'teams = ["@dialgate/reliability-engineers"]\n'
    text = owners.read_text("utf-8")
    owners.write_text(text.replace(team, f"{team}keys = ['''{public}''']\n"), "utf-8")
    return tmp_path


def drill(desk: Path, kind: str = "kill-switch", *more: str) -> Finished:
    return dialgate("drill", kind, DESK, "--json", "-", *more, folder=desk)


def replace(desk: Path, name: str, old: str, new: str) -> None:
    path = desk / DESK / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_queue_that_drains_on_is_shown_and_once_mended_the_drill_holds(desk: Path) -> None:
    looks = "if name not in READS and is_paused():"
    drains = "if name not in READS and not tools:"  # looks at nothing: what is queued goes out
    replace(desk, "agent/outbox.py", looks, drains)
    broken = drill(desk, "kill-switch", "--key", "key.pem")
    assert broken.code == 1, broken.err
    said = broken.verdict()["predicate"]
    assert said["held"] is False
    assert said["figures"]["calls_accepted_after"] > 0
    assert "was accepted" in said["findings"][0]
    replace(desk, "agent/outbox.py", drains, looks)
    mended = drill(desk, "kill-switch", "--key", "key.pem")
    assert mended.code == 0, mended.err
    figures = mended.verdict()["predicate"]["figures"]
    assert figures["calls_accepted_after"] == figures["lost"] == 0
    assert figures["quarantined"] == figures["trials_in_flight"] > 1
    assert figures["trials_begun_after"] > 0


def test_an_agent_of_another_language_is_held_by_its_first_call_too(tmp_path: Path) -> None:
    """Over JSON-RPC; the scaffold's agent knows of no switch, and goes on."""
    made = dialgate("init", "--yes", "--name", "desk", "--kind", "command", folder=tmp_path)
    assert made.code == 0, made.err
    with (tmp_path / "suites/desk/runbook.toml").open("a") as file:
        file.write('[kill_switch]\nrun = "stop"\ndrill = "touch {folder}/paused"\n')
    arguments = ("drill", "kill-switch", "suites/desk", "--json", "-")
    done = dialgate(*arguments, folder=tmp_path)
    assert done.code == 1, done.err
    figures = done.verdict()["predicate"]["figures"]
    assert figures["calls_accepted_after"] > 0
    assert figures["went_on"] + figures["finished"] == figures["trials_in_flight"] > 0


def test_work_that_is_dropped_is_lost(desk: Path) -> None:
    replace(desk, "agent/outbox.py", "        quarantine(name, arguments)\n", "")
    done = drill(desk)
    assert done.code == 1
    assert done.verdict()["predicate"]["figures"]["lost"] > 0
    assert not (desk / DESK / "drills").exists()


def test_without_a_switch_nothing_is_pulled(desk: Path) -> None:
    replace(desk, "runbook.toml", 'drill = "touch {folder}/paused"', "")
    done = drill(desk)
    assert done.code == 2
    assert "no kill_switch.drill" in " ".join(done.err.split())


def test_the_run_itself_is_pulled_only_live(desk: Path) -> None:
    replace(desk, "runbook.toml", "deskctl agent pause --quarantine-in-flight", "touch pulled")
    assert drill(desk).code == 0
    assert not (desk / DESK / "pulled").exists()
    live = drill(desk, "kill-switch", "--live")
    assert (desk / DESK / "pulled").exists()
    assert live.code == 1  # the agent does not look there
    assert live.verdict()["predicate"]["live"] is True
    assert drill(desk, "rollback", "--live").code == 2


def test_a_switch_that_cant_be_started_did_not_hold(desk: Path) -> None:
    replace(desk, "runbook.toml", "touch {folder}/paused", "no-such-program")
    done = drill(desk)
    assert done.code == 1
    assert "exit code 127" in " ".join(done.err.split())


def test_actions_are_taken_back_by_the_cases_that_the_runbook_names(desk: Path) -> None:
    done = drill(desk, "compensation")
    assert done.code == 0, done.err
    replace(desk, "runbook.toml", 'tool = "reopen_ticket"', 'tool = "close_ticket"')
    other = drill(desk, "compensation")
    assert other.code == 1
    assert "expects no call of close_ticket" in " ".join(other.err.split())


def test_the_ref_is_run_and_one_that_is_none_refused(desk: Path) -> None:
    (desk / ".gitignore").write_text(".dialgate\n*.pem\n__pycache__\n")
    git(desk, "init", "-q", "-b", "main")
    git(desk, "add", "-A")
    git(desk, "commit", "-q", "-m", "desk")
    done = drill(desk, "rollback", "--key", "key.pem")
    assert done.code == 0, done.err
    assert done.verdict()["predicate"]["figures"]["trials"] == 80
    replace(desk, "runbook.toml", 'release = "main"', 'release = "v9"')
    assert drill(desk, "rollback").code == 2


PULL = (
    "import sys, urllib.request as r; "
    "r.urlopen(r.Request(sys.argv[1], ('{' + chr(34) + 'pause' + chr(34) + ': ' + chr(34) + "
    "sys.argv[2] + chr(34) + '}').encode(), method='POST'))"
)


def reach_by(desk: Path, agent: str, switch: str = "touch {folder}/paused") -> None:
    """Another way to the desk's agent, and the switch that pauses it there."""
    path = desk / DESK / "suite.toml"
    text = path.read_text("utf-8")
    path.write_text(f"{text[: text.index('[agent]')]}[agent]\n{agent}", "utf-8")
    runbook = desk / DESK / "runbook.toml"
    said = "touch {folder}/paused"
    runbook.write_text(runbook.read_text("utf-8").replace(json.dumps(said), json.dumps(switch)))


@pytest.mark.parametrize("looks", [True, False], ids=["it looks", "it drains on"])
def test_an_agent_behind_http_is_paused_by_an_endpoint_of_its_own(
    desk: Path, looks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dialgate starts no such agent, so no variable reaches it: the switch tells it the folder."""
    told: list[Path] = []

    def held(name: str, arguments: Any) -> None:
        line = json.dumps({"name": name, "arguments": arguments}) + "\n"
        with (told[-1] / "quarantine.jsonl").open("a") as file:
            file.write(line)

    with the_desk_s_agent() as agent:
        monkeypatch.setattr(agent.outbox, "is_paused", lambda: looks and bool(told))
        monkeypatch.setattr(agent.outbox, "quarantine", held)
        answer = answer_as_agent(agent.support_desk.respond)

        def served(document: Any) -> Any:
            return told.append(Path(document["pause"])) if "pause" in document else answer(document)

        with serving(served) as url:
            switch = shlex.join([sys.executable, "-c", PULL, url]) + " {folder}"
            reach_by(desk, f'kind = "http"\nurl = "{url}"\n', switch)
            done = drill(desk, "kill-switch", "--key", "key.pem")
    figures = done.verdict()["predicate"]["figures"]
    assert len(told) == 1, "the drill pulls it once"
    assert done.code == (0 if looks else 1), done.err
    assert (figures["calls_accepted_after"] == 0) is looks
    assert figures["trials_in_flight"] > 1


def test_a_chat_agent_has_no_switch_and_takes_actions_back(desk: Path) -> None:
    """Its loop is dialgate's own: there is nothing of the agent's to pause."""
    pytest.importorskip("openai", reason='the extra "chat" is not installed')
    with the_desk_s_agent() as agent, serving(answer_as_model(agent.support_desk.respond)) as url:
        reach_by(desk, f'kind = "chat"\nbase_url = "{url}/v1"\n')
        refused = drill(desk)
        done = drill(desk, "compensation")
    assert refused.code == 2
    assert "of kind python, command or http" in " ".join(refused.err.split())
    assert done.code == 0, done.err
    assert done.verdict()["predicate"]["figures"]["classes"] == 2


class TestReadiness:
    """A signed drill opens a mode; a declared day, another code or another switch does not."""

    def promote(self, desk: Path) -> Finished:
        """As far as readiness goes: there is no recommendation."""
        evidence = {"schema": 1, "graduation": []}
        (desk / "e.json").write_text(json.dumps(evidence))
        return dialgate(
            "dial", "set", DESK, "ticket.reply", "on_the_loop", "--by", "mara", folder=desk
        )

    def test_a_declared_day_opens_nothing(self, desk: Path) -> None:
        assert "is declared, and no drill shows it" in self.promote(desk).err

    def test_a_drill_counts_until_code_or_switch_change(self, desk: Path) -> None:
        assert drill(desk, "kill-switch", "--key", "key.pem").code == 0
        assert "kill-switch" not in self.promote(desk).err
        replace(desk, "runbook.toml", "touch {folder}/paused", "touch  {folder}/paused")
        assert "runbook.toml says another thing now" in self.promote(desk).err
        replace(desk, "runbook.toml", "touch  {folder}/paused", "touch {folder}/paused")
        replace(desk, "agent/outbox.py", "import json\n", "import json\n\n")
        assert "the release's code is another one now" in self.promote(desk).err

    def test_a_key_that_the_change_registers_signs_no_drill(self, desk: Path) -> None:
        """The key stands in owners.toml of the working tree, and not in that of main."""
        text = (desk / DESK / "owners.toml").read_text("utf-8")
        shutil.copy(PROJECT / DESK / "owners.toml", desk / DESK / "owners.toml")
        (desk / ".gitignore").write_text("*.pem\n*.json\n__pycache__\n.dialgate\n")
        git(desk, "init", "-q", "-b", "main")
        git(desk, "add", "-A")
        git(desk, "commit", "-q", "-m", "desk")
        git(desk, "checkout", "-q", "-b", "change")
        (desk / DESK / "owners.toml").write_text(text, "utf-8")
        assert drill(desk, "kill-switch", "--key", "key.pem").code == 0
        assert "nobody whose signature counts signed it" in self.promote(desk).err

    def test_a_drill_that_was_edited_or_signed_by_another_shows_nothing(self, desk: Path) -> None:
        assert drill(desk, "kill-switch", "--key", "key.pem").code == 0
        replace(desk, "owners.toml", "keys = ['''", "teams2 = ['''".replace("teams2", "keys"))
        path = desk / DESK / "drills/kill-switch.json"
        document = json.loads(path.read_text())
        document["payload"] = document["payload"][:-8] + "AAAAAA=="
        path.write_text(json.dumps(document))
        assert "no drill shows it" in self.promote(desk).err
