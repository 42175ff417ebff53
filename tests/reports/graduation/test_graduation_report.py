"""The graduation report: every figure with its limit and its source, a command for each decision.

`DIALGATE_RENEW=1 python -m pytest tests/reports/graduation/test_graduation_report.py` writes the
kept texts anew; the difference is for a person to read.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shlex
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.schema_validation import check_document
from dialgate_gate.audit.ledger import PLACEHOLDER
from dialgate_gate.conditions.condition import ConditionKind
from dialgate_reports.graduation.condition_meanings import CONDITION_MEANINGS
from dialgate_reports.graduation.graduation_charts import (
    RATE_HEIGHT,
    plot_condition,
    plot_dial,
    plot_rate,
)
from dialgate_reports.graduation.graduation_markdown import LIMIT_BYTES, render_graduation_markdown
from dialgate_reports.graduation.graduation_page import render_graduation_page
from dialgate_reports.graduation.graduation_words import headline, missing_words, sign_command
from dialgate_reports.graduation.recommendation_text import render_recommendation
from dialgate_reports.graduation.shared_readiness import own_readiness, shared_readiness
from tests.reports.graduations import CLASSES, a_graduation, hostile_graduation
from tests.reports.hostile import HOSTILE
from tests.reports.page.test_html import parsed
from tests.reports.verdict.test_golden_texts import words_of

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = Path(__file__).parent / "golden"
SITUATIONS: dict[str, tuple[str, ...]] = {
    "all": (),
    "ready": ("ticket.close",),
    "taken-back": ("refund.small",),
    "missing": ("crm.update", "mail.send"),
    "stale": ("address.change",),
}
FORMS: dict[str, Callable[[dict[str, Any]], str]] = {
    "txt": render_recommendation,
    "md": render_graduation_markdown,
    "html.txt": lambda document: words_of(render_graduation_page(document)),
}


class Ids(HTMLParser):
    """Ids and the places in the page that links go to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]


def entry(name: str) -> dict[str, Any]:
    found: dict[str, Any] = a_graduation(name)["graduation"][0]
    return found


class TestKeptTexts:
    """What the report says of five situations is kept word for word."""

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("name", SITUATIONS)
    def test_the_texts_say_what_they_said(self, name: str, form: str) -> None:
        text = FORMS[form](a_graduation(*SITUATIONS[name]))
        path = KEPT / f"{name}.{form}"
        if os.environ.get("DIALGATE_RENEW"):
            KEPT.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    def test_every_kept_text_has_its_situation(self) -> None:
        kept = {path.name for path in KEPT.iterdir()}
        assert kept == {f"{name}.{form}" for name in SITUATIONS for form in FORMS}

    def test_the_situations_are_what_they_are_called(self) -> None:
        moves = {item["action_class"]: item["move"] for item in a_graduation()["graduation"]}
        assert moves.pop("refund.small") == "demote"
        assert moves.pop("ticket.close") == "promote"
        assert set(moves.values()) == {"hold"}

    @pytest.mark.parametrize("name", SITUATIONS)
    def test_the_documents_keep_to_the_published_schema(self, name: str) -> None:
        document = a_graduation(*SITUATIONS[name])
        assert check_document(document, "recommendation", "r.json", json_pointer) == []


