"""Changes that would move, feed or weaken their judge, one for each kind of path, key and process.

What each leads to stands in the table: a change of the judge (which fails without its label), a
refusal (exit 2), or nothing but a run with it. None of them needs an agent to be run.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from dialgate.check.check_inputs import read_inputs
from dialgate_evals.errors import ConfigurationError, DialgateError, UsageError
from tests.dialgate.check.surveyed import ANNS_KEY, CASES, GOLDEN, SUITE, Desk, a_case
from tests.integration.checkouts import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Attack = "Callable[[Desk], None]"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk.make(tmp_path_factory.mktemp("base") / "desk")


@pytest.fixture
def desk(base: Desk, tmp_path: Path) -> Desk:
    return base.copy_to(tmp_path / "desk")


def setting(name: str, old: str, new: str) -> Callable[[Desk], None]:
    return lambda desk: desk.setting(name, old, new)


def agent_key(line: str) -> Callable[[Desk], None]:
    return setting("suite.toml", 'kind = "python"', f'kind = "python"\n{line}')


def track(name: str, text: str = "x") -> Callable[[Desk], None]:
    return lambda desk: desk.track(name, text)


def remove(name: str) -> Callable[[Desk], None]:
    return lambda desk: (desk.folder / name).unlink()


def link(name: str, target: str) -> Callable[[Desk], None]:
    def attack(desk: Desk) -> None:
        path = desk.folder / name
        if path.exists():
            path.unlink()
        path.symlink_to(target)
        git(desk.folder, "add", "-f", name)

    return attack


def gitlink(name: str) -> Callable[[Desk], None]:
    """A submodule of which only the commit's name is known, as a checkout leaves it."""

    def attack(desk: Desk) -> None:
        entry = f"160000,{'0123456789' * 4},{name}"
        git(desk.folder, "update-index", "--add", "--cacheinfo", entry)
        git(desk.folder, "commit", "-q", "-m", "change")
        (desk.folder / name).mkdir(parents=True)

    return attack


def name_that_is_no_text(desk: Desk) -> None:
    (desk.suite / "\udcff.json").write_text("x", "utf-8")
    git(desk.folder, "add", "-A")


def policy_that_is_ignored(desk: Desk) -> None:
    desk.write(".gitignore", "*.toml\n")
    desk.setting("policy.toml", "margin = 0.05", "margin = 0.5")


def cases_in_the_code(desk: Desk) -> None:
    """A hard link: git holds a copy, and the agent is run with it."""
    path = desk.suite / "agent" / "limits.json"
    path.unlink()
    path.hardlink_to(desk.folder / GOLDEN / "cases.jsonl")


def cases(*edited: dict[str, object]) -> Callable[[Desk], None]:
    return lambda desk: desk.write_cases(list(edited))


def edited(**expect: object) -> dict[str, object]:
    return a_case("c-1", expect={**CASES[0]["expect"], **expect})


JUDGES = 'schema = 1\n[judge.mine]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "yes-1"\n'

