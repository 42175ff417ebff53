"""Large runs: 2,000 cases with trajectories stay under 15 MB, and every case can be opened."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_reports.page.html import render_html
from dialgate_reports.page.page_blocks import blocks_room
from dialgate_reports.page.page_records import PageRecords
from tests.browser.large.large_pages import large_run

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage

CASES = 2_000


@pytest.fixture(scope="module")
def run() -> tuple[dict[str, Any], PageRecords]:
    return large_run(CASES)


def test_2000_cases_with_trajectories_are_under_15_megabytes_and_work(
    open_page: OpenPage, run: tuple[dict[str, Any], PageRecords]
) -> None:
    page = render_html(*run)
    assert len(page.encode()) < 15_000_000
    assert "are left out to keep" not in page
    opened = open_page(page, fragment="#case=case-01999")
    opened.page.locator('[data-case="case-01999"] [data-state=shown]').wait_for()
    assert opened.page.inner_text("#count") == "2000 of 2000 cases"
    opened.page.select_option("select[name=move]", "broken")
    assert opened.page.inner_text("#count") == "400 of 2000 cases"
    # Only the block of the case that was opened has been unpacked.
    assert opened.page.locator("[data-state]").count() == 1
    assert opened.seen.is_quiet


def test_long_texts_in_every_case_are_cut_to_stay_under_15_megabytes(
    run: tuple[dict[str, Any], PageRecords],
) -> None:
    document = deepcopy(run[0])
    document["explanations"] *= 5
    document["passing"] = []
    for entry in document["explanations"]:
        decision = entry["candidate"]["decisions"][0]
        call = {"name": "refund", "arguments": {"id": "x" * 3_000}}
        entry["candidate"]["decisions"] = [{**decision, "expected": call, "actual": call}] * 8
        entry["candidate"]["reply_failures"] = ["y" * 3_000] * 4
    page = render_html(document, PageRecords())
    assert len(page.encode()) + blocks_room(CASES) < 15_000_000
