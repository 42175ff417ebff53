"""Several suites' verdicts as one JUnit report; a suite without a verdict is an error in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_reports.verdict.junit import junit_document, suites_of, verdict_suite
from dialgate_reports.verdict.several import several_words as words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_reports.page.subject import Subject


def render(subject: Subject) -> str:
    """The form `junit` of several suites in `dialgate_reports.formats`."""
    return render_several_junit(subject.document)


def render_several_junit(document: Mapping[str, Any]) -> str:
    """One `testsuites` with all of them."""
    found: list[str] = []
    for item in document["suites"]:
        if item["document"] is not None:
            found += suites_of(item["document"])
        else:
            verdict = {1: "fail", 3: "inconclusive", 0: "pass"}.get(item["exit_code"], "invalid")
            found.append(verdict_suite(words.name(item), verdict, [str(item["problem"])]))
    return junit_document(found)
