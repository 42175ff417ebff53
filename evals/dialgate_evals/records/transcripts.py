"""Recorded trajectories, one JSON object a line: the transcript agent's whole evidence.

Streams: a file of any size costs one line of memory. Bad lines are named, never skipped in
silence; what they mean for the verdict is left to `gate`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dialgate_evals.actions.trajectory import Trajectory, parse_trajectory
from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.file_reading import is_inside, json_pointer
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.files.json_text import JsonTextError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.schema_validation import check_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from dialgate_evals.dialects.reading import NotUnderstood
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


def transcript_path(workspace: Workspace, release: Release) -> Path:
    """The file of the release's recorded trials.

    Raises ConfigurationError where it lies outside the workspace.
    """
    template = workspace.suite.agent.path or ""
    name = template.replace("{version}", release.version).replace("{name}", release.name)
    path = workspace.folder / name
    if not is_inside(path, workspace.root):
        raise ConfigurationError(
            [
                Problem(
                    file=show_path(workspace.folder / "suite.toml"),
                    place="agent.path",
                    found=f"{show_path(path)}, which lies outside the workspace",
                    expected="a file inside it",
                )
            ]
        )
    return path


def shown_transcripts(workspace: Workspace, release: Release) -> str:
    """The same file as a person finds it: in their checkout, where this suite was laid out."""
    path = transcript_path(workspace, release)
    if workspace.home is not None:
        path = workspace.home / os.path.relpath(path, workspace.folder)
    return show_path(path)


def read_trajectories(path: Path, *, shown: str = "") -> Iterator[Trajectory | Problem]:
    """Every recorded trial of the file in order; a problem stands for each line that is none.

    `shown` is the file's name in a problem, where it is not the path from the current folder.
    """
    file = shown or show_path(path)
    try:
        for number, document in read_json_lines(path):
            yield from _parse_line(file, number, document)
    except FileNotFoundError:
        yield Problem(
            file=file,
            found="no such file",
            expected="the recorded trials of the release",
            advice=(
                "Write the version's trajectories there, or name the agent itself, to be run "
                "(`dialgate init --name SUITE --target AGENT`)."
            ),
        )
    except OSError as error:
        found = f"a file that can't be read ({error.strerror})"
        yield Problem(file=file, found=found, expected="recorded trials")


def _parse_line(
    file: str,
    number: int,
    document: Any | JsonTextError,  # noqa: ANN401 - unchecked JSON
) -> Iterator[Trajectory | Problem]:
    if isinstance(document, JsonTextError):
        yield Problem(
            file=file,
            place=f"line {number}",
            found=str(document),
            expected="one JSON object a line",
        )
        return
    problems = check_document(document, "transcript", file, _place(number))
    if problems:
        yield from problems
        return
    trajectory = parse_trajectory(document)
    gaps = read_messages(trajectory.messages).gaps
    if gaps:
        yield from (_gap_problem(gap, file, number) for gap in gaps)
        return
    yield trajectory


def _gap_problem(gap: NotUnderstood, file: str, number: int) -> Problem:
    return Problem(
        file=file,
        place=_place(number)(("messages", *gap.path)),
        found=f"{gap.found}, which is not understood and could hold an action",
        expected=f"a known dialect; the nearest form is {gap.nearest}",
        advice="Write it in a form of docs/reference/dialects.md.",
    )


def _place(number: int) -> Callable[[tuple[str | int, ...]], str]:
    def place(path: tuple[str | int, ...]) -> str:
        return f"line {number} {json_pointer(path)}".rstrip()

    return place
