"""Puts a person's own agent in the place of what was recorded or imported.

A suite that `record` or `cases import` made scores its recordings until somebody names an agent:
this changes `[agent]` of its suite.toml and what release.toml says of code and model, and no
other line.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from dialgate.scaffold.agent_table import CHAT_MODEL, agent_table
from dialgate.scaffold.module_places import code_globs
from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.problems import join_words, show_path
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.scaffold.choices import WorkspaceChoices
    from dialgate.scaffold.surroundings import Surroundings

_TABLE = re.compile(
    r"(?:^# What was (?:recorded|imported)[^\n]*\n)?^\[agent\]\n(?:[^\[\n][^\n]*\n|\n)*",
    re.MULTILINE,
)
_WAITS = re.compile(r"^# What was (?:recorded|imported)[^\n]*\n\[agent\]$", flags=re.MULTILINE)
_HEAD = re.compile(r"^# The thing under gate: here[^\n]*", re.MULTILINE)
_PROMPTS = 'prompts = ["prompts/system.md"]'
_HEARD = """\
# As it was recorded. Your agent is given it as release["prompts"]; one with its prompt in code may
# leave it aside: then only a change of that code is judged.
"""
_VERSION = re.compile(r'^version = "(?:recorded|imported)"', re.MULTILINE)


def is_there(directory: Path, choices: WorkspaceChoices) -> bool:
    """Whether there is a suite of that name already."""
    return (directory / "suites" / choices.name / "suite.toml").is_file()


def only_waiting(directory: Path) -> str | None:
    """The suite that was recorded or imported and waits for its agent; None where none does.

    Raises UsageError where there are several, for a person to name one.
    """
    found = []
    for suite in sorted(directory.glob("suites/*/suite.toml")):
        try:
            text = suite.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if _WAITS.search(text):
            found.append(suite.parent.name)
    if len(found) > 1:
        named = join_words([f"suites/{name}" for name in found])
        raise UsageError(f"{named} have no agent yet: say with --name whose agent it is.")
    return found[0] if found else None


def name_agent(directory: Path, choices: WorkspaceChoices, around: Surroundings) -> list[Path]:
    """Names the agent in the suite's files; gives those that changed.

    Raises UsageError, having written nothing, where the suite names an agent already or its files
    are written otherwise than `record` and `cases import` write them.
    """
    folder = directory / "suites" / choices.name
    suite, release = folder / "suite.toml", folder / "release.toml"
    before = _read(suite)
    kind = _table(before, suite).get("agent", {}).get("kind")
    if kind != AgentKind.TRANSCRIPT:
        raise UsageError(
            f"{show_path(suite)} names an agent of the kind {kind} already: change [agent] there."
        )
    table = agent_table(choices, around, directory)
    made = {suite: _TABLE.sub(lambda _: table, before, count=1)}
    made[release] = _released(_read(release), choices, code_globs(directory, choices.target))
    wanted = {**_table(before, suite), "agent": tomllib.loads(table)["agent"]}
    if _table(made[suite], suite) != wanted:
        raise UsageError(f"{show_path(suite)}: [agent] can't be found; name the agent by hand.")
    _table(made[release], release)
    for path, text in made.items():
        write_atomically(path, text.encode("utf-8"))
    return list(made)


def _released(text: str, choices: WorkspaceChoices, code: list[str]) -> str:
    """The release as that of an agent: with its code, or its model."""
    text = _HEAD.sub(
        "# The thing under gate: whenever one of these changes, check says whether it got worse.",
        text,
    )
    text = _VERSION.sub('version = "1"', text)
    if choices.kind is AgentKind.CHAT:
        return text.partition("[model]")[0] + CHAT_MODEL
    text = text.replace(_PROMPTS, f"{_HEARD}{_PROMPTS}")
    return text.replace("code = []", f"code = {json.dumps(code)}")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{show_path(path)} can't be read: {error}.") from None


def _table(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise UsageError(f"{show_path(path)}: {error}.") from None
