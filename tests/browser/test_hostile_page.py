"""Nothing that an agent, a case or a reviewer says runs or loads; the policy forbids it besides."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from dialgate_reports.page.html import render_html
from tests.browser.conftest import opening_pages
from tests.browser.verdict_pages import a_rich_page
from tests.reports.hostile import HOSTILE, hostile_document, hostile_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.chromium import Opened
    from tests.browser.conftest import OpenPage
    from tests.browser.tabs import Tabs

LONGEST_MS = 20_000
"""No violation within this time is none."""

LISTS = ("explanations", "classes", "reasons", "changes", "gaps", "budget", "tags", "labels",
         "graduation", "passing")  # fmt: skip


class Beacon(BaseHTTPRequestHandler):
    """Writes down who calls."""

    calls: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.calls.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - the base looks for this name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Nothing on standard error."""


@pytest.fixture(scope="module")
def beacon() -> Iterator[str]:
    """The address of a server on this machine that hostile texts try to reach."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Beacon) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def watched(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """One page with its policy."""
    with opening_pages(tabs, tmp_path_factory.mktemp("page")) as open_page:
        yield open_page(a_rich_page())


@pytest.fixture(autouse=True)
def forget_calls() -> None:
    Beacon.calls.clear()


def texts_that_call(address: str) -> list[str]:
    return [
        f'<img src="{address}/img">',
        f'<script src="{address}/script"></script>',
        f'<script>fetch("{address}/fetch")</script>',
        f"<iframe src='{address}/frame'></iframe>",
        f"<svg onload=\"fetch('{address}/svg')\"><use href='{address}/use'/></svg>",
        f"<link rel=stylesheet href={address}/css><style>@import '{address}/import'</style>",
        f"</pre></code><meta http-equiv=refresh content='0;url={address}/refresh'>",
        f"![x]({address}/markdown)",
        f"'><img src={address}/attribute x='",
    ]


def a_page_of(texts: list[str]) -> str:
    """One page with each text everywhere; one of them also where there is one place only."""
    document = hostile_document(texts[0])
    records = hostile_records(texts[0])
    for text in texts[1:]:
        more = hostile_document(text)
        for key in LISTS:
            document[key] += more[key]
        for name in ("baseline", "candidate"):
            side, other = records.side(name), hostile_records(text).side(name)
            assert side is not None
            assert other is not None
            side.trajectories.update(other.trajectories)  # type: ignore[attr-defined] # a dict
    return render_html(document, records)


def test_hostile_text_runs_nothing_and_asks_for_nothing(open_page: OpenPage, beacon: str) -> None:
    calling = texts_that_call(beacon)
    texts = [*calling, *(text for text in HOSTILE if len(text) < 1_000)]
    opened = open_page(a_page_of(texts), fragment=f"#case={quote(calling[0], safe='')}")
    opened.page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    expect(opened.page.locator(".trajectories:not([data-state=shown])")).to_have_count(
        0, timeout=LONGEST_MS
    )
    opened.page.fill("input[name=search]", calling[0])
    assert opened.page.locator("#cases > li:not([hidden])").count() >= 1
    opened.page.fill("input[name=search]", "")
    shown = opened.page.inner_text("body")
    for text in calling:
        assert text in shown
    assert opened.seen.is_quiet, opened.seen
    assert Beacon.calls == []
    assert opened.page.locator("img, iframe, form[action], link, object, embed, base").count() == 0


def test_a_megabyte_in_every_place_stays_a_page(open_page: OpenPage) -> None:
    text = max(HOSTILE, key=len)
    opened = open_page(render_html(hostile_document(text), hostile_records(text)))
    opened.page.locator("#cases summary").first.click()
    opened.page.locator("[data-state=shown]").wait_for()
    assert opened.seen.is_quiet
    assert opened.overflow == 0


@pytest.mark.parametrize(
    "script",
    [
        "add('script', e => { e.textContent = 'window.ran = true' })",
        "add('script', e => { e.src = address + '/script' })",
        "add('img', e => { e.src = address + '/img' })",
        "add('img', e => { e.setAttribute('onerror', 'window.ran = true'); e.src = 'x' })",
        "add('iframe', e => { e.src = address + '/frame' })",
        "add('style', e => { e.textContent = 'body { color: red }' })",
        "fetch(address + '/fetch').catch(() => {})",
        "navigator.sendBeacon(address + '/beacon')",
        "setTimeout('window.ran = true', 0)",
    ],
    ids=["inline", "script", "image", "handler", "frame", "style", "fetch", "beacon", "eval"],
)
def test_the_policy_forbids_what_slips_through(watched: Opened, beacon: str, script: str) -> None:
    """Markup put into the page by a debugger stands for a hole in the escaping."""
    # A debugger that asks again and again would itself be forbidden to: it waits for the event.
    is_blocked = watched.page.evaluate(
        f"""(address) => new Promise(resolve => {{
            const add = (name, set) => {{
                const made = document.createElement(name); set(made); document.body.append(made);
            }};
            document.addEventListener(
                'securitypolicyviolation', () => resolve(true), {{ once: true }}
            );
            setTimeout(() => resolve(false), {LONGEST_MS});
            {script};
        }})""",
        beacon,
    )
    assert is_blocked
    assert not watched.page.evaluate("window.ran ?? false")
    assert watched.styled("body", "color") != "rgb(255, 0, 0)"
    assert Beacon.calls == []


def test_the_beacon_is_reached_where_no_policy_forbids_it(open_page: OpenPage, beacon: str) -> None:
    """So that an empty list of calls means something."""
    opened = open_page(f"<!doctype html><img src='{beacon}/img'>")
    opened.page.wait_for_load_state("load")
    assert Beacon.calls == ["/img"]
