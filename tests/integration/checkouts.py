"""A scaffolded workspace in a git repository of its own, with a branch for the change."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from tests.integration.command_line import Finished, dialgate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


_SETTINGS = {
    "user.name": "test",
    "user.email": "test@example.com",
    "commit.gpgSign": "false",
    "protocol.file.allow": "always",  # submodules from a folder of the same test
    "gc.auto": "0",  # each commit would start a process that looks whether to tidy up
    "maintenance.auto": "false",
}
_OPTIONS = [word for key, value in _SETTINGS.items() for word in ("-c", f"{key}={value}")]


def git(folder: Path, *arguments: str) -> str:
    """What git prints there, as a committer of its own, whatever the machine's settings say."""
    done = subprocess.run(
        ["git", *_OPTIONS, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def make_repository(
    folder: Path, files: Mapping[str, str] | None = None, *, branch: str = "main"
) -> Path:
    """A repository in the folder, as `git init` makes it; with files also their commit."""
    inside = folder / ".git"
    for name in ("objects", "refs/heads"):
        (inside / name).mkdir(parents=True)
    (inside / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
    (inside / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n")
    for name, text in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if files:
        commit_all(folder, "base")
    return folder


def bring_as_files(folder: Path) -> None:
    """A repository of what lies in the folder, made of files that any commit can hold."""
    make_repository(folder)
    commit_all(folder, "its own base")
    git(folder, "config", "core.worktree", ".")
    for part in (folder / ".git").iterdir():
        part.rename(folder / part.name)
    (folder / ".git").rmdir()


def commit_all(folder: Path, message: str = "words") -> None:
    """Commits the working tree as it is."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


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
        make_repository(folder)
        self.commit("base")
        # A commit is compared with the one before it where nothing else differs.
        git(folder, "commit", "-q", "--allow-empty", "-m", "nothing more")
        git(folder, "checkout", "-q", "-b", "change")

    def copy_to(self, folder: Path) -> Checkout:
        """The same checkout at another place."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Checkout(folder)

    def commit(self, message: str) -> None:
        commit_all(self.folder, message)

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
