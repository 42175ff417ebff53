"""Several suites' verdicts on one page: a row each, and what there is to say of each.

A pure function of the document. Leaves a suite's whole page to `page.html`, whose command it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_reports.page.page_frame import page_part, page_policy, page_template
from dialgate_reports.verdict.several import several_words
from dialgate_reports.words import figures, verdict_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_reports.page.subject import Subject


def render(subject: Subject) -> str:
    """The form `html` of several suites in `dialgate_reports.formats`."""
    return render_several_page(subject.document)


def render_several_page(document: Mapping[str, Any]) -> str:
    """The page; it needs no script."""
    style = page_part("page.css")
    page = page_template("several.html.jinja").render(
        document=document,
        words=several_words,
        verdict_words=verdict_words,
        figures=figures,
        style=style,
        policy=page_policy(style, ""),
    )
    return f"{page}\n"
