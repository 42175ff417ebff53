"""Every form of a report: a module of its own and a line in the table, held to the same rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dialgate_reports import formats
from dialgate_reports.formats import FORMATS, ReportFormat
from dialgate_reports.page.subject import Subject
from tests.reports.documents import a_document
from tests.reports.hostile import HOSTILE, PLAIN, hostile_document
from tests.reports.pages import some_records

REPORTS = Path(formats.__file__).parent
NO_FORMS = {
    "verdict/terminal.py", "verdict/no_verdict.py", "verdict/github_annotations.py",
}  # fmt: skip
"""What shows a verdict to people or to GitHub's machinery and is no file of its own."""

each_form = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)


def made(form: ReportFormat, text: str) -> str:
    return form.render(Subject(document=hostile_document(text), records=some_records))


@each_form
def test_the_same_verdict_gives_the_same_bytes(form: ReportFormat) -> None:
    assert made(form, PLAIN) == made(form, PLAIN)


@each_form
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_no_text_controls_who_reads_it(form: ReportFormat, text: str) -> None:
    shown = made(form, text)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\x00" not in shown
    shown.encode("utf-8")


@each_form
def test_a_form_is_made_without_records(form: ReportFormat) -> None:
    assert form.render(Subject(document=a_document()))


@each_form
def test_a_form_without_one_for_recommendations_says_so(form: ReportFormat) -> None:
    only = replace(form, recommendation=None)
    with pytest.raises(ValueError, match=f"no {form.title} form"):
        only.render(Subject(document={}), of="recommendation")


def test_every_module_that_renders_a_verdict_has_its_line() -> None:
    listed = {item.verdict for item in FORMATS}
    forgotten = [
        path.name
        for path in (REPORTS / "verdict").glob("*.py")
        if path.name != "__init__.py"
        and f"verdict/{path.name}" not in NO_FORMS
        and f"dialgate_reports.verdict.{path.stem}" not in listed
    ]
    assert not forgotten, "give them a line in reports/dialgate_reports/formats.py: FORMATS"


def test_forms_have_names_of_their_own() -> None:
    names = [form.name for form in FORMATS]
    assert len(set(names)) == len(names)
