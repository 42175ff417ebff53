"""Runs the `dialgate` command as a user does: in a folder, with an exit code and two streams."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from dialgate.cli import run

PROJECT = Path(__file__).parents[2]

PATHS = os.pathsep.join(str(PROJECT / folder) for folder in (".", "evals", "gate", "reports"))
"""What PYTHONPATH must hold for a process to import this checkout and no other."""


def is_installed() -> bool:
    """Whether pytest finds the plugin by its entry point, as where dialgate is installed."""
    points = metadata.entry_points(group="pytest11")
    return any(point.value == "dialgate.plugin" for point in points)


@dataclass(frozen=True)
class Finished:
    """What the command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    def verdict(self) -> dict[str, Any]:
        """The JSON verdict on standard output."""
        document: dict[str, Any] = json.loads(self.out)
        return document


def dialgate(*arguments: str | Path, folder: Path, **environment: str) -> Finished:
    """Runs the command in the folder as a user does, but in this process: several times as fast.

    Agents have processes of their own here too. What only a process shows (signals, its death, how
    it starts) is asked of `dialgate_process`.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    before, before_folder = dict(os.environ), Path.cwd()
    os.environ.update({"PYTHONPATH": PATHS, "NO_COLOR": "1", **environment})
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([str(argument) for argument in arguments])
    finally:
        os.chdir(before_folder)
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)
    return Finished(code, _text(out), _text(err))


def _text(stream: io.TextIOWrapper) -> str:
    held = stream.buffer
    assert isinstance(held, io.BytesIO)
    return held.getvalue().decode("utf-8")


def dialgate_process(*arguments: str | Path, folder: Path, **environment: str) -> Finished:
    """Runs `python -m dialgate` in the folder, as a process of its own."""
    finished = subprocess.run(
        [sys.executable, "-m", "dialgate", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": PATHS, "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert "Traceback" not in finished.stderr, finished.stderr
    return Finished(finished.returncode, finished.stdout, finished.stderr)
