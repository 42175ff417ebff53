"""What `fuzz` found as Markdown, for a pull request, an issue or a wiki: every text is escaped.

A pure function of the document that `fuzz --json` writes. Leaves sentences to
`findings.finding_words`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of
from dialgate_reports.texts.findings.finding_words import FAMILIES, basis, headline, next_step
from dialgate_reports.words.case_text import call_text, group_decisions, times
from dialgate_reports.words.markdown_text import cell, clipped, code, fitting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_reports.page.subject import Subject

LIMIT_BYTES = 60_000
"""What GitHub takes as a comment, with room."""
_ROOM_FOOT = 12_000
_MORE = "*{} more findings are left out here; the HTML page has them.*"


def render(subject: Subject) -> str:
    """The findings' form `markdown` of `dialgate_reports.formats`."""
    return render_findings_markdown(subject.document)


def render_findings_markdown(document: Mapping[str, Any], *, limit_bytes: int = LIMIT_BYTES) -> str:
    """The findings in full, as many as have room; then what was tried and what it rests on."""
    mark = "❌" if document["findings"] else "✅"
    head = f"### {mark} dialgate fuzz: {clipped(headline(document), 1_000)}"
    foot = [clipped(next_step(document), 1_500)] if document["found"] else []
    foot += [_tried(document), clipped(basis(document), 6_000)]
    room = limit_bytes - _ROOM_FOOT - len(head.encode())
    numbered = list(enumerate(document["findings"], 1))
    found = fitting(numbered, lambda pair: "\n".join(_finding(*pair)), room, _MORE)
    return "\n\n".join([head, *found, *foot]) + "\n"


def _finding(number: int, item: Mapping[str, Any]) -> Iterator[str]:
    yield f"**{number}. {clipped(item['relation'], 80)}**: {clipped(item['altered'], 400)}"
    yield ""
    yield f"- must hold: {clipped(item['keeps'], 400)}"
    yield f"- of {code(item['parent'], 300)}, seed {code(item['seed'], 400)}"
    for message in item["case"]["messages"]:
        text = " ".join(text_of(message.get("content")).split())
        if text:
            yield f"- {clipped(str(message['role']), 40)}: “{clipped(text, 600)}”"
    fails = item["explanation"]["candidate"]
    for one, count in group_decisions(fails["decisions"]):
        yield f"- {one['outcome']} in {code(one['action_class'])}{times(count)}"
        for word in ("expected", "actual"):
            if one[word] is not None:
                yield f"  - {word} {code(call_text(one[word], 600), 600)}"
    yield from (f"- {clipped(text, 600)}" for text in fails["reply_failures"][:10])
    if fails["diverged"]:
        yield "- it follows a read that no recording answers"
    if not item["is_smallest"]:
        yield "- the budget ended before it was as small as can be"


def _tried(document: Mapping[str, Any]) -> str:
    """The relations that were tried, with what failed at first; nothing where none was."""
    rows = [
        f"| {cell(item['relation'])} | {FAMILIES[item['family']]} | {item['tried']:,} "
        f"| {item['failed']:,} |"
        for item in document["relations"]
        if item["tried"]
    ]
    if not rows:
        return "Nothing was tried."
    head = ["| relation | about | tried | failed at first |", "| --- | --- | ---: | ---: |"]
    body = "\n".join([*head, *fitting(rows, str, 4_500, "| … and {} more |  |  |  |")])
    return f"<details><summary>What was tried</summary>\n\n{body}\n\n</details>"
