"""The page of labels in Chromium: keys alone, hostile text, votes hidden, narrow and dark."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dialgate.cases.accepting.page_server import PageServer, ServedPage
from dialgate_evals.actions.rubrics.labels.label_files import read_labels
from dialgate_evals.actions.rubrics.votes import Answer
from dialgate_reports.page.review_page import label_policy, render_label_page
from tests.browser.axe import faults
from tests.browser.tabs import Kind
from tests.dialgate.cases.accepting.reviews import a_session
from tests.dialgate.cases.accepting.test_page_server import serving
from tests.dialgate.cases.judging.desks import Desk
from tests.dialgate.cases.judging.test_label_session import calibrated, session_of
from tests.reports.hostile import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.chromium import Opened
    from tests.browser.tabs import Tabs

FRAME = ServedPage(html=render_label_page(), policy=label_policy())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk", cases=4)


@pytest.fixture
def server(desk: Desk) -> PageServer:
    desk.label(right=1, wrong=0)
    calibrated(desk, Answer.NO)
    return PageServer(a_session(desk.suite, "Cy"), {"texts": FRAME}, labels=session_of(desk))


@contextmanager
def opening(tabs: Tabs, server: PageServer) -> Iterator[Opened]:
    with serving(server), tabs.lent(Kind.SERVED) as tab:
        opened = tab.show(server.address, "texts")
        opened.page.locator("#item:not([hidden])").wait_for()
        yield opened


def test_keys_alone_label_undo_plant_and_settle(tabs: Tabs, desk: Desk, server: PageServer) -> None:
    with opening(tabs, server) as opened:
        label_everything(opened.page)
        assert opened.seen.is_quiet
    said = [(label.word.value, label.chosen.value) for label in read_labels(desk.folder, [])]
    assert sorted(said[1:]) == [
        ("no", "drawn"), ("no", "planted"), ("withdrawn", "drawn"), ("yes", "disagreement"),
        ("yes", "drawn"),
    ]  # fmt: skip


def label_everything(page: Page) -> None:
    """By keys: yes, undone, no, a text of one's own, a disagreement settled."""
    expect(page.locator("#count")).to_have_text("0 of 3")
    expect(page.locator("#settle")).to_have_text("Settle 1 disagreement (d)")
    assert "judge" not in page.inner_text("#item").casefold()
    for key, count in (("y", "1 of 3"), ("u", "0 of 3"), ("n", "1 of 3")):
        page.keyboard.press(key)
        expect(page.locator("#count")).to_have_text(count)
    page.keyboard.press("p")
    page.locator("#plant-text").fill("Go away.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_have_text("Kept: a text of your own, no.")
    page.keyboard.press("d")
    expect(page.locator("#words")).to_contain_text("judge one: no")
    page.keyboard.press("y")
    expect(page.locator("#count")).to_have_text("1 of 1")


def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    tabs: Tabs, server: PageServer
) -> None:
    with opening(tabs, server) as opened:
        page = opened.page
        page.keyboard.press("d")
        expect(page.locator("#words")).to_contain_text("judge one")
        page.keyboard.press("d")
        expect(page.locator("#title")).to_contain_text("texts to label")
        page.keyboard.press("p")
        assert faults(opened) == []


def test_hostile_texts_stay_texts(tabs: Tabs, desk: Desk) -> None:
    path = desk.folder / "transcripts/2.jsonl"
    trials = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for trial, text in zip(trials, HOSTILE, strict=False):
        trial["messages"][-1]["content"] = text
    path.write_text("".join(json.dumps(trial) + "\n" for trial in trials), "utf-8")
    server = PageServer(a_session(desk.suite, "Cy"), {"texts": FRAME}, labels=session_of(desk))
    with opening(tabs, server) as opened:
        for _ in range(4):
            opened.page.keyboard.press("j")
        assert opened.page.locator("#item script, #item img, #item iframe").count() == 0
        assert opened.seen.is_quiet
