"""The review page in Chromium: keys alone, hostile text, many trajectories, two tabs, a reload."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.dialgate.cases.accepting.reviews import a_session, a_suite, decide
from tests.reports.hostile import HOSTILE
from tests.workspaces import TOOLS, a_refund, a_trial, write_lines

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Route

    from tests.browser.chromium import Opened
    from tests.browser.review.review_tabs import OpenReview
    from tests.workspaces import RecordedSuite


def press(opened: Opened, *keys: str) -> None:
    """Presses keys one after another; keys that ask the server are waited for by what they show."""
    for key in keys:
        opened.page.keyboard.press(key)


def is_at(opened: Opened, case: str) -> None:
    expect(opened.page.locator("#case")).to_contain_text(case)


def count_is(opened: Opened, text: str) -> None:
    expect(opened.page.locator("#count")).to_have_text(text)


def cases(suite: RecordedSuite) -> dict[str, dict[str, Any]]:
    lines = (suite.folder / "cases.jsonl").read_text("utf-8").splitlines()
    return {document["id"]: document for document in map(json.loads, lines)}


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    return a_suite(tmp_path, refunds=4, quiet=["quiet"])


def test_a_whole_review_by_keys_alone(open_review: OpenReview, shop: RecordedSuite) -> None:
    opened, server = open_review(shop)
    is_at(opened, "refund-000")
    press(opened, "a")
    is_at(opened, "refund-001")
    press(opened, "f")
    expect(opened.page.locator("#forbidding input").first).to_be_focused()
    press(opened, "ArrowDown", "Enter")
    is_at(opened, "refund-002")
    press(opened, "w")
    is_at(opened, "refund-003")
    press(opened, "u")
    is_at(opened, "refund-002")
    expect(opened.page.locator("#said")).to_have_text("Undone: wrong")
    press(opened, "n")
    is_at(opened, "refund-003")
    press(opened, "e")
    expect(opened.page.get_by_label("id", exact=True)).to_be_focused()
    press(opened, "Tab", "Tab")
    expect(opened.page.get_by_label("amount")).to_be_focused()
    press(opened, "ControlOrMeta+a", "1", "0", "ControlOrMeta+Enter")
    is_at(opened, "quiet")
    press(opened, "w")
    expect(opened.page.locator("#problem")).to_contain_text("say what it should be")
    press(opened, "k")
    is_at(opened, "refund-003")
    press(opened, "j")
    is_at(opened, "quiet")
    press(opened, "n")
    count_is(opened, "5 of 5 decided")
    expect(opened.page.locator("#finish")).to_be_focused()
    press(opened, "Enter")
    expect(opened.page.locator("#report")).to_contain_text("3 cases written, 2 stay as they were.")
    assert server.outcome is not None
    expected = {case_id: document["expect"] for case_id, document in cases(shop).items()}
    assert expected["refund-001"]["forbid"] == [{"name": "refund"}]
    assert expected["refund-002"]["actions"] == []
    assert expected["refund-003"]["actions"] == [a_refund("refund-003")]
    assert opened.seen.is_quiet, opened.seen


def test_the_form_is_made_from_the_schema_and_refuses_what_breaks_it(
    open_review: OpenReview, shop: RecordedSuite
) -> None:
    opened, _ = open_review(shop)
    page = opened.page
    press(opened, "e")
    page.get_by_label("amount").fill("1,5")
    press(opened, "ControlOrMeta+Enter")
    expect(page.locator("#problem")).to_contain_text("amount: found")
    count_is(opened, "0 of 5 decided")
    page.get_by_role("checkbox").uncheck()
    page.locator("#add-tool").select_option("send_mail")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#calls fieldset")).to_have_count(2)
    page.locator("#calls fieldset").nth(1).get_by_label("id", exact=True).fill("two words")
    page.get_by_label("Why (optional)").fill("mail it too")
    press(opened, "ControlOrMeta+Enter")
    is_at(opened, "refund-001")
    press(opened, "k")
    expect(page.locator("#mine-lines")).to_contain_text('send_mail({"id": "two words"})')
    expect(page.locator("#mine-lines")).to_contain_text(
        'should follow: refund({"id": "refund-000"})'
    )
    expect(page.locator("#mine-reason")).to_have_text("mail it too")
    press(opened, "e", "Escape", "j")
    is_at(opened, "refund-001")
    decided = a_session(shop).mine()[a_session(shop).items[0].id]
    assert [call["name"] for call in decided.calls] == ["refund", "send_mail"]
    assert decided.reason == "mail it too"


def test_a_reload_in_the_middle_loses_nothing_and_stays_where_it_was(
    open_review: OpenReview, shop: RecordedSuite
) -> None:
    opened, server = open_review(shop)
    press(opened, "a")
    is_at(opened, "refund-001")
    press(opened, "w")
    is_at(opened, "refund-002")
    opened.page.reload()
    is_at(opened, "refund-002")
    count_is(opened, "2 of 5 decided")
    press(opened, "u")
    is_at(opened, "refund-001")
    count_is(opened, "1 of 5 decided")
    opened.page.goto(server.address)
    count_is(opened, "1 of 5 decided")
    assert [item.word for item in a_session(shop).mine().values()] == ["right"]


def test_two_tabs_never_overwrite_each_other(open_review: OpenReview, shop: RecordedSuite) -> None:
    one, server = open_review(shop)
    other = open_review.tab(server)
    press(one, "a")
    is_at(one, "refund-001")
    is_at(other, "refund-000")
    press(other, "w")
    expect(other.page.locator("#problem")).to_contain_text("decided elsewhere meanwhile")
    expect(other.page.locator("#mine-words")).to_have_text("Decided: right")
    press(other, "w")
    is_at(other, "refund-001")
    press(one, "u")
    expect(one.page.locator("#problem")).to_contain_text("Something else was decided since")
    count_is(one, "1 of 5 decided")
    assert a_session(shop).mine()[a_session(shop).items[0].id].word == "wrong"


def test_a_server_that_ended_is_said(open_review: OpenReview, shop: RecordedSuite) -> None:
    opened, server = open_review(shop)
    server.shutdown()
    server.server_close()
    opened.page.context.set_offline(True)
    press(opened, "a")
    expect(opened.page.locator("#problem")).to_contain_text("What was shown as decided is on disk")
    assert a_session(shop).mine() == {}, "what was not shown as decided is not there"


def test_contradictions_are_settled_on_the_same_page(
    open_review: OpenReview, shop: RecordedSuite
) -> None:
    ada, bob = a_session(shop), a_session(shop, "Bob")
    for place in range(3):
        decide(ada, place, "right")
        decide(bob, place, "right" if place == 0 else "nothing")
    opened, _ = open_review(shop, "Cleo")
    page = opened.page
    agreement = page.locator("#agreement")
    expect(agreement).to_contain_text("Ada and Bob both decided 3, 1 alike: 1 right, 0 not")
    expect(agreement).to_contain_text("Cohen’s kappa 0.00")
    expect(page.locator("#others")).to_be_hidden()
    press(opened, "c")
    is_at(opened, "refund-001")
    expect(page.locator("#contradiction")).to_contain_text("can't both be met")
    page.get_by_role("button", name="Take Bob’s").click()
    is_at(opened, "refund-002")
    press(opened, "a")
    expect(page.locator("#said")).to_have_text("Nothing contradicts any more.")
    cleo = a_session(shop, "Cleo")
    assert [decision.word.value for decision in cleo.mine(settles=True).values()] == [
        "nothing", "right",
    ]  # fmt: skip
    assert cleo.conflicts() == {}


def test_hostile_text_is_text(open_review: OpenReview, shop: RecordedSuite) -> None:
    texts = [text for text in HOSTILE if len(text) < 1_000]
    arguments = {"id": "".join(texts), **{text[:80]: text for text in texts}}
    trial = a_trial(shop.case_ids[0], [{"name": "refund", "arguments": arguments}])
    trial["messages"][-1]["content"] = "".join(texts)
    trial["messages"][2]["content"] = "".join(texts)
    write_lines(shop.transcript("2"), [trial])
    shop.cases[0]["messages"][0]["content"] = "".join(texts)
    shop.write_cases()
    opened, _ = open_review(shop)
    page = opened.page
    press(opened, "e")
    expect(page.locator("#calls fieldset")).to_have_count(1)
    assert "<script>" in page.inner_text("body")
    assert page.locator("main img, main iframe, main script, main object, main svg").count() == 0
    press(opened, "ControlOrMeta+Enter")
    count_is(opened, "1 of 1 decided")
    assert opened.seen.is_quiet, opened.seen
    assert opened.overflow == 0
    assert not page.evaluate("window.ran ?? false")


def test_many_trajectories_are_asked_for_one_at_a_time(
    open_review: OpenReview, tmp_path: Path
) -> None:
    shop = a_suite(tmp_path, refunds=400)
    opened, _ = open_review(shop)
    asked: list[str] = []
    opened.page.on("request", lambda found: asked.append(found.url.rpartition("/")[2]))
    for place in range(1, 6):
        press(opened, "a")
        is_at(opened, f"refund-{place:03d}")
    count_is(opened, "5 of 400 decided")
    assert asked == [item for place in range(1, 6) for item in ("decide", str(place))]
    opened.page.get_by_label("Number or case").fill("refund-350")
    press(opened, "Enter")
    is_at(opened, "351 of 400: refund-350")
    assert opened.page.locator("body *").count() < 300
    assert opened.seen.is_quiet


def test_axe_finds_nothing_serious_in_any_state(
    open_review: OpenReview, shop: RecordedSuite
) -> None:
    decide(a_session(shop), 0, "right")
    decide(a_session(shop, "Bob"), 0, "wrong")
    opened, _ = open_review(shop, "Cleo")
    assert faults(opened) == []
    press(opened, "e")
    opened.page.locator("#editor:not([hidden])").wait_for()
    assert faults(opened) == []
    press(opened, "Escape", "f")
    opened.page.locator("#forbidding:not([hidden])").wait_for()
    assert faults(opened) == []
    press(opened, "Escape", "c")
    opened.page.locator("#others:not([hidden])").wait_for()
    assert faults(opened) == []


def test_every_tool_of_the_release_can_be_expected(
    open_review: OpenReview, shop: RecordedSuite
) -> None:
    opened, _ = open_review(shop)
    press(opened, "e")
    options = opened.page.locator("#add-tool option").all_inner_texts()
    assert options == [tool["name"] for tool in TOOLS]


def test_an_end_that_is_clicked_while_the_next_case_is_fetched_is_not_lost(
    open_review: OpenReview, shop: RecordedSuite
) -> None:
    opened, server = open_review(shop)
    is_at(opened, "refund-000")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    opened.page.route("**/item/*", hold)
    press(opened, "a")
    count_is(opened, "1 of 5 decided")
    opened.page.locator("#finish").click()
    expect(opened.page.locator("#report")).to_be_hidden()
    assert server.outcome is None
    (route,) = held
    route.continue_()
    expect(opened.page.locator("#report")).to_contain_text("cases written")
    assert server.outcome is not None
