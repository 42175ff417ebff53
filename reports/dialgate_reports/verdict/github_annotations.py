"""A verdict as GitHub's annotations: workflow commands that mark cases at their lines.

Knows the commands' escaping and that GitHub shows ten of a kind a step; a pure function of the
verdict document and of where the cases stand. Leaves the summary and the comment to
`dialgate_reports.verdict.markdown`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.files.problems import join_words
from dialgate_gate.wording import count_of
from dialgate_reports.words import verdict_words
from dialgate_reports.words.case_text import call_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_OF_A_KIND = 10

Level = Literal["error", "warning", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """A line of a file of the repository."""

    file: str
    # from the repository's root, with slashes
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One mark: a message, and where it belongs if anywhere."""

    level: Level
    title: str
    message: str
    place: FilePlace | None = None


def annotate_verdict(
    document: Mapping[str, Any], *, cases: Mapping[str, FilePlace], suite: FilePlace | None
) -> list[Annotation]:
    """The verdict at the suite, then the cases that failed or moved, most urgent first.

    A case that stands nowhere, as the change removed it, is marked at the suite.
    """
    passes = document["exit_code"] == 0
    head: list[Annotation] = []
    if document["verdict"] != "pass":
        message = ". ".join([verdict_words.headline(dict(document)), *document["reasons"][:1]])
        level: Level = "warning" if passes else "error"
        head.append(_annotation(level, f"dialgate: {document['verdict']}", message, suite))
    entries = [
        entry
        for entry in document["explanations"]
        if entry["move"] != "fixed" and not entry["quarantined"]
    ]
    return [
        *head,
        *_mark_guilty(document),
        *(_mark_case(entry, cases, suite, passes=passes) for entry in entries),
    ]


def _mark_guilty(document: Mapping[str, Any]) -> list[Annotation]:
    """The changes that a search found guilty, each at its line of the candidate's file."""
    found = document.get("blame")
    if not isinstance(found, dict) or not found.get("is_done"):
        return []
    classes = join_words(found["classes"]) or "the suite"
    return [
        _annotation(
            "error",
            f"dialgate: this breaks {classes}",
            f"{item['text']}: by {count_of(found['trials'], 'trial')}",
            FilePlace(file=item["path"], line=item["line"] or 1),
        )
        for item in found["breaks"]
    ]


def _mark_case(
    entry: Mapping[str, Any],
    cases: Mapping[str, FilePlace],
    suite: FilePlace | None,
    *,
    passes: bool,
) -> Annotation:
    words = [entry["move"], *(word for word in ("silent", "critical") if entry[word])]
    urgent = entry["move"] == "broken" or entry["critical"]
    level: Level = "notice" if entry["move"] == "flaky" else "warning"
    return _annotation(
        "error" if urgent and not passes else level,
        f"{entry['case']}: {', '.join(words)}",
        _what_happened(entry["candidate"]),
        cases.get(entry["case"], suite),
    )


def _what_happened(side: Mapping[str, Any]) -> str:
    wrong = [item for item in side["decisions"] if not item["is_correct"]]
    parts = [
        f"{item['outcome']} in {item['action_class']}: expected "
        f"{call_text(item['expected'], 300)}, actual {call_text(item['actual'], 300)}"
        for item in wrong[:3]
    ]
    return "; ".join([*parts, *side["reply_failures"][:2]]) or "failed in some trial"


def _annotation(level: Level, title: str, message: str, place: FilePlace | None) -> Annotation:
    return Annotation(
        level=level,
        title=shorten(printable(title), 120),
        message=shorten(printable(message), 2000),
        place=place,
    )


def limit_annotations(annotations: Iterable[Annotation]) -> list[Annotation]:
    """The first ten of each kind: what GitHub shows of a step; the rest would be dropped."""
    seen: dict[str, int] = {}
    kept = []
    for item in annotations:
        seen[item.level] = seen.get(item.level, 0) + 1
        if seen[item.level] <= MOST_OF_A_KIND:
            kept.append(item)
    return kept


def render_annotations(annotations: Sequence[Annotation]) -> str:
    """One workflow command a line; nothing in a text can end its line or begin another command.

    >>> mark = Annotation(level="error", title="a:b", message="50 %, then\\n::stop",
    ...     place=FilePlace(file="cases.jsonl", line=3))
    >>> print(render_annotations([mark]), end="")
    ::error file=cases.jsonl,line=3,title=a%3Ab::50 %25, then%0A::stop
    """
    return "".join(f"{_command(item)}\n" for item in annotations)


def _command(item: Annotation) -> str:
    place = item.place
    properties = {} if place is None else {"file": place.file, "line": str(place.line)}
    properties["title"] = item.title
    listed = ",".join(f"{key}={_escape_property(value)}" for key, value in properties.items())
    return f"::{item.level} {listed}::{_escape(item.message)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
