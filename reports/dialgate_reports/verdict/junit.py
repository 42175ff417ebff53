"""The verdict as JUnit XML, for CI systems that show test results.

One test case per case that was judged, and one per action class; a pure function of the verdict
document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.words.case_text import call_text

if TYPE_CHECKING:
    from dialgate_reports.page.subject import Subject


def render(subject: Subject) -> str:
    """The form `junit` of `dialgate_reports.formats`."""
    return render_junit(subject.document)


def render_junit(document: dict[str, Any]) -> str:
    """`testsuites` with the classes' verdicts and the cases that failed or moved."""
    return junit_document(suites_of(document))


def suites_of(document: dict[str, Any]) -> list[str]:
    """The `testsuite` elements of one verdict."""
    classes = [_class_case(document, item) for item in document["classes"]]
    cases = [_case(document, entry) for entry in document["explanations"]]
    return [
        verdict_suite(document["suite"], document["verdict"], document["reasons"]),
        _suite(f"{document['suite']}: action classes", classes),
        _suite(f"{document['suite']}: cases that failed or moved", cases),
    ]


def verdict_suite(name: str, verdict: str, reasons: list[str]) -> str:
    """The `testsuite` of one suite's verdict."""
    return _suite(f"{name}: verdict", [_test_case(name, "verdict", verdict, reasons)])


def junit_document(suites: list[str]) -> str:
    """The whole report of these `testsuite` elements."""
    body = "\n".join(suites)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="dialgate">'
    return f"{head}\n{body}\n</testsuites>\n"


def _suite(name: str, cases: list[str]) -> str:
    failures = sum("<failure" in case for case in cases)
    errors = sum("<error" in case for case in cases)
    skipped = sum("<skipped" in case for case in cases)
    head = (
        f'<testsuite name={_attribute(name)} tests="{len(cases)}" failures="{failures}" '
        f'errors="{errors}" skipped="{skipped}">'
    )
    return "\n".join([head, *cases, "</testsuite>"])


def _class_case(document: dict[str, Any], item: dict[str, Any]) -> str:
    group = f"{document['suite']}.classes"
    return _test_case(group, item["action_class"], item["verdict"], item["reasons"])


def _test_case(group: str, name: str, verdict: str, reasons: list[str]) -> str:
    text = "\n".join(shorten(reason, 2000) for reason in reasons)
    match verdict:
        case "pass":
            inner = ""
        case "inconclusive":
            inner = f"<skipped message={_attribute(text)}/>"
        case "invalid":
            inner = f'<error message={_attribute(text)} type="invalid"/>'
        case _:
            inner = f'<failure message={_attribute(text)} type="{verdict}"/>'
    return f"<testcase classname={_attribute(group)} name={_attribute(name)}>{inner}</testcase>"


def _case(document: dict[str, Any], entry: dict[str, Any]) -> str:
    group = f"{document['suite']}.cases"
    head = f"<testcase classname={_attribute(group)} name={_attribute(entry['case'])}>"
    if entry["move"] == "fixed" or entry["candidate"]["trials"] == entry["candidate"]["passed"]:
        return f"{head}</testcase>"
    lines = [
        f"{item['outcome']}: expected {call_text(item['expected'])}, "
        f"actual {call_text(item['actual'])}"
        for item in entry["candidate"]["decisions"]
        if not item["is_correct"]
    ] + [shorten(text, 1000) for text in entry["candidate"]["reply_failures"]]
    body = escape(printable(shorten("; ".join(lines), 4000)))
    message = _attribute(f"{entry['move']}{', silent' if entry['silent'] else ''}")
    if entry["quarantined"]:
        return f"{head}<skipped message={_attribute('quarantined')}/></testcase>"
    return f'{head}<failure message={message} type="{entry["move"]}">{body}</failure></testcase>'


def _attribute(text: str) -> str:
    return quoteattr(printable(shorten(text, 2000)))
