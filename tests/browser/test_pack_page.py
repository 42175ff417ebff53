"""An evidence pack's page in Chromium: links to files, phone, print, axe, hostile text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dialgate_gate.audit.pack.exhibit import Exhibit, PackItem
from dialgate_gate.audit.pack.frameworks import FRAMEWORKS
from dialgate_gate.audit.pack.mapping import DISCLAIMER, map_requirements
from dialgate_reports.page.pack_page import render_pack_page
from tests.browser.axe import faults
from tests.browser.chromium import DESKTOP, PHONE
from tests.reports.hostile import HOSTILE

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage


def a_document(says: str = "It held.", suite: str = "shop") -> dict[str, Any]:
    items = [
        PackItem(exhibit=Exhibit.KILL_SWITCH, path="drills/a%2Fb.json", holds=True, says=says),
        PackItem(exhibit=Exhibit.LEASE, path="lease/x.json", holds=False, says=says),
    ]
    return {
        "suite": suite,
        "at": "2026-11-01T00:00:00Z",
        "dialgate": "1",
        "release": {"version": says, "fingerprint": "sha256:1"},
        "people_note": says,
        "taken_out": 2,
        "disclaimer": DISCLAIMER,
        "kinds": {kind.name.lower(): kind.value for kind in Exhibit},
        "items": [item.as_json() for item in items],
        "absent": [Exhibit.REVIEWS.value],
        "frameworks": map_requirements(FRAMEWORKS, items),
    }


OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"


def with_few_places(document: dict[str, Any]) -> dict[str, Any]:
    """The document with one place of each kind only: fifty more look alike."""
    for framework in document["frameworks"]:
        kinds = {
            (bool(place["shown"]), *{bool(item["why"]) for item in place["not_shown"]}): place
            for place in framework["requirements"]
        }
        framework["requirements"] = list(kinds.values())
    return document


def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page: OpenPage) -> None:
    opened = open_page(render_pack_page(with_few_places(a_document())))
    opened.page.evaluate(OPEN_ALL)
    assert faults(opened) == []
    assert opened.seen.is_quiet


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=str)
def test_no_place_is_wider_than_the_screen(open_page: OpenPage, size: tuple[int, int]) -> None:
    opened = open_page(render_pack_page(a_document()), size=size)
    opened.page.evaluate(OPEN_ALL)
    assert opened.overflow == 0


def test_the_first_screen_says_that_it_is_no_assessment(open_page: OpenPage) -> None:
    opened = open_page(render_pack_page(a_document()))
    bottom = "e => e.getBoundingClientRect().bottom"
    assert opened.page.locator(".claim").evaluate(bottom) < DESKTOP[1]
    assert "no assessment" in opened.page.locator(".claim").inner_text()


def test_a_file_s_link_leads_to_it_whatever_its_name(open_page: OpenPage) -> None:
    opened = open_page(render_pack_page(a_document()))
    link = opened.page.locator("table.items a").first
    assert link.get_attribute("href") == "drills/a%252Fb.json"


def test_hostile_text_stays_text(open_page: OpenPage) -> None:
    text = "\n".join(HOSTILE)
    opened = open_page(render_pack_page(a_document(says=text, suite=text)))
    assert opened.seen.is_quiet
    assert opened.page.locator("h1").count() == 1