CHANGES_OF_THE_JUDGE: dict[str, tuple[Callable[[Desk], None], str]] = {
    # suite.toml, key by key
    "another target": (setting("suite.toml", "main:respond", "main:other"), "agent.target"),
    "no process of its own": (agent_key('isolation = "none"'), "agent.isolation"),
    "another interpreter": (agent_key('interpreter = "python3"'), "agent.interpreter"),
    "another way to reach it": (
        setting("suite.toml", 'kind = "python"', 'kind = "http"\nurl = "http://127.0.0.1:1/"'),
        "agent.kind",
    ),
    "variables of the environment": (agent_key('env = ["GITHUB_TOKEN"]'), "agent.env"),
    "a file of variables": (agent_key('env_file = ".env"'), "agent.env_file"),
    "files of the checkout": (agent_key('needs = ["secrets/"]'), "agent.needs"),
    "the network": (agent_key('network = "loopback"'), "agent.network"),
    "folders of modules": (agent_key('pythonpath = ["../../lib"]'), "agent.pythonpath"),
    "the working folder": (agent_key('working_folder = "../.."'), "agent.working_folder"),
    "memory": (agent_key("memory_mb = 64"), "agent.memory_mb"),
    "tools over MCP": (agent_key("mcp = true"), "agent.mcp"),
    "fewer trials": (setting("suite.toml", "trials = 2", "trials = 1"), "lowers trials"),
    "more errors": (setting("suite.toml", "rate = 0.02", "rate = 0.5"), "max_infra_error_rate"),
    "a time limit": (setting("suite.toml", "trials = 2", "trials = 2\ntimeout_s = 1"), "timeout_s"),
    "no retries": (setting("suite.toml", "trials = 2", "trials = 2\nretries = 0"), "retries"),
    "deterministic": (
        setting("suite.toml", "trials = 2", "trials = 2\ndeterministic = true"),
        "declares the agent deterministic",
    ),
    "prices": (
        setting("suite.toml", "[agent]", "[prices]\ninput = 0\noutput = 0\n[agent]"),
        "prices.input",
    ),
    "what is redacted": (
        setting("suite.toml", "[agent]", '[redact]\npatterns = ["pay"]\n[agent]'),
        "redact.patterns",
    ),
    "secrets": (setting("suite.toml", "[agent]", '[secrets]\nenv = ["A"]\n[agent]'), "secrets.env"),
    "where trials are shared": (
        setting("suite.toml", "[agent]", '[cache]\nurl = "file:/tmp/x"\n[agent]'),
        "cache.url",
    ),
    "reads of real tools": (
        setting("suite.toml", "[agent]", '[tools]\nrecord_missing = ["look"]\n[agent]'),
        "tools.record_missing",
    ),
    "a quarantine": (
        lambda desk: desk.write(
            f"{SUITE}/suite.toml",
            (desk.suite / "suite.toml").read_text()
            + '[[quarantine]]\ncase = "c-1"\nowner = "e"\nreason = "r"\nuntil = 2999-01-01\n',
        ),
        "quarantines the case c-1",
    ),
    # policy.toml
    "a wider margin": (setting("policy.toml", "margin = 0.05", "margin = 0.5"), "margin"),
    "inconclusive passes": (setting("policy.toml", '"block"', '"allow"'), "inconclusive"),
    "another label": (
        setting("policy.toml", '["suite-change"]', '["suite-change", "runbook-change"]'),
        "adds the label",
    ),
    "fewer fresh trials": (
        setting("policy.toml", "confirm_trials = 4", "confirm_trials = 0"),
        "confirm_trials",
    ),
    "less to spend": (
        setting("policy.toml", "max_agent_calls = 100", "max_agent_calls = 9"),
        "max_agent_calls",
    ),
    "no money": (
        setting("policy.toml", "confirm_trials = 4", "confirm_trials = 4\nmax_cost_usd = 0.1"),
        "max_cost_usd",
    ),
    "a lower rung": (setting("policy.toml", "eval_success = 0.9", "eval_success = 0.1"), "ladder"),
    # actions.toml
    "read only": (
        setting("actions.toml", 'effect = "write"', 'effect = "read"'),
        "to be read only",
    ),
    "an escalation": (
        setting("actions.toml", 'effect = "write"', 'effect = "escalate"'),
        "changes the effect of pay",
    ),
    "reversible": (
        setting("actions.toml", "reversible = false", "reversible = true"),
        "reversible",
    ),
    "arguments that don't count": (
        lambda desk: desk.write(
            f"{SUITE}/actions.toml",
            (desk.suite / "actions.toml").read_text() + '[arguments.pay]\n"/amount" = "ignore"\n',
        ),
        "compares the arguments of pay",
    ),
    # cases
    "a case is gone from the critical ones": (
        cases(a_case("c-1", critical=False), CASES[1]),
        "takes back the mark critical",
    ),
    "nothing is forbidden": (cases(edited(forbid=[]), CASES[1]), "takes out what is forbidden"),
    "no check of the reply": (cases(edited(reply={}), CASES[1]), "a check of the reply"),
    "another way out": (cases(edited(alternatives=[[]]), CASES[1]), "adds an alternative"),
    # release.toml
    "prompts that are cases": (
        setting("release.toml", '"prompts/*.md"', '"prompts/*.md", "../../golden/desk/*.jsonl"'),
        "names golden/desk/cases.jsonl",
    ),
    "code that is the policy": (
        setting("release.toml", '"agent/*.py"', '"agent/*.py", "*.toml"'),
        "names suites/desk/policy.toml",
    ),
    "code that is let go": (
        setting("release.toml", '"agent/*.py"', '"agent/__init__.py"'),
        "no longer names suites/desk/agent/main.py",
    ),
    # paths
    "a named baseline": (
        track(f"{SUITE}/baseline.toml", 'schema = 1\nref = "x"\n'),
        "baseline.toml",
    ),
    "a judge of replies": (track(f"{SUITE}/judge.toml", JUDGES), "judge.toml"),
    "data beside the suite": (track(f"{SUITE}/world.json"), "adds world.json"),
    "data beside the cases": (track(f"{GOLDEN}/world.json"), "adds world.json"),
    "a suite in the suite": (
        track(f"{SUITE}/inner/suite.toml", 'schema = 1\nname = "x"\n'),
        "adds suite.toml",
    ),
    "another spelling": (track(f"{SUITE}/Policy.toml"), "adds Policy.toml"),
    "another spelling of the suite": (track(f"{SUITE}/SUITE.TOML"), "adds SUITE.TOML"),
    "a width that is folded": (track(f"{SUITE}/ｐolicy.toml"), "adds ｐolicy.toml"),
    "another spelling of the suite's folder": (
        track("Suites/Desk/new.toml"),
        "adds new.toml",
    ),
    "another spelling of the cases' folder": (
        track("GOLDEN/desk/cases.jsonl", "{}\n"),
        "adds cases.jsonl",
    ),
    "letters that look alike": (track(f"{SUITE}/poli\u0441y.toml"), "adds poli\u0441y.toml"),
    "a mark behind a name": (track(f"{SUITE}/policy.toml\u0301"), "adds policy.toml"),
    "a space without width": (track(f"{SUITE}/policy\u200b.toml"), "adds policy\u200b.toml"),
    "a name that is an option": (track(f"{SUITE}/--baseline"), "adds --baseline"),
    "a name of two lines": (track(f"{SUITE}/a\n::error::b"), "adds a\n::error::b"),
    "a name that is no text": (name_that_is_no_text, "adds \udcff.json"),
    "a repository in the suite": (gitlink(f"{SUITE}/inner"), "a link or a submodule"),
    "a repository in the code": (gitlink(f"{SUITE}/agent/inner"), "a link or a submodule"),
    "a repository of cases": (gitlink(f"{GOLDEN}/more"), "a link or a submodule"),
    "cases linked into the code": (
        link(f"{SUITE}/agent/lib", "../../../golden/desk"),
        "a link or a submodule",
    ),
    "planted trials in the suite": (track(f"{SUITE}/.dialgate/cache/x"), "adds x"),
    "a start of Python in the suite": (track(f"{SUITE}/sitecustomize.py"), "sitecustomize.py"),
    "tests' configuration in the suite": (track(f"{SUITE}/conftest.py"), "adds conftest.py"),
    "a project in the suite": (track(f"{SUITE}/pyproject.toml"), "adds pyproject.toml"),
    "modules from outside": (agent_key('pythonpath = ["../../../x"]'), "agent.pythonpath"),
    "the cases as what it needs": (agent_key('needs = ["../../golden"]'), "agent.needs"),
    "a policy that git is told to pass over": (
        policy_that_is_ignored,
        "raises gate.default.margin",
    ),
    "a linked policy": (link(f"{SUITE}/policy.toml", "agent/p.toml"), ""),
    "linked data in the suite": (link(f"{SUITE}/world", "../../golden"), "a link or a submodule"),
    "a prompt that is a link to a case": (
        link(f"{SUITE}/prompts/system.md", "../../../golden/desk/cases.jsonl"),
        "a link or a submodule",
    ),
    # runbook, owners, dial
    "no kill switch": (
        setting("runbook.toml", '[kill_switch]\nrun = "stop"\ntested_at = 2026-10-30\n', ""),
        "runbook-change: runbook.toml kill_switch.run",
    ),
    "a kill switch that does nothing": (setting("runbook.toml", '"stop"', '"true"'), "kill_switch"),
    "no owner": (setting("runbook.toml", 'product_owner = "Ann"\n', ""), "owners.product_owner"),
    "another owner": (setting("runbook.toml", '"Ann"', '"Eve"'), "owners.product_owner"),
    "no compensation": (
        setting("runbook.toml", '[compensation."pay"]\ntool = "look"\ncase = "c-1"\n', ""),
        "compensation.pay",
    ),
    "no rollback": (setting("runbook.toml", '[rollback]\nrelease = "main"\n', ""), "rollback"),
    "no runbook": (remove(f"{SUITE}/runbook.toml"), "runbook-change: suites/desk/runbook.toml"),
    "no owners": (remove(f"{SUITE}/owners.toml"), "runbook-change: owners.toml"),
    "another's key": (
        setting("owners.toml", f'"{ANNS_KEY}"', f'"{ANNS_KEY}", "{ANNS_KEY}EVE"'),
        "person.ann.keys",
    ),
    "one who left comes back": (
        setting("owners.toml", '"ann@example.org"', '"ann@example.org"\nleft = 2030-01-01'),
        "person.ann.left",
    ),
    "a mode without the ledger": (
        lambda desk: desk.write(
            f"{SUITE}/dial.toml",
            'schema = 1\n[class."pay"]\nmode = "on_the_loop"\nsince = 2026-11-01T09:00:00Z\n'
            'by = "Eve"\n',
        ),
        "runbook-change: dial.toml: moves pay without the ledger",
    ),
    "a ledger that is none": (track(f"{SUITE}/ledger.jsonl", "{}\n"), "breaks the chain"),
}


