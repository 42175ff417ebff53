"""The tools of the comparison: how each is installed, and what runs N cases in a folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROJECT = Path(__file__).resolve().parents[2]
PEERS = PROJECT / "benchmarks" / "peers"
HOME = PROJECT / ".bench"
PATHS = os.pathsep.join(str(PROJECT / folder) for folder in (".", "evals", "gate", "reports"))
CONCURRENCY = 100

AGENT = """
import asyncio, os
DELAY_S = float(os.environ["DELAY_S"])

async def respond(messages, tools, release):
    if DELAY_S:
        await asyncio.sleep(DELAY_S)
    order = messages[0]["content"].split()[-1]
    await tools.call("refund", {"id": order, "amount": 10})
    return "Done."
"""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One tool: how its environment is made and what runs N cases in a folder."""

    name: str
    packages: tuple[str, ...] = ()
    # of PyPI, or of npm where `node` is set; empty: this environment
    node: bool = False
    prepare: Callable[[Path, int], None] = lambda _folder, _cases: None
    command: Callable[[Path], list[str]] = lambda _folder: []
    variables: Mapping[str, str] = field(default_factory=dict)
    sizes: tuple[int, int] = (1_000, 10_000)
    # a tool that takes minutes is asked for fewer
    note: str = ""


def python_of(peer: Peer) -> str:
    """The interpreter of the peer's environment."""
    return str(HOME / peer.name / "bin" / "python") if peer.packages else sys.executable


