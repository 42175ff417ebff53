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
from tests.dialgate.check.changes_of_the_judge import (
    CHANGES_OF_THE_JUDGE,
    agent_key,
    cases,
    cases_in_the_code,
    edited,
    gitlink,
    link,
    remove,
    setting,
    track,
)
from tests.dialgate.check.surveyed import CASES, FILES, GOLDEN, SUITE, Desk, a_case
from tests.integration.checkouts import bring_as_files, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk.make(tmp_path_factory.mktemp("base") / "desk")
    git(desk.folder, "gc", "-q")  # one pack is copied sooner than a folder for each object
    return desk


@pytest.fixture
def desk(base: Desk, tmp_path: Path) -> Desk:
    return base.copy_to(tmp_path / "desk")


def suite_behind_a_link(desk: Desk) -> None:
    desk.suite.rename(desk.folder / "copy")
    desk.suite.symlink_to("../copy")


def folder_above_behind_a_link(desk: Desk) -> None:
    (desk.folder / "suites").rename(desk.folder / "others")
    (desk.folder / "suites").symlink_to("others")


def suite_with_a_repository(desk: Desk) -> None:
    git(desk.suite, "init", "-q", "-b", "main")


def suite_with_a_repository_among_its_files(desk: Desk) -> None:
    bring_as_files(desk.suite)
    desk.commit("change")


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
    "the suite's files are a repository": (
        suite_with_a_repository_among_its_files,
        "without a working tree",
    ),
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
    text = FILES[f"{SUITE}/suite.toml"]
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
    named = FILES[suite].replace('kind = "python"', f'kind = "python"\n{key} = ".venv/bin/x"')
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
    files[f"{SUITE}/suite.toml"] = FILES[f"{SUITE}/suite.toml"].replace(
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