def suite_behind_a_link(desk: Desk) -> None:
    desk.suite.rename(desk.folder / "copy")
    desk.suite.symlink_to("../copy")


def folder_above_behind_a_link(desk: Desk) -> None:
    (desk.folder / "suites").rename(desk.folder / "others")
    (desk.folder / "suites").symlink_to("others")


def suite_with_a_repository(desk: Desk) -> None:
    git(desk.suite, "init", "-q", "-b", "main")


def suite_under_another_name(desk: Desk) -> None:
    desk.setting("suite.toml", 'name = "desk"', 'name = "other"')
    desk.suite.rename(desk.folder / "suites" / "x")


def tag_of_the_bases_name(desk: Desk) -> None:
    desk.write("README.md", "x")
    desk.commit("change")
    git(desk.folder, "tag", "main")


REFUSED: dict[str, tuple[Callable[[Desk], None], str]] = {
    "the suite is a link": (suite_behind_a_link, "is a link now"),
    "the folder above is a link": (folder_above_behind_a_link, "is a link now"),
    "the suite is a repository": (suite_with_a_repository, "is a repository of its own now"),
    "a tag of the base's name": (tag_of_the_bases_name, "names several things"),
    "the suite is emptied": (remove(f"{SUITE}/suite.toml"), ""),
    "a case of the same id": (
        lambda desk: desk.track(
            f"{GOLDEN}/more.jsonl", json.dumps(a_case("c-1", critical=False)) + "\n"
        ),
        "a second time",
    ),
    "the cases are gone from the globs": (
        setting("suite.toml", "desk/*.jsonl", "desk/none*.jsonl"),
        "matches no file",
    ),
    "tools that are cases": (link(f"{SUITE}/tools.json", f"../../{GOLDEN}/cases.jsonl"), "JSON"),
    "code from outside": (setting("release.toml", '"agent/*.py"', '"/etc/hostname"'), "no file"),
    "a file of the suite is broken": (track(f"{SUITE}/owners.toml", "= 1"), "owners.toml"),
}

