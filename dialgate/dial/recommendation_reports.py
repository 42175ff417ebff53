"""Writes a recommendation in every form that was asked for, and shows it to people.

The same for `dial recommend` and for `report`, which renders a document again: the same bytes.
Leaves the texts to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import UsageError
from dialgate_reports.graduation.recommendation_text import render_recommendation

from dialgate.terminal.output import say, to_json, write_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate.reporting.reporting import ReportTargets


def write_recommendation(
    document: dict[str, Any], targets: ReportTargets, *, verbose: bool
) -> None:
    """Shows the moves and writes the forms asked for. Raises UsageError."""
    if targets.junit is not None:
        raise UsageError("A recommendation has no JUnit form; a verdict has one.")
    forms: dict[str, Callable[[dict[str, Any]], str]] = {
        "json": to_json,
        "markdown": _markdown,
        "html": _page,
    }
    asked = {name: getattr(targets, name) for name in forms if getattr(targets, name) is not None}
    if list(asked.values()).count("-") > 1:
        raise UsageError("Only one of --json, --markdown and --html can go to standard output.")
    for name, target in asked.items():
        write_text(target, forms[name](document))
    say(render_recommendation(document, verbose=verbose), to_stderr=targets.takes_stdout)


def _markdown(document: dict[str, Any]) -> str:
    from dialgate_reports.graduation.graduation_markdown import render_graduation_markdown  # noqa: PLC0415 - if asked

    return render_graduation_markdown(document)


def _page(document: dict[str, Any]) -> str:
    from dialgate_reports.graduation.graduation_page import render_graduation_page  # noqa: PLC0415 - template engine

    return render_graduation_page(document)
