"""Found cases on the review page: taken and left out by keys, hostile text, axe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from dialgate.runs.fuzzing.found_files import trials_file
from dialgate_evals.suite.workspace import load_workspace
from tests.browser.axe import faults
from tests.dialgate.cases.accepting.reviews import a_suite
from tests.reports.hostile import HOSTILE
from tests.workspaces import a_case, a_refund, write_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.review.review_tabs import OpenReview


def found_cases(folder: Path, *texts: str) -> Path:
    """A file of found cases as `fuzz` writes it, each asked for in these words."""
    source = {"relation": "typos", "parent": "refund-000", "seed": "typos/refund-000/1"}
    path = folder / "found" / "found.jsonl"
    cases = [
        {
            **a_case(f"refund-000-typos-{number}", [a_refund("refund-000")]), "origin": "fuzzed",
            "messages": [{"role": "user", "content": text}],
            "source": {**source, "altered": text, "keeps": text},
        }
        for number, text in enumerate(texts)
    ]  # fmt: skip
    write_lines(path, cases)
    trials = [
        {"case_id": case["id"], "trial": 0, "messages": case["messages"], "failure": text}
        for case, text in zip(cases, texts, strict=True)
    ]
    write_lines(trials_file(path), trials)
    return path


def test_found_cases_are_taken_by_keys_and_written_at_the_end(
    tmp_path: Path, open_review: OpenReview
) -> None:
    suite = a_suite(tmp_path)
    path = found_cases(tmp_path, "Rfeund.", "Refnud.", "".join(t for t in HOSTILE if len(t) < 900))
    opened, server = open_review(suite, found=path)
    page = opened.page
    expect(page.locator("#to-found")).to_have_text("3 of 3 found cases open (v)")
    page.keyboard.press("v")
    expect(page.locator("#found")).to_contain_text("typos/refund-000/1")
    page.keyboard.press("t")
    expect(page.locator("#said")).to_contain_text("refund-000-typos-0: taken")
    page.keyboard.press("x")
    page.keyboard.press("u")
    expect(page.locator("#found-case")).to_contain_text("Found 3 of 3")
    page.keyboard.press("k")
    expect(page.locator("#found-word")).to_have_text("Decided: left out")
    page.keyboard.press("v")
    expect(page.locator("#item")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("#count")).to_have_text("1 of 3 decided")
    page.locator("#finish").click()
    expect(page.locator("#report")).to_contain_text("1 found cases taken into the suite, 1 left")
    assert opened.seen.is_quiet
    assert server.outcome is not None
    assert "refund-000-typos-0" in load_workspace(suite.folder).cases_by_id


def test_axe_finds_nothing_in_a_found_case(tmp_path: Path, open_review: OpenReview) -> None:
    opened, _ = open_review(a_suite(tmp_path), found=found_cases(tmp_path, "x"))
    opened.page.keyboard.press("v")
    expect(opened.page.locator("#found")).to_be_visible()
    expect(opened.page.locator("#found-from")).to_contain_text("typos")
    assert faults(opened) == []