RUN_WITH: dict[str, tuple[Callable[[Desk], None], str]] = {
    "data that the code reads": (
        lambda desk: desk.write(f"{SUITE}/agent/limits.json", '{"most": 100}'),
        f"{SUITE}/agent/limits.json",
    ),
    "data elsewhere": (lambda desk: desk.write("lib/shared.json", "[]"), "lib/shared.json"),
    "a module beside the code": (
        track(f"{SUITE}/agent/json/__init__.py"),
        f"{SUITE}/agent/json/__init__.py",
    ),
    "an executable file": (
        lambda desk: (desk.suite / "agent" / "limits.json").chmod(0o755),
        f"{SUITE}/agent/limits.json",
    ),
    "words beside the code": (
        track(f"{SUITE}/agent/rules.md"),
        f"{SUITE}/agent/rules.md",
    ),
    "words elsewhere": (track("docs/answers.md"), "docs/answers.md"),
    "submodules": (
        track(".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = ./x\n'),
        ".gitmodules",
    ),
    "a customised start": (track("sitecustomize.py"), "sitecustomize.py"),
    "a test's configuration": (track("conftest.py"), "conftest.py"),
    "a lock file": (track("requirements.txt"), "requirements.txt"),
    "a path file": (track("evil.pth", "import os\n"), "evil.pth"),
    "a user's start of Python": (track("usercustomize.py"), "usercustomize.py"),
    "a project": (track("pyproject.toml", "[tool.dialgate]\n"), "pyproject.toml"),
    "kept bytecode": (
        track(f"{SUITE}/agent/__pycache__/main.cpython-311.pyc"),
        f"{SUITE}/agent/__pycache__/main.cpython-311.pyc",
    ),
    "variables for a shell": (track(".env", "BASH_ENV=./evil\n"), ".env"),
    "a repository elsewhere": (gitlink("vendor"), "vendor"),
    "planted trials": (track(".dialgate/cache/x"), ".dialgate/cache/x"),
    "a planted record": (track(".dialgate/run-0/run.json", "{}"), ".dialgate/run-0/run.json"),
    "a submodule's command": (
        track(".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = ext::x\n\tupdate = !x\n'),
        ".gitmodules",
    ),
    "cases under the code's name": (cases_in_the_code, f"{SUITE}/agent/limits.json"),
}

HARMLESS: dict[str, Callable[[Desk], None]] = {
    "a sentence of the prompt": lambda desk: desk.write(f"{SUITE}/prompts/system.md", "Be fair.\n"),
    "another prompt": track(f"{SUITE}/prompts/more.md", "Be quick.\n"),
    "the agent's code": lambda desk: desk.write(f"{SUITE}/agent/main.py", "# other\n"),
    "a new module of the agent": track(f"{SUITE}/agent/more.py", "x = 1\n"),
    "another model": setting("release.toml", "m-2026-01-01", "m-2026-02-02"),
    "a new release file": track(f"{SUITE}/releases/next.toml", "schema = 1\n"),
    "a tool's words": lambda desk: desk.replace(
        f"{SUITE}/tools.json", '"description": "pay"', '"description": "pays"'
    ),
    "a new case": cases(*CASES, a_case("c-3")),
    "a case file more": lambda desk: desk.track(
        f"{GOLDEN}/more.jsonl", json.dumps(a_case("c-9")) + "\n"
    ),
    "a case that asks for more": cases(edited(forbid=[{"name": "look"}, {"name": "x"}]), CASES[1]),
    "more trials": setting("suite.toml", "trials = 2", "trials = 3"),
    "fewer errors": setting("suite.toml", "rate = 0.02", "rate = 0.01"),
    "a default that is spelled out": setting("suite.toml", "trials = 2", "trials = 2\nretries = 2"),
    "more at once": setting("suite.toml", "trials = 2", "trials = 2\nconcurrency = 99"),
    "more workers": agent_key("workers = 3"),
    "a narrower margin": setting("policy.toml", "margin = 0.05", "margin = 0.01"),
    "more to spend": setting("policy.toml", "max_agent_calls = 100", "max_agent_calls = 200"),
    "a seal": setting(
        "policy.toml", "confirm_trials = 4", "confirm_trials = 4\nrequire_sealed = true"
    ),
    "attributes": track(".gitattributes", "* text eol=crlf\n"),
    "attributes that filter": track(
        ".gitattributes",
        "policy.toml export-ignore working-tree-encoding=UTF-16\n*.jsonl filter=evil ident\n",
    ),
    "a case that says it is a reviewer's": cases(
        a_case("c-1", origin="reviewer", source={"event": "e-1"}), CASES[1]
    ),
    "a workflow": track(".github/workflows/ci.yml"),
    "words about the suite": lambda desk: desk.write(f"{SUITE}/README.md", "# The desk\n"),
    "words about the cases": track(f"{GOLDEN}/README.md", "# Cases\n"),
    "an owner more": setting(
        "runbook.toml", "[owners]\n", '[owners]\nevaluation_engineer = "Bo"\n'
    ),
    "a person more": lambda desk: desk.write(
        f"{SUITE}/owners.toml",
        (desk.suite / "owners.toml").read_text() + '[person.bo]\nmail = "bo@example.org"\n',
    ),
    "a review that found nothing to change": lambda desk: desk.write(
        f"{SUITE}/owners.toml",
        (desk.suite / "owners.toml").read_text()
        + '[reviewed.policy]\nat = 2026-11-01\nby = "ann"\n',
    ),
    "an untracked scratch file": lambda desk: desk.write(f"{SUITE}/notes.txt", "x"),
}


@pytest.mark.parametrize("name", CHANGES_OF_THE_JUDGE)
def test_a_change_of_the_judge_is_listed(name: str, desk: Desk) -> None:
    attack, expected = CHANGES_OF_THE_JUDGE[name]
    try:
        attack(desk)
        found = desk.found()
    except ConfigurationError:
        # A suite that can't be read is exit 2: it never comes to a verdict.
        assert expected == ""
        return
    assert any(expected in line for line in found), found


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_base_can_judge_is_refused(name: str, desk: Desk) -> None:
    attack, expected = REFUSED[name]
    attack(desk)
    with pytest.raises(DialgateError, match=expected or None) as caught:
        desk.found()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", RUN_WITH)
def test_what_the_agent_may_read_is_run_with(name: str, desk: Desk) -> None:
    attack, expected = RUN_WITH[name]
    attack(desk)
    survey = desk.survey()
    assert [item.sentence for item in survey.changes] == []
    assert expected in survey.run_with
    assert survey.candidate.get(expected) == survey.head.get(expected)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_a_rule_shows_to_be_harmless_is_no_change_of_the_judge(name: str, desk: Desk) -> None:
    HARMLESS[name](desk)
    assert desk.found(release=None) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://api.example.org/v1", "https://eve.example.net/v1"),
        ('api_key_env = "MODEL_KEY"', 'api_key_env = "AWS_SECRET_ACCESS_KEY"'),
    ],
)
def test_where_a_key_goes_is_the_bases_to_say(old: str, new: str, tmp_path: Path) -> None:
    text = Desk.make(tmp_path / "plain").folder.joinpath(f"{SUITE}/suite.toml").read_text()
    chat = 'kind = "chat"\nbase_url = "https://api.example.org/v1"\napi_key_env = "MODEL_KEY"\n'
    text = text.replace('kind = "python"\ntarget = "agent.main:respond"\n', chat)
    desk = Desk.make(tmp_path / "desk", {f"{SUITE}/suite.toml": text})
    desk.setting("suite.toml", old, new)
    (found,) = desk.found()
    assert "agent.base_url" in found or "agent.api_key_env" in found


