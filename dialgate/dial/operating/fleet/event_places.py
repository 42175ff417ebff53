"""Where the review events of each suite lie: one pattern for all of them.

`{name}` stands for the suite's name, `{folder}` for the suite's folder. Leaves reading them to
`dialgate.dial.recommending`.
"""

from __future__ import annotations

import glob
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.events.named_source import FileSource, NoEventFilesError, name_source

if TYPE_CHECKING:
    from pathlib import Path

_FIELD = re.compile(r"\{([^{}]*)\}")
_KNOWN = {"name", "folder"}
_PLAIN = re.compile(r"[\w .-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlace:
    """Where the review events of one suite of the fleet lie."""

    source: str | None
    # a file, folder, glob or URL; None: none is there
    shown: str
    # without user, password and parameters


def refuse_pattern(pattern: str, suites: int) -> None:
    """Raises UsageError for a placeholder that is unknown, and for one place of several suites."""
    named = set(_FIELD.findall(pattern))
    if named - _KNOWN:
        raise UsageError(f"--events knows {{name}} and {{folder}}, not {{{min(named - _KNOWN)}}}.")
    if suites > 1 and not named:
        raise UsageError(
            f"--events names one place for {suites} suites, so each would count the others' "
            "events: put {name} (the suite's name) or {folder} (the suite's folder) into it."
        )


def event_place(pattern: str, *, name: str, folder: Path) -> EventPlace:
    """Where the suite's events lie.

    Raises ConfigurationError for a URL that can't be read and for files of several kinds,
    UsageError for a name with characters that a path or URL would understand.
    """
    if "{name}" in pattern and (not _PLAIN.fullmatch(name) or set(name) <= {"."}):
        raise UsageError(
            f"The suite's name {name!r} holds characters that no place of events takes: use "
            "{folder} in --events, or give it another name."
        )
    # What a folder is called is no pattern of ours.
    place = folder.as_posix()
    place = glob.escape(place) if glob.has_magic(pattern) else place
    text = pattern.replace("{name}", name).replace("{folder}", place)
    try:
        found = name_source(text)
    except NoEventFilesError:
        return EventPlace(source=None, shown=text)
    if isinstance(found, FileSource) and not any(path.is_file() for path in found.paths):
        return EventPlace(source=None, shown=found.shown)
    return EventPlace(source=text, shown=found.shown)
