"""Scripts beside a program: compiled once, and nothing in them says where the harness lies."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from pathlib import Path

import pytest

from dialgate_evals.running.agents.python import worker
from dialgate_evals.running.containment import starter
from dialgate_evals.running.containment.scripts import write_compiled, write_scripts

WORKER, STARTER = (Path(package.__path__[0]) for package in (worker, starter))


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    write_scripts(WORKER, tmp_path / "worker", seen="/start/worker")
    write_compiled(STARTER, tmp_path / "starter")
    return tmp_path


def test_nothing_of_them_says_where_the_harness_lies(scripts: Path) -> None:
    written = [path for path in scripts.rglob("*") if path.is_file()]
    assert len(written) == 2 * len([*WORKER.glob("*.py")]) + len([*STARTER.glob("*.py")])
    for path in written:
        assert str(WORKER.parents[3]).encode() not in path.read_bytes(), path


def test_python_takes_what_was_compiled(scripts: Path) -> None:
    source = scripts / "worker" / "plain_data.py"
    assert source.read_bytes() == (WORKER / "plain_data.py").read_bytes()
    source.write_text("")  # were it compiled, there would be nothing
    code = SourceFileLoader("plain_data", str(source)).get_code("plain_data")
    assert code is not None
    assert "as_plain" in code.co_names


def test_a_starter_needs_no_source(scripts: Path) -> None:
    path = scripts / "starter" / "ports.pyc"
    code = SourcelessFileLoader("ports", str(path)).get_code("ports")
    assert code is not None
    assert code.co_filename == "starter/ports.py"