def install(peer: Peer) -> str:
    """Makes the peer's environment where it isn't there; its version."""
    place = HOME / peer.name
    if peer.node:
        if not (place / "node_modules").is_dir():
            place.mkdir(parents=True, exist_ok=True)
            command = ["npm", "install", "--silent", "--no-audit", "--no-fund", *peer.packages]
            subprocess.run(command, cwd=place, check=True, stdout=subprocess.DEVNULL)
        package = place / "node_modules" / peer.packages[0] / "package.json"
        return str(json.loads(package.read_text())["version"])
    if not peer.packages:
        return ""
    if not (place / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [str(place / "bin" / "python"), "-m", "pip", "install", "-q", *peer.packages]
        subprocess.run(pip, check=True)
    script = f"from importlib.metadata import version; print(version({peer.packages[0]!r}))"
    return subprocess.run(
        [python_of(peer), "-c", script], check=True, capture_output=True, text=True
    ).stdout.strip()


def make_suite(recording: str, isolation: str) -> Callable[[Path, int], None]:
    """Writes a dialgate suite whose recordings say `arguments` or `where`."""

    def prepare(folder: Path, cases: int) -> None:
        suite = folder / "shop"
        suite.mkdir()
        files = {
            "agent.py": AGENT,
            "suite.toml": (
                'schema = 1\nname = "shop"\ncases = ["cases.jsonl"]\n'
                f"concurrency = {CONCURRENCY}\n[agent]\n"
                f'kind = "python"\ntarget = "agent:respond"\nenv = ["DELAY_S"]\n{isolation}'
            ),
            "release.toml": (
                'schema = 1\nname = "shop"\nversion = "1"\nprompts = ["system.md"]\n'
                'tools = ["tools.json"]\ncode = ["agent.py"]\n'
                '[model]\nprovider = "none"\nname = "scripted-2026-01-01"\n'
            ),
            "system.md": "Refund what is asked for.\n",
            "tools.json": json.dumps([TOOL]),
            "actions.toml": (
                'schema = 1\n[class."refund"]\ntools = ["refund"]\neffect = "write"\n'
                'blast_radius = "high"\nreversible = false\n'
            ),
            "policy.toml": "schema = 1\n",
        }
        for name, text in files.items():
            (suite / name).write_text(text)
        with (suite / "cases.jsonl").open("w") as out:
            for number in range(cases):
                out.write(json.dumps(a_case(number, recording)) + "\n")

    return prepare


TOOL = {
    "name": "refund",
    "description": "Pays an order back.",
    "parameters": {
        "type": "object",
        "properties": {"id": {"type": "string"}, "amount": {"type": "number"}},
        "required": ["id", "amount"],
        "additionalProperties": False,
    },
}


def a_case(number: int, recording: str) -> dict[str, object]:
    """The case of one order."""
    arguments = {"id": f"A-{number}", "amount": 10}
    schema = {"properties": {"id": {"const": f"A-{number}"}}, "required": ["id"]}
    said = arguments if recording == "arguments" else schema
    return {
        "schema": 1,
        "id": f"case-{number}",
        "origin": "golden",
        "messages": [{"role": "user", "content": f"Refund A-{number}"}],
        "recordings": [{"name": "refund", recording: said, "result": {"status": "ok"}}],
        "expect": {"actions": [{"name": "refund", "arguments": arguments}]},
    }


def promptfoo_config(folder: Path, cases: int) -> None:
    """Writes promptfoo's configuration and its provider."""
    shutil.copy(PEERS / "promptfoo_provider.cjs", folder / "provider.cjs")
    tests = [
        {
            "vars": {"order": f"A-{number}"},
            "assert": [
                {
                    "type": "equals",
                    "value": json.dumps(
                        {"name": "refund", "arguments": {"id": f"A-{number}", "amount": 10}},
                        separators=(",", ":"),
                    ),
                }
            ],
        }
        for number in range(cases)
    ]
    config = {
        "prompts": ["Refund {{order}}"],
        "providers": ["file://provider.cjs"],
        "tests": tests,
    }
    (folder / "promptfooconfig.json").write_text(json.dumps(config))


def ours(name: str, recording: str = "arguments", isolation: str = "") -> Peer:
    """One form of dialgate, from this checkout."""
    return Peer(
        name=name,
        prepare=make_suite(recording, isolation),
        command=lambda _: [sys.executable, "-m", "dialgate", "run", "shop"],
        variables={"PYTHONPATH": PATHS},
        note="record durable on disk",
    )


def script(name: str, file: str, *packages: str, note: str = "", **more: object) -> Peer:
    """A peer that is a Python script of `peers/`."""
    peer = Peer(name=name, packages=packages, note=note)
    return Peer(
        **{
            **peer.__dict__,
            "command": lambda _: [python_of(peer), str(PEERS / file)],
            **more,
        }
    )


ONE_CHILD = 'isolation = "none"\n'
NO_TELEMETRY = {
    "DEEPEVAL_TELEMETRY_OPT_OUT": "YES",
    "PROMPTFOO_DISABLE_TELEMETRY": "1",
    "PROMPTFOO_DISABLE_UPDATE": "1",
}

TOOLS = [
    ours("dialgate", isolation=ONE_CHILD),
    ours("dialgate, where", "where", isolation=ONE_CHILD),
    ours("dialgate, a pool of processes"),
    script("asyncio loop", "asyncio_loop.py", note="a line a case"),
    Peer(
        name="pytest items",
        packages=("pytest",),
        command=lambda _: [
            str(HOME / "pytest items" / "bin" / "python"), "-m", "pytest", "-q",
            "-p", "no:cacheprovider", str(PEERS / "pytest_items.py"),
        ],
        note="one after the other; no record",
    ),  # fmt: skip
    script("pydantic-evals", "pydantic_evals_set.py", "pydantic-evals", note="keeps no record"),
    script(
        "pydantic-evals, report", "pydantic_evals_set.py", "pydantic-evals",
        note="its table printed", variables={"REPORT": "1"},
    ),
    script(
        "deepeval", "deepeval_cases.py", "deepeval", note="keeps no record",
        variables=NO_TELEMETRY, sizes=(500, 2_000),
    ),
    Peer(
        name="promptfoo",
        packages=("promptfoo",),
        node=True,
        prepare=promptfoo_config,
        command=lambda folder: [
            "node", str(HOME / "promptfoo" / "node_modules" / "promptfoo" / "dist/src/main.js"),
            "eval", "-c", str(folder / "promptfooconfig.json"), "--no-cache", "--no-table",
            "--no-progress-bar", "--max-concurrency", str(CONCURRENCY),
        ],
        variables={**NO_TELEMETRY, "PROMPTFOO_CONFIG_DIR": "promptfoo-home"},
        sizes=(500, 2_000),
        note="its database on disk",
    ),
    script(
        "inspect-ai", "inspect_task.py", "inspect-ai", note="its log on disk", sizes=(200, 1_000)
    ),
]  # fmt: skip
