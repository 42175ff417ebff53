"""Tells GitHub what `check` found: summary, comment body, annotations, outputs.

Reads the verdict that `check` left, and writes the files that GitHub Actions names. Without a
verdict that fits the exit code, everything says that there is none. Leaves texts to `reports`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.reporting.github_event import read_event
from dialgate.reporting.rendering import read_verdict
from dialgate.terminal.output import write_text
from dialgate_evals.errors import DialgateError, UsageError
from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.plain_text import printable
from dialgate_evals.suite.workspace import load_workspace
from dialgate_reports.verdict.github_annotations import (
    Annotation,
    FilePlace,
    annotate_verdict,
    limit_annotations,
    render_annotations,
)
from dialgate_reports.verdict.markdown import render_markdown
from dialgate_reports.verdict.no_verdict import annotate_failure, render_no_verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUMMARY_BYTES = 900_000
"""GitHub drops a step's summary from 1 MiB on."""

COMMENT_BYTES = 60_000
"""GitHub refuses a comment of more than 65,536 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLeavings:
    """What a `check` left for its reporting."""

    suite: Path
    folder: Path
    # holds verdict.json and log.txt where they were written; the comment goes here
    exit_code: int


def report_to_github(left: CheckLeavings, environment: Mapping[str, str]) -> str:
    """Writes summary, comment and outputs; gives the annotations, for standard output.

    Raises UsageError where this is no GitHub Actions run.
    """
    summary, outputs = (
        _file(environment, "GITHUB_STEP_SUMMARY"),
        _file(environment, "GITHUB_OUTPUT"),
    )
    document = _matching_verdict(left)
    log = _read_log(left.folder / "log.txt")
    _append(summary, _render(document, left, log, _SUMMARY_BYTES))
    link = _run_link(environment)
    body = _render(document, left, log, COMMENT_BYTES, report=link)
    write_text(str(left.folder / "comment.md"), body)
    number = read_event(environment).pull_request
    write_text(str(left.folder / "pull-request.txt"), f"{'' if number is None else number}\n")
    _append(outputs, _render_outputs(document, left))
    marks = _annotate(document, left, log, environment)
    return render_annotations(limit_annotations(marks))


def _file(environment: Mapping[str, str], name: str) -> Path:
    path = environment.get(name)
    if not path:
        raise UsageError(f"{name} is not set: this command runs in GitHub Actions.")
    return Path(path)


def _matching_verdict(left: CheckLeavings) -> dict[str, Any] | None:
    """The verdict; None where there is none, it is damaged, or another check's."""
    try:
        document = read_verdict(left.folder / "verdict.json")
    except DialgateError:
        return None
    return document if document.get("exit_code") == left.exit_code else None


def _read_log(path: Path) -> str:
    raw = read_bytes(path, [], expected="the words of check")
    return (raw or b"").decode("utf-8", "replace")


def _render(
    document: dict[str, Any] | None,
    left: CheckLeavings,
    log: str,
    limit_bytes: int,
    *,
    report: str = "",
) -> str:
    if document is not None:
        return render_markdown(document, limit_bytes=limit_bytes, report=report)
    body = render_no_verdict(left.exit_code, log, limit_bytes=limit_bytes)
    return f"{body}\n[The run]({report})\n" if report else body


def _render_outputs(document: dict[str, Any] | None, left: CheckLeavings) -> str:
    """`name=value` lines; no value can hold a line break, so none can add an output."""
    page = left.folder / "report.html"
    values = {
        "verdict": "none" if document is None else document["verdict"],
        "exit-code": str(left.exit_code),
        "report": str(page) if page.is_file() else "",
        "comment": str(left.folder / "comment.md"),
    }
    return "".join(f"{name}={printable(value)}\n" for name, value in values.items())


def _append(path: Path, text: str) -> None:
    """GitHub's files are appended to: earlier steps may have written."""
    try:
        with path.open("ab") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from None


def _run_link(environment: Mapping[str, str]) -> str:
    """The run's address, where the whole report is; empty where nothing names the run."""
    server = environment.get("GITHUB_SERVER_URL", "")
    repository, run = environment.get("GITHUB_REPOSITORY", ""), environment.get("GITHUB_RUN_ID", "")
    whole = f"{server} {repository} {run}"
    if not re.fullmatch(r"https://[\w.-]+(:\d+)? [\w.-]+/[\w.-]+ \d+", whole, flags=re.ASCII):
        return ""
    return f"{server}/{repository}/actions/runs/{run}"


def _annotate(
    document: dict[str, Any] | None, left: CheckLeavings, log: str, environment: Mapping[str, str]
) -> list[Annotation]:
    root = Path(environment.get("GITHUB_WORKSPACE") or ".").resolve()
    if document is None:
        return annotate_failure(left.exit_code, log)
    return annotate_verdict(
        document,
        cases=_places_of(document, _case_places(left.suite, root)),
        suite=_place(left.suite / "suite.toml", 1, root),
    )


def _places_of(
    document: Mapping[str, Any], places: Mapping[str, FilePlace]
) -> dict[str, FilePlace]:
    """The places of the suite's cases, and of edited versions under the verdict's ids."""
    edited = {
        str(entry.get("case")): entry.get("edited_from")
        for entry in document.get("explanations", ())
    }
    return {**places, **{shown: places[own] for shown, own in edited.items() if own in places}}


def _case_places(suite: Path, root: Path) -> dict[str, FilePlace]:
    """Where each case of the suite stands; empty where it can't be read."""
    try:
        cases = load_workspace(suite).cases
    except DialgateError:
        return {}
    places: dict[str, FilePlace] = {}
    for case in cases:
        at = case.place
        place = None if at is None else _place(Path(at.file), at.line, root)
        if place is not None:
            places[case.id] = place
    return places


def _place(path: Path, line: int, root: Path) -> FilePlace | None:
    """The line as GitHub names files: from the repository's root; None outside of it."""
    resolved = path.resolve()
    if not resolved.is_relative_to(root):
        return None
    return FilePlace(file=resolved.relative_to(root).as_posix(), line=line)
