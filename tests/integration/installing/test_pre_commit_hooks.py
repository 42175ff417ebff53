"""The hooks of .pre-commit-hooks.yaml, run by git itself at a commit."""

from __future__ import annotations

import re
import shlex
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.integration.checkouts import Checkout, git
from tests.integration.command_line import PATHS, PROJECT, dialgate
from tests.integration.installing.warm_commands import warm_dialgate

if TYPE_CHECKING:
    from pathlib import Path

SUITE = "suites/my-agent"


def entries() -> dict[str, list[str]]:
    """Each hook's id and command; the file is plain enough to be read line by line."""
    text = (PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8")
    pairs = re.findall(r"^- id: (\S+)$.*?^  entry: (.+?)$", text, re.MULTILINE | re.DOTALL)
    return {name: shlex.split(entry) for name, entry in pairs}


@pytest.fixture(scope="module")
def scaffold(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A workspace with the hooks of a person who has installed pre-commit."""
    found = Checkout(tmp_path_factory.mktemp("scaffold") / "work")
    lines = ["#!/bin/sh", "set -e", f"export PYTHONPATH={shlex.quote(PATHS)}"]
    for program, *options in entries().values():
        assert program == "dialgate"
        lines.append(f"{warm_dialgate()} {shlex.join(options)}")
    hook = found.folder / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("\n".join([*lines, ""]))
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    return found


@pytest.fixture
def checkout(scaffold: Checkout, tmp_path: Path) -> Checkout:
    return scaffold.copy_to(tmp_path / "work")


def commit(checkout: Checkout, *options: str) -> subprocess.CompletedProcess[str]:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    return subprocess.run(
        ["git", *identity, "commit", "-q", "-m", "change", *options],
        cwd=checkout.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_both_hooks_are_there() -> None:
    assert list(entries()) == ["dialgate-changes", "dialgate-lint"]


def test_a_commit_shows_what_it_changes_and_is_made(checkout: Checkout) -> None:
    checkout.replace(f"{SUITE}/prompts/system.md", "up to 50 USD", "up to 40 USD")
    done = commit(checkout, "-a")
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "prompts prompts/system.md: changed." in said
    assert "- email.send, escalate, read, refund: prompts prompts/system.md" in said
    assert "1 suite, 0 errors" in said


def test_a_deleted_file_that_the_suite_needs_stops_the_commit(checkout: Checkout) -> None:
    git(checkout.folder, "rm", "-q", f"{SUITE}/tools.json")
    done = commit(checkout)
    assert done.returncode != 0
    assert '"tools.json", which matches no file' in done.stdout + done.stderr


def test_a_commit_beside_the_suites_costs_nothing(checkout: Checkout) -> None:
    (checkout.folder / "README.md").write_text("x")
    git(checkout.folder, "add", "-A")
    done = commit(checkout)
    assert done.returncode == 0
    assert "No file of a suite changed." in done.stdout + done.stderr


class TestWhichSuites:
    """A file stands for every suite that it lies in or that names it."""

    @pytest.mark.parametrize(
        "file",
        [f"{SUITE}/prompts/system.md", "golden/my-agent/cases.jsonl", f"{SUITE}/suite.toml"],
    )
    def test_a_file_name_stands_for_its_suite(self, file: str, checkout: Checkout) -> None:
        quick = dialgate("changes", "--quick", file, folder=checkout.folder)
        assert quick.out.startswith("my-agent: the working tree")
        assert dialgate("lint", file, folder=checkout.folder).out.startswith("1 suite, 0 errors")

    def test_a_file_of_no_suite_stands_for_none(self, checkout: Checkout) -> None:
        (checkout.folder / "notes.txt").write_text("x")
        assert dialgate("lint", "notes.txt", folder=checkout.folder).out.startswith("0 suites")

    def test_a_name_that_is_no_file_is_an_error(self, checkout: Checkout) -> None:
        for command in (
            ["lint", "notes.txt", f"{SUITE}/suite.tom"],
            ["changes", "--quick", "gone"],
        ):
            assert dialgate(*command, folder=checkout.folder).code == 2

    def test_from_a_folder_below_the_root_too(self, checkout: Checkout) -> None:
        checkout.replace(f"{SUITE}/prompts/system.md", "up to 50 USD", "up to 40 USD")
        quick = dialgate("changes", "--quick", folder=checkout.suite)
        assert "prompts prompts/system.md: changed." in quick.out

    def test_before_the_first_commit_everything_is_new(self, tmp_path: Path) -> None:
        assert dialgate("init", tmp_path, folder=tmp_path).code == 0
        git(tmp_path, "init", "-q", "-b", "main")
        quick = dialgate("changes", "--quick", folder=tmp_path)
        assert quick.code == 0
        assert "all of it is new" in quick.out
