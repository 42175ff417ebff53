"""Fails where a hot path takes a fifth more processor time than the base's code: `make guard`.

Both versions lie ready in a process each and take turns on the same work, so that the machine's
noise falls on both. The base is `--base`, else what this branch left the main branch at, else the
commit before. Exit code 1: a loss, or a path that the head can't run; 2: no base to compare with.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from guarding.hot_paths import PATHS
from guarding.paired_loss import MOST_LOSS, Loss, measure_loss

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[1]
WORKER = Path(__file__).resolve().parent / "guarding" / "hot_paths.py"
FOLDERS = (".", "evals", "gate", "reports")


class CannotRunError(Exception):
    """A version can't run a path; the message says why."""


class Version:
    """A process that runs the paths with the code of one checkout."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        """Starts it; `folder` is its own."""
        paths = os.pathsep.join(str(checkout / name) for name in FOLDERS)
        self._child = subprocess.Popen(
            [sys.executable, str(WORKER), str(folder)],
            env={**os.environ, "PYTHONPATH": paths},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def turn(self, path: str) -> float:
        """The processor time of one turn, in seconds. Raises CannotRunError."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(path + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        said = json.loads(line) if line else {"problem": "the process ended"}
        if "problem" in said:
            raise CannotRunError(said["problem"])
        return float(said["seconds"])

    def close(self) -> None:
        """Ends the process."""
        self._child.kill()
        self._child.communicate()


def git(*words: str) -> str:
    """What git says; empty where it refuses."""
    done = subprocess.run(
        ["git", *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )  # fmt: skip
    return done.stdout.strip() if done.returncode == 0 else ""


def find_base(asked: str | None) -> str:
    """The commit to compare with; empty where there is none."""
    if asked:
        return git("rev-parse", "--verify", "--quiet", f"{asked}^{{commit}}")
    head = git("rev-parse", "HEAD")
    for branch in ("origin/main", "main"):
        left_at = git("merge-base", "HEAD", branch)
        if left_at and (left_at != head or git("status", "--porcelain")):
            return left_at
    return git("rev-parse", "--verify", "--quiet", "HEAD^1")


@contextmanager
def checkout_of(commit: str) -> Iterator[Path]:
    """The commit's files in a folder of their own."""
    with tempfile.TemporaryDirectory() as name:
        packed = subprocess.run(
            ["git", "archive", commit], cwd=PROJECT, check=True, capture_output=True
        ).stdout
        subprocess.run(["tar", "-x", "-C", name], input=packed, check=True)
        yield Path(name)


def compare(base: Path, head: Path, paths: list[str]) -> Iterator[Loss | str]:
    """By path its loss, or a sentence where there is nothing to compare."""
    with ExitStack() as stack:
        versions = []
        for checkout in (base, head):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            version = Version(checkout, folder)
            stack.callback(version.close)
            versions.append(version)
        first, second = versions
        for path in paths:
            second.turn(path)  # a path that the head can't run is no matter of speed
            try:
                first.turn(path)
            except CannotRunError as error:
                yield f"{path}: not compared, as the base can't run it ({error})"
                continue
            yield measure_loss(path, lambda p=path: first.turn(p), lambda p=path: second.turn(p))  # type: ignore[misc]  # mypy can't infer a lambda's default


def row(found: Loss) -> str:
    """One line of the table."""
    verdict = "LOST" if found.is_too_much else "ok"
    return (
        f"{found.path:32} {1000 * found.base_s:8.0f} ms {found.share:+8.1%} {found.pairs:6}"
        f"  {verdict}"
    )


def main() -> int:
    """Prints a line a path; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", help="a commit, branch or tag")
    parser.add_argument("--only", action="append", choices=list(PATHS), help="a path")
    asked = parser.parse_args()
    commit = find_base(asked.base)
    if not commit:
        print(f"No base to compare with ({asked.base or 'no main branch, no commit before'}).")
        return 2
    print(f"{'processor time, beside ' + commit[:12]:32} {'base':>11} {'change':>8} {'pairs':>6}")
    lost = False
    try:
        with checkout_of(commit) as base:
            for found in compare(base, PROJECT, asked.only or list(PATHS)):
                print(found if isinstance(found, str) else row(found), flush=True)
                lost |= isinstance(found, Loss) and found.is_too_much
    except CannotRunError as error:
        print(f"This version can't run a path: {error}")
        return 1
    if lost:
        print(f"A path takes {MOST_LOSS:.0%} more than the base's code, or over that.")
    return int(lost)


if __name__ == "__main__":
    sys.exit(main())
