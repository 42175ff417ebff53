"""The command line: instant, documented, and never 0 by accident."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from dialgate import cli
from dialgate.cli import COMMANDS, group
from dialgate_evals.errors import ConfigurationError, EvidenceError, InterruptedRunError, UsageError
from dialgate_evals.files.problems import Problem
from tests.integration.command_line import PROJECT, dialgate, dialgate_process

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = (
    "pandas", "scipy", "pyarrow", "pytest", "numpy", "duckdb", "jsonschema", "git", "jinja2",
    "hypothesis",
)  # fmt: skip


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom dialgate.cli import run\n"
        f"assert run({arguments!r}) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_no_commands_help_imports_anything_heavy() -> None:
    code = (
        "import sys\nfrom dialgate.cli import COMMANDS, run\n"
        "for name in COMMANDS:\n"
        "    assert run([name, '--help']) == 0\n"
        f"    heavy = [module for module in {HEAVY!r} if module in sys.modules]\n"
        "    assert not heavy, (name, heavy)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=False
    )
    assert done.returncode == 0, done.stderr[-300:]


def test_importing_dialgate_imports_nothing_heavy() -> None:
    code = f"import sys, dialgate; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert done.stdout.strip() == "[]"


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(group)
    found = []
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        found.append((name, command))
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=list(COMMANDS))
def test_every_option_is_documented(name: str, command: click.Command) -> None:
    text = (PROJECT / "docs/reference/commands.md").read_text("utf-8")
    assert f"## dialgate {name}" in text
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.name} has no help"
            assert any(option in text for option in parameter.opts), parameter.opts


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (ConfigurationError([Problem(file="f", found="a", expected="b")]), 2),
        (EvidenceError([Problem(file="f", found="a", expected="b")]), 4),
        (InterruptedRunError("x"), 130),
        (KeyboardInterrupt(), 130),
        (RuntimeError("a defect"), 4),
        (RecursionError(), 4),
        (MemoryError(), 4),
        (RuntimeError("Query interrupted"), 130),  # what DuckDB makes of Ctrl-C
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_every_error_has_its_exit_code(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(cli.group, "main", fail)
    assert cli.run([]) == code


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "Out of memory"),
        (OSError(errno.ENOSPC, "x"), "The disk is full"),
        (OSError(errno.EFBIG, "x"), "ulimit -f"),
        (OSError(errno.EMFILE, "x"), "ulimit -n"),
        (OSError(errno.EAGAIN, "x"), "ulimit -u"),
        (OSError(errno.ENOMEM, "x"), "Out of memory"),
        (OSError(errno.EROFS, "x", "out"), "--out"),
        (OSError(errno.EACCES, "x", "out"), "--out"),
        (ExceptionGroup("several", [OSError(errno.ENOSPC, "x")]), "The disk is full"),
        (RuntimeError("can't start new thread"), "ulimit -u"),
    ],
    ids=str,
)
def test_a_limit_of_the_machine_is_named(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise ValueError("somewhere") from error

    monkeypatch.setattr(cli.group, "main", fail)
    assert cli.run([]) == 4
    shown = capsys.readouterr().err
    assert said in shown
    assert "dialgate itself broke" not in shown


def test_causes_that_go_in_a_circle_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = ValueError("inner")
    group_of = ExceptionGroup("several", [inner])
    inner.__context__ = group_of

    def fail(**_: object) -> None:
        raise group_of

    monkeypatch.setattr(cli.group, "main", fail)
    assert cli.run([]) == 4


def test_an_unknown_command_gets_a_hint(tmp_path: Path) -> None:
    finished = dialgate("chek", folder=tmp_path)
    assert finished.code == 2
    assert 'Did you mean "check"?' in finished.err


def test_init_scaffolds_a_workspace_whose_check_passes(tmp_path: Path) -> None:
    assert dialgate("init", "new", folder=tmp_path).code == 0
    folder = tmp_path / "new"
    assert dialgate("lint", "--strict", folder=folder).code == 0
    finished = dialgate_process("check", "suites/my-agent", "--json", "-", folder=folder)
    assert finished.code == 0
    assert finished.verdict()["verdict"] == "pass"


def test_init_touches_no_file_that_exists(tmp_path: Path) -> None:
    (tmp_path / "suites/my-agent").mkdir(parents=True)
    mine = tmp_path / "suites/my-agent/suite.toml"
    mine.write_text("mine")
    finished = dialgate("init", folder=tmp_path)
    assert finished.code == 2
    assert mine.read_text() == "mine"
    assert not (tmp_path / "golden").exists()


def test_schema_prints_each_schema(tmp_path: Path) -> None:
    listed = dialgate("schema", folder=tmp_path)
    assert "policy.toml" in listed.out
    printed = dialgate("schema", "policy", folder=tmp_path)
    assert json.loads(printed.out)["$schema"].endswith("2020-12/schema")
    assert dialgate("schema", "polcy", folder=tmp_path).code == 2


def test_a_folder_without_a_suite_is_a_usage_error(tmp_path: Path) -> None:
    finished = dialgate("check", ".", folder=tmp_path)
    assert finished.code == 2
    assert "suite.toml" in finished.err


def test_a_selection_that_matches_no_case_is_a_usage_error(tmp_path: Path) -> None:
    dialgate("init", folder=tmp_path)
    finished = dialgate("run", "suites/my-agent", "--case", "my-agent-01", folder=tmp_path)
    assert finished.code == 2
    assert "Did you mean" in finished.err
