"""A workspace in git, changed in its working tree and surveyed without running any agent."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.changes.comparing import read_base_side
from dialgate.check.change_survey import survey_against
from dialgate.check.check_inputs import read_inputs
from dialgate.git.asking.kept_answers import asking_once
from dialgate.git.base_files import laid_out
from dialgate.git.base_ref import GitBaseline
from dialgate.git.git_checkout import Checkout
from dialgate_evals.suite.workspace import load_workspace
from tests.integration.checkouts import commit_all, git, make_repository

if TYPE_CHECKING:
    from dialgate.check.change_survey import ChangeSurvey

SUITE = "suites/desk"
ANNS_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIANN"
GOLDEN = "golden/desk"
AGENT = "def respond(messages, tools, release):\n    return ''\n"
TOOLS = [
    {"name": name, "description": name, "parameters": {"type": "object", "properties": {}}}
    for name in ("pay", "look")
]
FILES: dict[str, str] = {
    f"{SUITE}/suite.toml": (
        'schema = 1\nname = "desk"\ncases = ["../../golden/desk/*.jsonl"]\ntrials = 2\n'
        'max_infra_error_rate = 0.02\n[agent]\nkind = "python"\ntarget = "agent.main:respond"\n'
    ),
    f"{SUITE}/release.toml": (
        'schema = 1\nname = "desk"\nversion = "1"\nprompts = ["prompts/*.md"]\n'
        'tools = ["tools.json"]\ncode = ["agent/*.py"]\n'
        '[model]\nprovider = "x"\nname = "m-2026-01-01"\n'
    ),
    f"{SUITE}/prompts/system.md": "Be kind.\n",
    f"{SUITE}/tools.json": json.dumps(TOOLS),
    f"{SUITE}/actions.toml": (
        'schema = 1\n[class."pay"]\ntools = ["pay"]\neffect = "write"\nblast_radius = "high"\n'
        'reversible = false\n[class."read"]\ntools = ["look"]\neffect = "read"\n'
        'blast_radius = "low"\nreversible = true\n'
    ),
    f"{SUITE}/policy.toml": (
        'schema = 1\n[gate]\nalpha = 0.05\ninconclusive = "block"\nmax_agent_calls = 100\n'
        'confirm_trials = 4\nallow = ["suite-change"]\n[gate.default]\nmargin = 0.05\n'
        "min_cases = 1\n[ladder.on_the_loop]\neval_success = 0.9\nsilent_rate = 0.05\n"
        'max_blast_radius = "medium"\nrequires = ["owner", "kill_switch"]\n[demote]\n'
        "intervention_rate = 0.05\nalpha = 0.01\n"
    ),
    f"{SUITE}/runbook.toml": (
        'schema = 1\n[owners]\nproduct_owner = "Ann"\n[kill_switch]\nrun = "stop"\n'
        'tested_at = 2026-10-30\n[rollback]\nrelease = "main"\n'
        '[compensation."pay"]\ntool = "look"\ncase = "c-1"\n'
    ),
    f"{SUITE}/owners.toml": (
        f'schema = 1\n[person.ann]\nmail = "ann@example.org"\nkeys = ["{ANNS_KEY}"]\n'
    ),
    f"{SUITE}/dial.toml": "schema = 1\n",
    f"{SUITE}/agent/__init__.py": "",
    f"{SUITE}/agent/main.py": AGENT,
    f"{SUITE}/agent/limits.json": '{"most": 10}',
    f"{SUITE}/README.md": "# Desk\n",
    "lib/shared.json": "{}",
    "README.md": "# Shop\n",
    ".gitignore": ".venv/\n.env\n",
}


def a_case(case_id: str, **more: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "id": case_id,
        "origin": "golden",
        "messages": [{"role": "user", "content": f"Do {case_id}."}],
        "expect": {
            "actions": [{"name": "pay", "arguments": {}}],
            "forbid": [{"name": "look"}],
            "reply": {"contains": ["done"]},
        },
        "critical": True,
        **more,
    }


CASES = [a_case("c-1"), a_case("c-2")]


class Desk:
    """The workspace on a branch of its own; whatever a test writes is the change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.suite = folder / SUITE

    @classmethod
    def make(cls, folder: Path, files: dict[str, str] | None = None) -> Desk:
        desk = cls(folder)
        folder.mkdir(parents=True)
        for name, text in {**FILES, **(files or {})}.items():
            desk.write(name, text)
        desk.write_cases(CASES)
        make_repository(folder)
        desk.commit("base")
        git(folder, "checkout", "-q", "-b", "change")
        git(folder, "commit", "-q", "--allow-empty", "-m", "change")
        return desk

    def copy_to(self, folder: Path) -> Desk:
        shutil.copytree(self.folder, folder, symlinks=True)
        return Desk(folder)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def track(self, name: str, text: str) -> None:
        """Writes a file that git knows."""
        self.write(name, text)
        git(self.folder, "add", "-f", name)

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new), "utf-8")

    def setting(self, name: str, old: str, new: str) -> None:
        self.replace(f"{SUITE}/{name}", old, new)

    def write_cases(self, cases: list[dict[str, Any]]) -> None:
        self.write(f"{GOLDEN}/cases.jsonl", "".join(json.dumps(case) + "\n" for case in cases))

    def commit(self, message: str) -> None:
        commit_all(self.folder, message)

    def survey(self, release: str | None = None) -> ChangeSurvey:
        """As `check --baseline main` surveys it. Raises what `check` raises."""
        with asking_once():
            inputs = read_inputs(
                self.suite, release=release, baseline="main", allow=(), today=dt.date(2026, 11, 1)
            )
            base = inputs.baseline
            assert isinstance(base, GitBaseline)
            read_base_side(inputs.workspace, base)
            with laid_out(self.suite, base, whole=True) as folder:
                return survey_against(inputs, base, load_workspace(folder))

    def found(self, release: str | None = None) -> list[str]:
        """`label: path: detail` of each change of the judge."""
        return [
            f"{item.label.value}: {item.path}: {item.detail}"
            for item in self.survey(release).changes
        ]

    @property
    def checkout(self) -> Checkout:
        return Checkout(self.folder.resolve())


__all__ = ["CASES", "FILES", "GOLDEN", "SUITE", "Desk", "Path", "a_case"]
