"""What the three texts say of five situations, kept word for word.

`DIALGATE_RENEW=1 python -m pytest tests/reports/verdict/test_golden_texts.py` writes them anew; the
difference is for a person to read.
"""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_reports.page.html import render_html
from dialgate_reports.verdict.markdown import render_markdown
from dialgate_reports.verdict.terminal import render_terminal
from tests.reports.pages import some_records
from tests.reports.situations import FIVE, a_verdict

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = Path(__file__).parent / "golden"
_SILENT = {"script", "style", "title"}
_LINES = {"p", "li", "tr", "h1", "h2", "h3", "dt", "summary", "option", "svg", "ol", "ul", "pre"}


class Words(HTMLParser):
    """The words of a page in reading order, a line for each block; titles of charts among them."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        if tag in _LINES:
            self.text.append("\n")
        if tag in {"td", "th", "dd", "span"}:
            self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        is_chart = "svg" in self._open
        if not set(self._open) & _SILENT or (is_chart and self._open[-1] == "title"):
            self.text.append(data)


def words_of(page: str) -> str:
    parser = Words()
    parser.feed(page)
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(parser.text).splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def page_words(document: dict[str, Any]) -> str:
    return words_of(render_html(document, some_records()))


FORMS: dict[str, Callable[[dict[str, Any]], str]] = {
    "txt": render_terminal,
    "md": render_markdown,
    "html.txt": page_words,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", FIVE)
def test_the_texts_say_what_they_said(name: str, form: str) -> None:
    text = FORMS[form](a_verdict(name))
    path = KEPT / f"{name}.{form}"
    if os.environ.get("DIALGATE_RENEW"):
        KEPT.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_every_kept_text_has_its_situation() -> None:
    kept = {path.name for path in KEPT.iterdir() if path.is_file()}
    assert kept == {f"{n}.{form}" for n in FIVE for form in FORMS}


@pytest.mark.parametrize("name", FIVE)
def test_each_situation_has_its_verdict(name: str) -> None:
    verdict = a_verdict(name)["verdict"]
    assert name == "first-release" or name.partition("-")[0] == verdict


@pytest.mark.parametrize("render", [render_terminal, render_markdown, render_html])
def test_the_same_verdict_gives_the_same_bytes(render: Callable[[dict[str, Any]], str]) -> None:
    for name in FIVE:
        assert render(a_verdict(name)) == render(a_verdict(name))