class TestPage:
    """One file, without network; every figure has its limit, its words and its source."""

    def test_the_same_document_gives_the_same_bytes(self) -> None:
        assert render_graduation_page(a_graduation()) == render_graduation_page(a_graduation())

    def test_the_policy_names_the_page_s_own_script_and_style_and_nothing_else(self) -> None:
        page = render_graduation_page(a_graduation())
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
        (script,) = [text for _, text in parsed(page).scripts]
        (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
        digests = {
            name: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            for name, text in (("script", script), ("style", style))
        }
        assert policy.replace("&#39;", "'") == (
            f"default-src 'none'; style-src 'sha256-{digests['style']}'; "
            f"script-src 'sha256-{digests['script']}'; base-uri 'none'; form-action 'none'"
        )
        assert "http://" not in page
        assert "https://" not in page

    @pytest.mark.parametrize("name", SITUATIONS)
    def test_every_link_leads_somewhere_in_the_page_and_every_id_is_there_once(
        self, name: str
    ) -> None:
        found = Ids()
        found.feed(render_graduation_page(a_graduation(*SITUATIONS[name])))
        assert len(found.ids) == len(set(found.ids))
        assert {link.removeprefix("#") for link in found.links} <= set(found.ids)

    def test_every_condition_says_its_sentence_and_links_to_its_source(self) -> None:
        page = render_graduation_page(a_graduation("crm.update"))
        for item in entry("crm.update")["conditions"]:
            at = page.index(item["sentence"].replace("'", "&#39;"), page.index('<ul class="cond'))
            assert f'href="#source-{item["source"]}"' in page[at : at + 900]

    def test_a_source_that_is_not_there_is_no_link(self) -> None:
        document = a_graduation("crm.update", sources=[])
        page = render_graduation_page(document)
        assert "#source-" not in page
        assert "no review events" in page

    def test_every_drawing_has_a_title(self) -> None:
        page = render_graduation_page(a_graduation())
        assert page.count('role="img"') == page.count("<title>") - 1 >= 12

    def test_a_class_is_shown_against_its_next_mode_only_where_there_is_one(self) -> None:
        words = words_of(render_graduation_page(a_graduation("read")))
        assert "There is no further position." in words
        assert "There is nothing to sign" in words

    def test_what_was_left_out_is_counted(self) -> None:
        document = a_graduation("crm.update")
        document["classes"][0]["series_left_out"] = 3
        document["ledger"]["left_out"] = 7
        words = words_of(render_graduation_page(document))
        assert "3 earlier periods are left out." in words
        assert "7 earlier moves are left out." in words

    def test_a_queue_that_is_waved_through_is_said_to_be_no_evidence(self) -> None:
        document = a_graduation("crm.update", queue_warnings=["Ines approved all of 80 actions."])
        words = words_of(render_graduation_page(document))
        assert "A queue that is waved through is no evidence" in words
        assert "Ines approved all of 80 actions." in words


class TestWhatIsFolded:
    """Open is what is decided; what is the same for all is said once; the rest is a click away."""

    def test_a_class_that_stays_is_folded_and_one_that_moves_is_open(self) -> None:
        page = render_graduation_page(a_graduation())
        folded = re.findall(r'<details class="class"><summary>.*?<code>(.*?)</code>', page)
        opened = re.findall(r'<section class="class".*?<code>(.*?)</code>', page, flags=re.DOTALL)
        assert opened == ["refund.small", "ticket.close", "read"], "read lost what it rests on"
        assert set(folded) == set(CLASSES) - set(opened)

    def test_a_class_that_stays_and_lost_what_its_mode_rests_on_is_open(self) -> None:
        document = a_graduation("crm.update")
        (item,) = document["classes"]
        item["in_force"]["requirements"] = [
            {"requirement": "kill_switch", "met": False, "detail": "No drill.", "lapse": "warn"}
        ]
        assert '<section class="class"' in render_graduation_page(document)
        assert "No drill." in render_graduation_markdown(document)

    def test_readiness_that_is_the_same_for_all_is_said_once(self) -> None:
        document = a_graduation()
        details = {
            item["detail"] for entry in document["graduation"] for item in entry["readiness"]
        }
        for form in (render_graduation_page, render_graduation_markdown):
            words = words_of(form(document)) if form is render_graduation_page else form(document)
            for detail in details:
                assert " ".join(words.split()).count(detail) == 1, detail
        said = render_recommendation(document, verbose=True)
        for detail in details:
            assert " ".join(said.split()).count(detail) == 1, detail

    def test_readiness_that_differs_stays_with_its_class(self) -> None:
        document = a_graduation("crm.update", "ticket.close")
        other = {"requirement": "owner", "met": False, "detail": "Only two are named."}
        document["graduation"][0]["readiness"][0] = other
        assert own_readiness(document, document["graduation"][0]) == [other]
        assert all(item in shared_readiness(document) for item in document["readiness"]["items"])

    def test_every_condition_and_point_of_readiness_is_said_in_plain_words(self) -> None:
        assert set(CONDITION_MEANINGS) == {kind.value for kind in ConditionKind}
        words = words_of(render_graduation_page(a_graduation()))
        for meaning in CONDITION_MEANINGS.values():
            assert meaning in " ".join(words.split())

    def test_classes_that_lack_the_same_are_one_line_in_markdown(self) -> None:
        document = a_graduation("crm.update", "mail.send")
        document["graduation"][1]["conditions"] = document["graduation"][0]["conditions"]
        assert "- crm.update and mail.send: stay in the loop; missing:" in (
            render_graduation_markdown(document)
        )

    def test_interventions_that_count_are_open_and_others_folded(self) -> None:
        document = a_graduation("refund.small")
        shown = document["classes"][0]["against"]["shown"]
        assert any(item["kind"] == "case" or item["counts"] for item in shown)
        assert '<details class="against-it" open>' in render_graduation_page(document)
        for item in shown:
            item["kind"], item["counts"] = "event", False
        shown[:] = [item for item in shown if "at" in item]
        page = render_graduation_page(document)
        assert '<details class="against-it" open>' not in page


class TestDrawings:
    """Places agree with the figures; what is unknown is not drawn."""

    def test_a_class_that_stays_has_no_arrow(self) -> None:
        assert plot_dial(entry("crm.update")).to is None
        up, down = plot_dial(entry("ticket.close")), plot_dial(entry("refund.small"))
        assert up.to is not None
        assert down.to is not None
        assert up.to > up.now
        assert down.to < down.now

    @pytest.mark.parametrize("name", CLASSES)
    def test_a_bar_reaches_its_line_exactly_where_the_condition_is_met(self, name: str) -> None:
        for item in entry(name)["conditions"]:
            bar = plot_condition(item)
            if bar is None:
                assert not isinstance(item["shown"], float)
            elif item["direction"] == "at_least":
                assert (bar.fill >= bar.limit) is item["met"]
            else:
                assert (bar.fill <= bar.limit) is item["met"]

    def test_the_rate_s_scale_holds_its_limits_and_no_label_hides_another(self) -> None:
        series = a_graduation("refund.small")["classes"][0]["series"]
        chart = plot_rate(series, promote=0.049, demote=0.05)
        assert chart is not None
        labels = [beside for _, beside, _, _ in chart.limits]
        assert labels[1] - labels[0] >= 12
        assert all(14 <= place <= RATE_HEIGHT - 26 for place, *_ in chart.limits)
        assert "the class falls where it stays above 5 %" in chart.words

    def test_periods_without_a_review_are_no_dots(self) -> None:
        assert plot_rate([], promote=None, demote=None) is None
        (point, *_) = a_graduation("refund.small")["classes"][0]["series"]
        empty = {**point, "reviews": 0, "interventions": 0}
        assert plot_rate([empty], promote=0.1, demote=None) is None


class TestWords:
    """A reader who is no engineer is told the move, what is missing, and what to type."""

    def test_the_headline_counts_the_moves(self) -> None:
        assert headline(a_graduation()) == (
            "shop: 6 action classes, 1 to be taken back, 1 ready for more autonomy and 4 to stay"
        )
        assert headline(a_graduation("read")) == "shop: 1 action class, 1 to stay"

    def test_what_is_missing_is_said_in_numbers_and_days(self) -> None:
        assert missing_words(entry("crm.update")) == (
            "110 more reviews with at most 0 interventions, about 38 days"
        )
        assert "blast radius is high" in missing_words(entry("mail.send"))
        assert missing_words(entry("ticket.close")) == "nothing"

    def test_the_command_is_quoted_for_a_shell(self) -> None:
        sign = {
            "suite": "my suites/it's", "evidence": "r $(id).json", "attestation": "a b.json",
            "by": "Ada; rm -rf /",
        }  # fmt: skip
        command = sign_command(a_graduation(sign=sign), entry("ticket.close"))
        assert command is not None
        assert shlex.split(command) == [
            "dialgate", "dial", "set", "my suites/it's", "ticket.close", "on_the_loop", "--by",
            "Ada; rm -rf /", "--evidence", "r $(id).json", "--attestation", "a b.json",
        ]  # fmt: skip

    def test_taking_back_needs_no_signed_verdict(self) -> None:
        sign = {"suite": "s", "evidence": "r.json", "attestation": "a.json", "by": "Ada"}
        command = sign_command(a_graduation(sign=sign), entry("refund.small"))
        assert command == "dialgate dial set s refund.small shadow --by Ada --evidence r.json"

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_a_command_that_is_shown_is_the_command_that_runs(self, suite: str, by: str) -> None:
        sign = {"suite": suite, "evidence": "r.json", "attestation": None, "by": by or None}
        command = sign_command(a_graduation("ticket.close", sign=sign), entry("ticket.close"))
        if command is not None:
            assert shlex.split(command)[3] == suite
            assert shlex.split(command)[7] == (by or PLACEHOLDER)
            assert command.isprintable()

    @pytest.mark.parametrize("suite", ["a\nb", "\u202ea", "--help", "x" * 5_000, "\x1b[31m"])
    def test_a_name_that_can_t_be_shown_or_is_an_option_gives_no_command(self, suite: str) -> None:
        sign = {"suite": suite, "evidence": "r.json", "attestation": None, "by": "Ada"}
        document = a_graduation("ticket.close", sign=sign)
        assert sign_command(document, entry("ticket.close")) is None
        assert "type the command" in render_graduation_page(document)
        assert "Type it" in render_graduation_markdown(document)


class TestHostileText:
    """Whatever anybody wrote shows as text, and no text makes the report long."""

    @pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
    def test_it_adds_no_element_and_no_attribute_to_the_page(self, text: str) -> None:
        plain = parsed(render_graduation_page(hostile_graduation("\u202fx")))
        page = render_graduation_page(hostile_graduation(text))
        page.encode("utf-8")
        hostile = parsed(page)
        assert hostile.tags - plain.tags <= {"button", "pre"}
        assert hostile.attributes - plain.attributes <= {"tabindex", "data-command"}
        assert not hostile.attributes & {"src", "onerror", "onclick", "style", "action", "target"}
        assert all(link.startswith("#") for link in hostile.links)
        assert "\u202e" not in page
        assert "\x1b" not in page
        assert len(page) < 250_000

    @pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
    def test_markdown_holds_no_live_markup(self, text: str) -> None:
        shown = render_graduation_markdown(hostile_graduation(text))
        outside = re.sub(r"^```sh\n.*\n```$", "", shown, flags=re.MULTILINE)
        outside = "".join(outside.split("`")[::2])
        assert not re.search(r"<(script|img|h1|b)\b|</details>", outside)
        assert re.search(r"(?<!\\)\]\(", outside) is None
        assert "@everyone" not in outside
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert len(shown.encode("utf-8", "backslashreplace")) <= LIMIT_BYTES


def test_markdown_keeps_its_limit_whatever_the_number_of_classes() -> None:
    document = a_graduation()
    for key in ("graduation", "classes"):
        document[key] = document[key] * 50
    shown = render_graduation_markdown(document)
    assert len(shown.encode()) <= LIMIT_BYTES
    assert re.search(r"\d+ more classes with a decision are left out here", shown)
    assert "240 more classes are left out of this table" in shown
    assert shown.count("dialgate dial set") >= 50
    assert shown.index("## Decisions to sign") < shown.index("## What stays")