@pytest.mark.parametrize("key", ["interpreter", "env_file"])
@pytest.mark.parametrize("way", ["file", "folder is a link"])
def test_what_comes_from_outside_must_not_be_tracked(key: str, way: str, tmp_path: Path) -> None:
    suite = f"{SUITE}/suite.toml"
    text = Desk.make(tmp_path / "plain").folder.joinpath(suite).read_text()
    named = text.replace('kind = "python"', f'kind = "python"\n{key} = ".venv/bin/x"')
    desk = Desk.make(tmp_path / "desk", {suite: named})
    if way == "file":
        desk.track(f"{SUITE}/.venv/bin/x", "#!/bin/sh\n")
    else:
        (desk.folder / ".venv").symlink_to("suites/desk/agent")
        git(desk.folder, "add", "-f", ".venv")
    with pytest.raises(UsageError, match="which is in the repository"):
        desk.survey()


@pytest.mark.parametrize("named", [True, False], ids=["named baseline", "default base"])
def test_a_suite_that_was_moved_and_renamed_is_no_first_release(named: bool, desk: Desk) -> None:
    suite_under_another_name(desk)
    with pytest.raises(UsageError, match=r"does not hold the suite|is new, and the change takes"):
        read_inputs(
            desk.folder / "suites" / "x",
            release=None,
            baseline="main" if named else None,
            allow=(),
            today=dt.date(2026, 11, 1),
        )


