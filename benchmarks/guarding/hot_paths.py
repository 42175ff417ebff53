"""The paths that the guard measures, and the process of one version that runs them when asked.

`python hot_paths.py FOLDER` reads a path's name a line and answers with the processor time that one
turn of it took, children counted, as JSON. The version is what PYTHONPATH says. Paths use commands
alone, so that one script runs every version.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import resource
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

PEERS = str(Path(__file__).resolve().parents[1])

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = 200
EVENTS = 3_000
POLICY = "schema = 1\n[gate]\n[gate.default]\nmargin = 0.05\n"


def command(*words: str) -> None:
    """Runs the command in this process. Raises RuntimeError for all but a pass and a fail."""
    from dialgate.cli import run  # noqa: PLC0415 - of the version that PYTHONPATH names

    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(words))
    if code not in {0, 1, 3}:
        err.seek(0)
        raise RuntimeError(f"{' '.join(words)}: exit code {code}: {err.read()[-500:]}")


def forget() -> None:
    """A run without the trials of the turn before."""
    shutil.rmtree(".dialgate", ignore_errors=True)


def nothing() -> None:
    """What is measured uses what the turn before left."""


PATHS: dict[str, tuple[Callable[[], None], tuple[str, ...]]] = {
    "run": (forget, ("run", "arguments")),
    "run, recordings with where": (forget, ("run", "where")),
    "run again, from the cache": (nothing, ("run", "arguments")),
    "check of what has not changed": (
        nothing,
        ("check", "arguments", "--baseline", "arguments/release.toml", "--always"),
    ),
    "lint": (nothing, ("lint", "where")),
    "evidence": (nothing, ("evidence", "arguments", "events.jsonl")),
}
"""By name: what is done before a turn, and the command that is measured."""


def prepare(folder: Path) -> None:
    """Writes the workspaces and the events that the paths use."""
    sys.path.insert(0, PEERS)
    from peers.tools import ONE_CHILD, make_suite  # noqa: PLC0415 - beside this script

    for recording in ("arguments", "where"):
        make_suite(recording, ONE_CHILD)(folder, CASES)
        (folder / "shop").rename(folder / recording)
        (folder / recording / "policy.toml").write_text(POLICY)
    with (folder / "events.jsonl").open("w") as out:
        for number in range(EVENTS):
            out.write(json.dumps(an_event(number)) + "\n")


def an_event(number: int) -> dict[str, object]:
    """One review of a refund; every tenth was edited."""
    call = {"name": "refund", "arguments": {"id": f"A-{number}", "amount": 10}}
    is_edited = number % 10 == 0
    return {
        "event_id": f"e-{number}",
        "occurred_at": f"2026-11-{number % 28 + 1:02}T10:00:00Z",
        "task_id": f"t-{number}",
        "release": "shop-1",
        "mode": "in_the_loop",
        "decision": "edited" if is_edited else "approved",
        "proposed": call,
        "corrected": {**call, "arguments": {"id": "A-0", "amount": 5}} if is_edited else None,
        "reviewer": "r-1",
        "reason": "" if not is_edited else "the order is another",
        "latency_ms": 900 + number % 100,
        "cost_usd": 0.01,
    }


def processor_s() -> float:
    """Of this process and the children that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def turn(name: str) -> dict[str, object]:
    """One turn of a path: its processor time, or why there is none."""
    before, words = PATHS[name]
    try:
        before()
        gc.collect()
        began = processor_s()
        command(*words)
        return {"seconds": processor_s() - began}
    except Exception as error:  # noqa: BLE001 - a version that can't is said, not hidden
        return {"problem": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Answers each line until there is no more."""
    folder = Path(sys.argv[1])
    os.environ.update({"DELAY_S": "0", "NO_COLOR": "1", "HOME": str(folder)})
    answers = os.fdopen(os.dup(1), "w")
    os.chdir(folder)
    prepare(folder)
    for line in sys.stdin:
        answers.write(json.dumps(turn(line.strip())) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
