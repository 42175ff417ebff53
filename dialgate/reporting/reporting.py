"""Writes a verdict document in every form that was asked for, and shows it to people.

Leaves the texts to `reports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import UsageError
from dialgate_reports.verdict.junit import render_junit
from dialgate_reports.verdict.markdown import render_markdown
from dialgate_reports.verdict.terminal import render_terminal

from dialgate.terminal.output import say, to_json, wants_color, write_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTargets:
    """Where each form goes: a file, `-` for standard output, None for nowhere."""

    json: str | None = None
    markdown: str | None = None
    html: str | None = None
    junit: str | None = None

    @property
    def takes_stdout(self) -> bool:
        """Whether standard output belongs to a tool, so that people read standard error."""
        return "-" in {self.json, self.markdown, self.html, self.junit}


def _render_html(document: dict[str, Any], records: Path) -> str:
    from dialgate_reports.page.html import render_html  # noqa: PLC0415 - loads the template engine

    from dialgate.reporting.page_reading import read_page_evidence  # noqa: PLC0415 - reads tables

    return render_html(document, read_page_evidence(document, records))


_RENDERERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "json": to_json,
    "junit": render_junit,
}


def _beside(targets: ReportTargets) -> str:
    """The page's file where one is written beside the Markdown."""
    return targets.html if targets.html and targets.html != "-" else ""


def write_reports(
    document: dict[str, Any], targets: ReportTargets, *, records: Path, verbose: bool
) -> None:
    """Shows the verdict to people and writes every form asked for. Raises UsageError.

    `records` is the folder where run records lie: the page shows what they hold.
    """
    forms = (*_RENDERERS, "markdown", "html")
    asked = {name: getattr(targets, name) for name in forms if getattr(targets, name)}
    if list(asked.values()).count("-") > 1:
        raise UsageError(
            "Only one of --json, --markdown, --html and --junit can go to standard output."
        )
    to_stderr = targets.takes_stdout
    text = render_terminal(document, color=wants_color(to_stderr=to_stderr), verbose=verbose)
    say(text, to_stderr=to_stderr)
    for name, target in asked.items():
        if name == "html":
            text = _render_html(document, records)
        elif name == "markdown":
            text = render_markdown(document, report=_beside(targets))
        else:
            text = _RENDERERS[name](document)
        write_text(target, text)
