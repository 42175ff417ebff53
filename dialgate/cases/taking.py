"""Found cases that a person takes into a suite: checked as `lint` would, and signed by a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.cases.new_case import add_case, case_file, check_case, refuse_problems
from dialgate.runs.live_runs import now_text
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.case import Origin
from dialgate_evals.suite.case_files import case_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of the found cases."""

    taken: tuple[str, ...]
    known: tuple[str, ...]
    # which the suite has already
    file: str


def found_cases(path: Path, only: Sequence[str]) -> list[dict[str, Any]]:
    """The cases of the file, or those named. Raises ConfigurationError, UsageError."""
    file = show_path(path)
    problems: list[Problem] = []
    found: list[dict[str, Any]] = []
    try:
        for number, document in read_json_lines(path):
            if isinstance(document, ValueError):
                problems.append(
                    Problem(
                        file=file,
                        place=f"line {number}",
                        found=str(document),
                        expected="one JSON object a line",
                    )
                )
                continue
            problems += case_problems(document, file, number)
            found.append(document)
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}.") from None
    if problems:
        raise ConfigurationError(problems)
    unknown = [name for name in only if name not in {case["id"] for case in found}]
    if unknown:
        raise UsageError(f"{file} has no case {unknown[0]}.")
    return [case for case in found if not only or case["id"] in only]


def take_cases(
    workspace: Workspace,
    release: Release,
    cases: Sequence[Mapping[str, Any]],
    *,
    by: str,
    file: Path | None,
    wants: Callable[[Mapping[str, Any]], bool],
) -> Taken:
    """Adds the cases that the person wants, each with who accepted it and when.

    Raises ConfigurationError where one would be a problem of the suite, before any is written.
    """
    target = case_file(workspace, file)
    known = [case["id"] for case in cases if case["id"] in workspace.cases_by_id]
    chosen = [
        signed(case, by, now_text()) for case in cases if case["id"] not in known and wants(case)
    ]
    add_signed(workspace, release, chosen, target)
    return Taken(
        taken=tuple(case["id"] for case in chosen), known=tuple(known), file=show_path(target)
    )


def add_signed(
    workspace: Workspace, release: Release, cases: Sequence[Mapping[str, Any]], file: Path
) -> None:
    """Adds cases that a person accepted to the file.

    Raises ConfigurationError where one would be a problem of the suite, before any is written.
    """
    refuse_problems([p for case in cases for p in check_case(case, workspace, release)])
    for case in cases:
        add_case(case, file)


def signed(case: Mapping[str, Any], by: str, at: str) -> dict[str, Any]:
    """The case with who accepted it and when, where it was found by a search."""
    if case.get("origin") != Origin.FUZZED.value:
        return dict(case)
    source = {**case.get("source", {}), "accepted_by": by, "accepted_at": at}
    return {**case, "source": source}
