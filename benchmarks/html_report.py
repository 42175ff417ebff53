"""How large the verdict's page is and how soon a browser can use it, beside a page of one case.

`python benchmarks/html_report.py [CASES ...]` (default 2000) renders pages of so many cases with
trajectories on both sides and opens them in headless Chromium from disk. "Interactive" is when the
case list can be filtered; "a case" is a click until both trajectories of it are shown.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

PROJECT = Path(__file__).resolve().parents[1]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from dialgate_reports.page.html import render_html
from tests.browser.chromium import MISSING, a_browser, chromium_path
from tests.browser.large.large_pages import large_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TRIES = 5
CLICK_LAST = (
    "[...document.querySelectorAll('#cases > li:not([hidden]) > details > summary')].at(-1).click()"
)
LIMIT_MB = 15.0
LIMIT_MS = 2_000.0


def milliseconds(browser: Browser, page_file: Path) -> tuple[float, float]:
    """Best of a few: from the address to the first filter, and from a click to a trajectory."""
    found = []
    for _ in range(TRIES):
        page = browser.new_page()
        began = time.perf_counter()
        page.goto(page_file.as_uri(), wait_until="commit")
        page.wait_for_selector("html[data-ready]", state="attached")
        page.select_option("select[name=move]", "broken")
        ready = time.perf_counter()
        page.evaluate(CLICK_LAST)
        page.wait_for_selector("[data-state=shown]")
        found.append((1e3 * (ready - began), 1e3 * (time.perf_counter() - ready)))
        page.close()
    return min(one for one, _ in found), min(two for _, two in found)


def main(sizes: list[int]) -> None:
    """Prints a line for each size; exits with 1 where 2,000 cases miss a limit."""
    path = chromium_path()
    if path is None:
        sys.exit(MISSING)
    is_good = True
    floor = None
    with tempfile.TemporaryDirectory() as folder, a_browser(path) as browser:
        for cases in (1, *sizes):
            document, records = large_run(cases)
            began = time.perf_counter()
            page = render_html(document, records)
            render_s = time.perf_counter() - began
            file = Path(folder) / f"{cases}.html"
            file.write_text(page, "utf-8")
            ready, case = milliseconds(browser, file)
            floor = floor or ready
            size = file.stat().st_size / 1e6
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{cases:>6,} cases: {size:5.1f} MB, rendered in {render_s:.1f} s "
                f"(peak {peak:.0f} MB), interactive in {ready:.0f} ms "
                f"({ready / floor:.1f} times one case), "
                f"a case in {case:.0f} ms"
            )
            if "are left out to keep" in page:
                print("        some trajectories are left out, and the page says how many")
            if cases <= 2_000:
                is_good = is_good and size < LIMIT_MB and ready < LIMIT_MS
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [2_000])
