"""Only a verdict of this run exits 0; everything ends when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import PATHS

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
import json, os, signal, sys, time
from pathlib import Path
from dialgate.terminal import outer_process as outer

outer._STOP_S = 0.5

def write(nonce, code):
    raw = json.dumps({"nonce": nonce, "exit_code": code}).encode()
    path = Path("verdict.json")
    path.write_bytes(raw)
    outer.THIS_RUN.wrote_verdict(path, raw)
    return path

def command():
"""
TAIL = """
sys.exit(outer.run_supervised(command, needs_verdict=NEEDED))
"""

# What a judging command does, and the exit code that comes of it.
ENDS = {
    "writes its verdict": ("write(outer.THIS_RUN.nonce, 0); return 0", 0),
    "finds a regression": ("write(outer.THIS_RUN.nonce, 1); return 1", 1),
    "is called in a way that can't work": ("return 2", 2),
    "returns without a verdict": ("return 0", 4),
    "fails without a verdict": ("return 1", 4),
    "ends the process with 0": ("os._exit(0)", 4),
    "ends the process with 1": ("os._exit(1)", 4),
    "writes its verdict and ends the process": ("write(outer.THIS_RUN.nonce, 0); os._exit(0)", 4),
    "ends the process at exit": (
        "import atexit; atexit.register(os._exit, 0); write(outer.THIS_RUN.nonce, 1); return 1",
        4,
    ),
    "is killed": ("os.kill(os.getpid(), signal.SIGKILL)", 4),
    "writes another run's verdict": ("write('0' * 32, 0); return 0", 4),
    "writes another code": ("write(outer.THIS_RUN.nonce, 1); return 0", 4),
    "changes its verdict": (
        "write(outer.THIS_RUN.nonce, 0).write_text('{}'); return 0",
        4,
    ),
    "removes its verdict": ("write(outer.THIS_RUN.nonce, 0).unlink(); return 0", 4),
    "is left by an exception": ("raise SystemExit(0)", 4),
}


def start(folder: Path, body: str, *, needed: bool = True) -> subprocess.Popen[str]:
    script = f"{HEAD}    {body}\n{TAIL.replace('NEEDED', str(needed))}"
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=folder,
        env={"PYTHONPATH": PATHS},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("body", "code"), ENDS.values(), ids=ENDS)
def test_only_a_verdict_of_this_run_gives_its_code(body: str, code: int, tmp_path: Path) -> None:
    process = start(tmp_path, body)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert ("Nothing was judged" in err) == (code == 4)


def test_a_command_that_judges_nothing_needs_no_verdict_but_its_word(tmp_path: Path) -> None:
    said, silent = (start(tmp_path, body, needed=False) for body in ("return 0", "os._exit(0)"))
    said.communicate(timeout=60)
    silent.communicate(timeout=60)
    assert (said.returncode, silent.returncode) == (0, 4)


def test_a_killed_command_names_the_likely_cause(tmp_path: Path) -> None:
    process = start(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    _, err = process.communicate(timeout=60)
    assert "out of memory" in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    "body",
    [
        "print('on', flush=True); import re; re.match('(a+)+$', 'a' * 60 + '!')",
        (
            "[signal.signal(n, signal.SIG_IGN) for n in (2, 15)]; "
            "print('on', flush=True); time.sleep(600)"
        ),
    ],
    ids=["a pattern without end", "deaf"],
)
def test_it_ends_when_it_is_told_to_whatever_it_does(
    number: int, body: str, tmp_path: Path
) -> None:
    process = start(tmp_path, body)
    assert process.stdout is not None
    assert process.stdout.readline() == "on\n"
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_a_killed_outer_process_takes_the_command_with_it(tmp_path: Path) -> None:
    process = start(tmp_path, "print('on', flush=True); time.sleep(600)")
    assert process.stdout is not None
    assert process.stdout.readline() == "on\n"
    process.kill()
    process.communicate(timeout=60)  # the command held the pipes open, if it lived
