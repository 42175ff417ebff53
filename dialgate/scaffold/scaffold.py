"""Writes a workspace from its template; refuses to touch a file that exists."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING

from dialgate.scaffold.agent_table import CHAT_MODEL, agent_table
from dialgate.scaffold.choices import TARGETS, WorkspaceChoices
from dialgate.scaffold.module_places import code_globs
from dialgate.scaffold.surroundings import DEFAULT_NAME, Surroundings
from dialgate.scaffold.team_files import team_files
from dialgate.scaffold.transcripts import template_transcripts
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import join_words, show_path
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

# A template can't hold the dot: tools would take it for their own.
_RENAMED = {"gitignore": ".gitignore"}
_AGENT = "suites/my-agent/agent/my_agent.py"
_SUITE = "suites/my-agent/suite.toml"
_RELEASE = "suites/my-agent/release.toml"
_PLAIN = WorkspaceChoices(
    name=DEFAULT_NAME, kind=AgentKind.PYTHON, target=TARGETS[AgentKind.PYTHON][1]
)


def scaffold(
    directory: Path, choices: WorkspaceChoices = _PLAIN, around: Surroundings | None = None
) -> list[Path]:
    """Writes the workspace below the directory; gives the files written, in order.

    Raises UsageError, having written nothing, where one of the suite's files exists already; a
    team's file that exists is left as it is.
    """
    around = around or Surroundings()
    files = {
        directory / name.replace(DEFAULT_NAME, choices.name): content
        for name, content in _workspace_files(choices, around, directory).items()
    }
    existing = [show_path(path) for path in files if path.exists() and path.name[0] != "."]
    if existing:
        raise UsageError(f"Nothing was written, because these exist: {join_words(existing)}.")
    return write_files({**files, **beside(directory, choices.name, around)})


def beside(
    directory: Path, name: str, around: Surroundings, *, is_made: bool = False
) -> dict[Path, bytes]:
    """What a workspace has beside its suite: who owns what, CI, editors, what git leaves alone.

    `is_made`: of recordings or an import, so that the suite's folder holds its cases.
    """
    texts = {".gitignore": _gitignore(), **team_files(around)}
    if is_made:
        cases = (b"/golden/my-agent/            ", b"/suites/my-agent/cases.jsonl")
        texts[".github/CODEOWNERS"] = texts[".github/CODEOWNERS"].replace(*cases)
    return {
        directory / path.replace(DEFAULT_NAME, name): _named(content, name)
        for path, content in texts.items()
    }


def write_files(files: Mapping[Path, bytes]) -> list[Path]:
    """Writes those that are not there yet; gives them in order. Raises UsageError."""
    written = []
    for path, content in files.items():
        if path.exists():
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise UsageError(f"{show_path(path)} can't be written: {error.strerror}.") from None
        written.append(path)
    return written


def _gitignore() -> bytes:
    return (resources.files(__package__) / "templates/workspace/gitignore").read_bytes()


def template_file(name: str) -> bytes:
    """A file of the template's suite, for suites that are made in another way."""
    folder = resources.files(__package__) / "templates/workspace/suites/my-agent"
    return (folder / name).read_bytes()


def _workspace_files(
    choices: WorkspaceChoices, around: Surroundings, directory: Path
) -> dict[str, bytes]:
    """The template's files for the choices, by their names in the template."""
    root = resources.files(__package__) / "templates"
    files = {name: source.read_bytes() for name, source in _template_files(root / "workspace")}
    if choices != _PLAIN and not (choices.kind is AgentKind.PYTHON and choices.is_own):
        head = files[_SUITE].decode("utf-8").partition("[agent]")[0]
        files[_SUITE] = (head + agent_table(choices, around, directory)).encode("utf-8")
    match choices.kind:
        case AgentKind.COMMAND if choices.is_own:
            name = "suites/my-agent/agent/stdio.py"
            files[name] = (root / "kinds/stdio.py").read_bytes()
        case AgentKind.HTTP if choices.is_own:
            name = "suites/my-agent/agent/server.py"
            files[name] = (root / "kinds/server.py").read_bytes()
        case AgentKind.CHAT:
            head = files[_RELEASE].decode("utf-8").partition("[model]")[0]
            files[_RELEASE] = (head.replace('code = ["agent/**/*.py"]\n', "") + CHAT_MODEL).encode()
            del files[_AGENT]
        case AgentKind.TRANSCRIPT:
            cases = files["golden/my-agent/cases.jsonl"]
            files["suites/my-agent/transcripts/1.jsonl"] = template_transcripts(cases)
            files[_RELEASE] = files[_RELEASE].replace(b'code = ["agent/**/*.py"]\n', b"")
            del files[_AGENT]
        case _:
            if not choices.is_own:
                code = code_globs(directory, choices.target)
                named = f"code = {json.dumps(code)}\n" if code else ""
                files[_RELEASE] = files[_RELEASE].replace(
                    b'code = ["agent/**/*.py"]\n', named.encode()
                )
                del files[_AGENT]
    return {name: _named(content, choices.name) for name, content in files.items()}


def _named(content: bytes, name: str) -> bytes:
    return content.replace(DEFAULT_NAME.encode(), name.encode())


def _template_files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name == "__pycache__":
            continue
        name = prefix + _RENAMED.get(entry.name, entry.name)
        if entry.is_dir():
            yield from _template_files(entry, name + "/")
        else:
            yield name, entry
