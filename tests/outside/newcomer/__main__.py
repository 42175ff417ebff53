"""`make newcomer`: builds the wheel, plays every start from nothing, and prints what it cost.

With --write the table goes into the tutorial. Exit code 1 where a start took ten minutes or more,
needed more than five words, or saw no FAIL.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.integration.command_line import PROJECT
from tests.outside.model_server import serving_model
from tests.outside.newcomer.langfuse import export
from tests.outside.newcomer.page import STARTS, write_table
from tests.outside.newcomer.walk import HEAD, Walk, walk

PROJECTS = Path(__file__).parent / "projects"
MOST_S = 600
MOST_WORDS = 5


def make_project(start: str, folder: Path) -> None:
    """What a newcomer has already: an agent with its packages and requests, or an export."""
    requests = PROJECTS / "requests.txt"
    if start == "langfuse":
        folder.mkdir()
        traces = export(requests.read_text("utf-8").splitlines())
        (folder / "export.json").write_text(json.dumps(traces, indent=1), "utf-8")
        return
    shutil.copytree(PROJECTS / start, folder)
    shutil.copy(requests, folder)


def _install(start: str, folder: Path) -> None:
    """The agent's own packages: they are there before dialgate is."""
    if start == "pydantic-ai":
        _run(folder, sys.executable, "-m", "venv", ".venv")
        packages = PROJECT / "tests/integration/agents/mcp-clients/pydantic-ai.txt"
        _run(folder, ".venv/bin/pip", "install", "-q", "-r", str(packages))
    elif start == "mcp-typescript":
        _run(folder, "npm", "install", "--no-fund", "--no-audit", "--silent")


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, stdin=subprocess.DEVNULL)


def _play(start: str, place: Path, wheel: Path) -> Walk:
    folder = place / start
    make_project(start, folder)
    _install(start, folder)
    own = {
        "PATH": f"{folder}/.venv/bin:{os.environ['PATH']}", "HOME": str(place), "LANG": "C.UTF-8",
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
    }  # fmt: skip
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    extras = ("record,mcp", "record", "chat")
    replaced = {f'"dialgate[{extra}]"': f'"{wheel}[{extra}]"' for extra in extras}
    with serving_model() as model:
        return walk(start, folder, {**own, **pip, **model.variables}, replaced)


def main() -> int:
    """Plays them all."""
    wanted = [word for word in sys.argv[1:] if word != "--write"] or list(STARTS)
    walks = []
    with tempfile.TemporaryDirectory(prefix="newcomer-") as name:
        place = Path(name).resolve()
        build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place))
        subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
        (wheel,) = place.glob("dialgate-*.whl")
        for start in wanted:
            walks.append(_play(start, place, wheel))
            print(f"{walks[-1].said}\n\nby the clock: {walks[-1].machine_s:.0f} s\n", flush=True)
    rows = [HEAD, *(made.row() for made in walks)]
    print("".join(rows))
    if "--write" in sys.argv:
        write_table(rows)
    return max(map(_judge, walks))


def _judge(made: Walk) -> int:
    """What a start must hold, said where it doesn't."""
    faults = []
    if not made.last.lstrip().startswith("FAIL: ") and "\nFAIL: " not in made.last:
        faults.append("the planted regression did not fail")
    if made.total_s >= MOST_S:
        faults.append(f"{made.total_s:.0f} s")
    if len(made.words) > MOST_WORDS:
        faults.append(f"words: {', '.join(sorted(made.words))}")
    for fault in faults:
        print(f"{made.start}: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
