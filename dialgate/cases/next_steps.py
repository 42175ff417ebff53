"""What a person reads once a suite is made of what was found: guesses, and the next command."""

from __future__ import annotations

import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WIDTH = 80
_MOST_CLASSES = 12


def next_lines(document: Mapping[str, Any], folder: str) -> Iterator[str]:
    """What was guessed of each tool, and the command to go on with."""
    if document["classes"]:
        yield from _guesses(document["classes"])
        yield f"Put right in {folder}/actions.toml what is wrong."
    if document["cases"] == 0:
        yield f"Then try: dialgate cases new {folder}"
    elif document["cases"] == document.get("unrecorded"):
        yield f"Then name your agent: {_own_agent(folder)}"
    else:
        confirmed = " --confirm-classes" if document["classes"] else ""
        yield f"Then look at each case: dialgate accept {folder}{confirmed}"


def _own_agent(folder: str) -> str:
    """The command that puts a person's own agent in the place of what was recorded."""
    return f"dialgate init --name {shlex.quote(PurePath(folder).name)} --target MODULE:FUNCTION"


def _guesses(classes: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "What each tool does is a guess, and counts as a write until you confirm it:"
    shown = list(classes.items())[:_MOST_CLASSES]
    wide = max(len(name) for name, _ in shown)
    for name, guess in shown:
        head = f"  {name:<{wide}}  {_effect(guess)}: "
        yield wrap(guess["why"], _WIDTH, head, " " * (wide + 6))
    if len(classes) > _MOST_CLASSES:
        yield f"  and {len(classes) - _MOST_CLASSES} more"


def _effect(guess: Mapping[str, Any]) -> str:
    if guess["effect"] == "read":
        return "read"
    undo = "" if guess["reversible"] else ", irreversible"
    return f"{guess['effect']}, {guess['blast_radius']}{undo}"
