"""`dialgate … | head` changes neither the exit code nor what a command writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dialgate.terminal.closed_pipes import outlive_readers
from dialgate.terminal.output import write_text
from tests.integration.command_line import PATHS


def a_pipe_without_a_reader() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def test_what_nobody_reads_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    with os.fdopen(a_pipe_without_a_reader(), "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        monkeypatch.setattr(sys, "stderr", closed)
        outlive_readers()
        for stream in (sys.stdout, sys.stderr):
            print("words" * 10_000, file=stream, flush=True)
            print("more", file=stream, flush=True)
        with Path(os.devnull).open(encoding="utf-8") as nowhere:
            assert os.path.sameopenfile(closed.fileno(), nowhere.fileno())


def test_a_stream_without_a_file_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    kept = io.StringIO()
    monkeypatch.setattr(sys, "stdout", kept)
    monkeypatch.setattr(sys, "stderr", kept)
    outlive_readers()
    sys.stdout.write("words\n")
    assert kept.getvalue() == "words\n"


def test_a_report_for_a_pipe_that_nobody_reads_is_no_error() -> None:
    writing = a_pipe_without_a_reader()
    with pytest.raises(BrokenPipeError):
        os.write(writing, b"a report")
    write_text(f"/dev/fd/{writing}", "a report")
    os.close(writing)


@pytest.mark.parametrize(("arguments", "code"), [(["--help"], 0), (["lint", "no-suite"], 2)])
def test_a_command_ends_as_it_would_have(arguments: list[str], code: int) -> None:
    writing = a_pipe_without_a_reader()
    done = subprocess.run(
        [sys.executable, "-m", "dialgate", *arguments],
        env={**os.environ, "PYTHONPATH": PATHS},
        stdout=writing,
        stderr=writing,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert done.returncode == code
