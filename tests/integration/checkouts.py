"""A scaffolded workspace in a git repository of its own, with a branch for the change."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from tests.integration.command_line import Finished, dialgate

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    local = ["-c", "protocol.file.allow=always"]  # submodules from a folder of the same test
    done = subprocess.run(
        ["git", *identity, *local, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


class Checkout:
    """A scaffolded workspace, committed on main, with a branch for the change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.suite = folder / "suites" / "my-agent"
        if folder.exists():
            return
        assert dialgate("init", folder, folder=folder.parent).code == 0
        # Trials of milliseconds: beside another load the candidate's may take three times as long.
        self.replace("suites/my-agent/policy.toml", "latency_p95_ratio = 3.0\n", "")
        git(folder, "init", "-q", "-b", "main")
        self.commit("base")
        # A commit is compared with the one before it where nothing else differs.
        git(folder, "commit", "-q", "--allow-empty", "-m", "nothing more")
        git(folder, "checkout", "-q", "-b", "change")

    def copy_to(self, folder: Path) -> Checkout:
        """The same checkout at another place."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Checkout(folder)

    def commit(self, message: str) -> None:
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "-m", message)

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new), "utf-8")

    def break_refunds(self) -> None:
        """The change's agent refunds two large orders that a person should decide."""
        self.replace("suites/my-agent/prompts/system.md", "up to 50 USD", "up to 500 USD")

    @property
    def case_file(self) -> Path:
        return self.folder / "golden" / "my-agent" / "cases.jsonl"

    def cases(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.case_file.read_text("utf-8").splitlines()]

    def write_cases(self, cases: list[dict[str, Any]]) -> None:
        text = "".join(json.dumps(case) + "\n" for case in cases)
        self.case_file.write_text(text, "utf-8")

    def check(self, *more: str) -> Finished:
        return dialgate("check", "suites/my-agent", "--json", "-", *more, folder=self.folder)

    def changes(self, *more: str) -> Finished:
        return dialgate("changes", "suites/my-agent", "--json", "-", *more, folder=self.folder)
