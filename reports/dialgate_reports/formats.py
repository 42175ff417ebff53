"""The forms in which a verdict, a recommendation or findings are written: a module and a line each.

Options, help, writing and the tests against hostile texts go through this table. Light: a form's
module is loaded when the form is asked for. Leaves where each form goes to `dialgate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_reports.page.subject import Subject


Kind = Literal["verdict", "recommendation", "findings", "verdicts"]
"""What is written: a verdict or several, a recommendation, what `fuzz` found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFormat:
    """One form: an option of its name, and a module with `render(subject)` that makes its text."""

    name: str
    title: str
    # what sentences call it
    what: str
    # for the option's help: "Write {what} to F"
    verdict: str
    recommendation: str | None = None
    findings: str | None = None
    verdicts: str | None = None
    # modules; None: there is no such form

    def render(self, subject: Subject, *, of: Kind = "verdict") -> str:
        """The text. Raises ValueError where what is written has no such form."""
        module = self.module_of(of)
        if module is None:
            raise ValueError(f"A {of} has no {self.title} form; a verdict has one.")
        text: str = import_module(module).render(subject)
        return text

    def module_of(self, kind: Kind) -> str | None:
        """The module that makes the form; None where there is none."""
        modules = {
            "verdict": self.verdict, "recommendation": self.recommendation,
            "findings": self.findings, "verdicts": self.verdicts,
        }  # fmt: skip
        return modules[kind]


_HERE = "dialgate_reports"
FORMATS = (
    ReportFormat(
        name="json",
        title="JSON",
        what="the verdict as JSON",
        verdict=f"{_HERE}.verdict.json_document",
        recommendation=f"{_HERE}.verdict.json_document",
        findings=f"{_HERE}.verdict.json_document",
        verdicts=f"{_HERE}.verdict.json_document",
    ),
    ReportFormat(
        name="markdown",
        title="Markdown",
        what="Markdown for a pull request",
        verdict=f"{_HERE}.verdict.markdown",
        recommendation=f"{_HERE}.graduation.graduation_markdown",
        findings=f"{_HERE}.texts.findings.findings_markdown",
        verdicts=f"{_HERE}.verdict.several.several_markdown",
    ),
    ReportFormat(
        name="html",
        title="HTML",
        what="a self-contained HTML page",
        verdict=f"{_HERE}.page.html",
        recommendation=f"{_HERE}.graduation.graduation_page",
        findings=f"{_HERE}.texts.findings.findings_page",
        verdicts=f"{_HERE}.verdict.several.several_page",
    ),
    ReportFormat(
        name="junit",
        title="JUnit",
        what="JUnit XML",
        verdict=f"{_HERE}.verdict.junit",
        verdicts=f"{_HERE}.verdict.several.several_junit",
    ),
)
"""Every form, in the order of the options."""


@dataclass(frozen=True, slots=True)
class ReportTargets:
    """Where each form goes, by its name: a file, or `-` for standard output."""

    files: Mapping[str, str]

    @property
    def takes_stdout(self) -> bool:
        """Whether standard output belongs to a tool, so that people read standard error."""
        return "-" in self.files.values()
