"""Several suites' verdicts at a terminal, in 80 columns: the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.verdict.several import several_words as words
from dialgate_reports.verdict.terminal import render_terminal
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDTH = 80


def render_suite(item: Mapping[str, Any], *, color: bool = False, verbose: bool = False) -> str:
    """One suite as it ends: one that passed in a line, unless more is asked for."""
    head = f"== {printable(item['folder'])}: {words.word(item)}"
    lines = [head]
    if item["why"]:
        lines.append(_line(f"Judged because {item['why']}."))
    document = item["document"]
    if document is None:
        lines += [_line(text) for text in str(item["problem"]).splitlines()[:20]]
    elif verbose or item["exit_code"]:
        lines += ["", render_terminal(document, color=color, verbose=verbose).rstrip()]
    else:
        lines.append(_line(words.sentence(item)))
    return "\n".join(lines) + "\n"


def render_several(document: Mapping[str, Any]) -> str:
    """The end of the command: a line a suite, the worst first, and the code."""
    lines = ["", wrap(shorten(f"dialgate: {words.headline(document)}.", 600), _WIDTH)]
    lines += [f"  {words.word(item):<13}{_short(item)}" for item in document["suites"]]
    lines += [wrap(text, _WIDTH) for text in _notes(document)]
    return "\n".join(lines) + "\n"


def _notes(document: Mapping[str, Any]) -> list[str]:
    found = [words.untouched_line(document)]
    found += [words.budget_line(document)] if document["suites"] else []
    found.append(
        f"Exit code {document['exit_code']}: {words.CODES.get(document['exit_code'], '')}."
    )
    return [text for text in found if text]


def _short(item: Mapping[str, Any]) -> str:
    shown = printable(item["folder"])
    return shown if len(shown) <= _WIDTH - 15 else f"…{shown[-(_WIDTH - 16) :]}"


def _line(text: str) -> str:
    return wrap(shorten(printable(text), 600), _WIDTH, "  ", "  ")
