"""`--confirm-classes`: the marks of guesses go out of actions.toml, where nothing else changes."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.actions_file import read_actions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def confirm_classes(folder: Path) -> list[str]:
    """Takes `proposed` out of every class of actions.toml, and nothing else; gives their names.

    Raises ConfigurationError where the file is bad, UsageError where a mark is written otherwise.
    """
    path = folder / "actions.toml"
    problems: list[Problem] = []
    read = read_actions(path, problems)
    if read is None:
        raise ConfigurationError(problems)
    names = [item.name for item in read[0].classes if item.proposed is not None]
    if names:
        after = b"".join(_without_marks(path.read_bytes()))
        _check_only_marks_gone(path, after, read[1])
        write_atomically(path, after)
    return names


def _without_marks(raw: bytes) -> Iterator[bytes]:
    for line in raw.splitlines(keepends=True):
        if line.partition(b"=")[0].strip() != b"proposed":
            yield line


def _check_only_marks_gone(path: Path, after: bytes, before: Any) -> None:  # noqa: ANN401 - TOML data
    wanted = {
        **before,
        "class": {
            name: {key: value for key, value in item.items() if key != "proposed"}
            for name, item in before["class"].items()
        },
    }
    try:
        if tomllib.loads(after.decode("utf-8")) == wanted:
            return
    except ValueError:
        pass
    raise UsageError(
        f"{show_path(path)}: `proposed` is not on lines of its own; take it out by hand."
    )
