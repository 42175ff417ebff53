"""A problem of one case: its file, its line and its id, said the same way by every check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.files.problems import Problem

if TYPE_CHECKING:
    from dialgate_evals.suite.case import Case


def case_problem(
    case: Case, place: str, found: str, expected: str, *, advice: str = "", severity: str = "error"
) -> Problem:
    """The problem, at `place` (a JSON Pointer) below the line that the case stands in."""
    line = case.place.in_file if case.place else ""
    return Problem(
        file=case.place.file if case.place else "",
        place=f"{line} {place} (case {case.id})",
        found=found,
        expected=expected,
        advice=advice,
        severity="warning" if severity == "warning" else "error",
    )
