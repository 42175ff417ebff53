"""The page of labels in Chromium: keys alone, hostile text, votes hidden, narrow and dark."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from dialgate.cases.accepting.page_server import PageServer, ServedPage
from dialgate_evals.actions.rubrics.labels.label_files import read_labels
from dialgate_evals.actions.rubrics.votes import Answer
from dialgate_reports.page.review_page import label_policy, render_label_page
from tests.browser.axe import serious_findings
from tests.browser.chromium import LOOKS
from tests.dialgate.cases.accepting.reviews import a_session
from tests.dialgate.cases.accepting.test_page_server import serving
from tests.dialgate.cases.judging.desks import Desk
from tests.dialgate.cases.judging.test_label_session import calibrated, session_of
from tests.reports.hostile import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

FRAME = ServedPage(html=render_label_page(), policy=label_policy())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk", cases=4)


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    desk.label(right=1, wrong=0)
    calibrated(desk, Answer.NO)
    server = PageServer(a_session(desk.suite, "Cy"), {"texts": FRAME}, labels=session_of(desk))
    with serving(server):
        yield f"{server.address}texts"


def opened(browser: Browser, address: str, errors: list[str] | None = None, **more: Any) -> Page:
    page = browser.new_context(**more).new_page()
    noted = [] if errors is None else errors
    page.on("pageerror", lambda found: noted.append(str(found)))
    page.goto(address)
    page.locator("#item:not([hidden])").wait_for()
    return page


def test_keys_alone_label_undo_plant_and_settle(browser: Browser, desk: Desk, address: str) -> None:
    page = opened(browser, address)
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
    page.context.close()
    said = [(label.word.value, label.chosen.value) for label in read_labels(desk.folder, [])]
    assert sorted(said[1:]) == [
        ("no", "drawn"), ("no", "planted"), ("withdrawn", "drawn"), ("yes", "disagreement"),
        ("yes", "drawn"),
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, address: str, size: tuple[int, int], dark: bool
) -> None:
    page = opened(
        browser, address, viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light", bypass_csp=True,
    )  # fmt: skip
    page.keyboard.press("d")
    expect(page.locator("#words")).to_contain_text("judge one")
    page.keyboard.press("d")
    expect(page.locator("#title")).to_contain_text("texts to label")
    page.keyboard.press("p")
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.context.close()


def test_hostile_texts_stay_texts(browser: Browser, desk: Desk) -> None:
    path = desk.folder / "transcripts/2.jsonl"
    trials = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for trial, text in zip(trials, HOSTILE, strict=False):
        trial["messages"][-1]["content"] = text
    path.write_text("".join(json.dumps(trial) + "\n" for trial in trials), "utf-8")
    server = PageServer(a_session(desk.suite, "Cy"), {"texts": FRAME}, labels=session_of(desk))
    with serving(server):
        errors: list[str] = []
        page = opened(browser, f"{server.address}texts", errors)
        for _ in range(4):
            page.keyboard.press("j")
        assert page.locator("#item script, #item img, #item iframe").count() == 0
        assert errors == []
        page.context.close()