def test_labels_that_are_none_are_refused_whatever_a_policy_names(desk: Desk) -> None:
    with pytest.raises(UsageError, match="there is no such label"):
        read_inputs(
            desk.suite,
            release=None,
            baseline="main",
            allow=("policy-change",),
            today=dt.date(2026, 11, 1),
        )


def test_a_simulator_and_what_it_may_read_are_the_judges(tmp_path: Path) -> None:
    files = {f"{SUITE}/sim.py": "class World: ...\n", f"{SUITE}/world.json": "{}"}
    plain = Desk.make(tmp_path / "plain")
    text = (plain.suite / "suite.toml").read_text()
    files[f"{SUITE}/suite.toml"] = text.replace(
        "[agent]", '[tools]\nsimulator = "sim.py:World"\n[agent]'
    )
    desk = Desk.make(tmp_path / "desk", files)
    desk.write(f"{SUITE}/sim.py", "class World: pass\n")
    desk.write(f"{SUITE}/world.json", "[]")
    desk.write(f"{SUITE}/agent/limits.json", "[]")
    found = desk.found()
    assert any("edits the simulator" in line for line in found)
    assert any("edits world.json" in line for line in found)
    assert any("edits limits.json" in line for line in found)


def test_the_candidate_has_the_bases_judge_whatever_the_change_did(desk: Desk) -> None:
    desk.setting("policy.toml", "margin = 0.05", "margin = 0.5")
    desk.track(f"{SUITE}/world.json", "{}")
    desk.write_cases([CASES[0]])
    desk.write(f"{SUITE}/agent/main.py", "# harm\n")
    survey = desk.survey()
    judged = (f"{SUITE}/policy.toml", f"{GOLDEN}/cases.jsonl", f"{SUITE}/world.json")
    base = {name: survey.head.get(name) for name in judged}
    assert all(survey.candidate.get(name) != base[name] for name in judged)
    assert survey.candidate[f"{SUITE}/agent/main.py"] == survey.head[f"{SUITE}/agent/main.py"]
    assert survey.tree_for({"suite-change"}) == survey.head
