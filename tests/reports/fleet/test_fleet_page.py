"""The fleet's page and text: pure, escaped, and every sentence of its own document."""

from __future__ import annotations

import re

import pytest

from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.schema_validation import check_document
from dialgate_reports.fleet import fleet_words
from dialgate_reports.fleet.fleet_page import OPEN_DECISIONS, plot_spark, render_fleet_page
from dialgate_reports.fleet.fleet_text import render_fleet
from tests.reports.fleets import a_class, a_decision, a_fleet, a_suite, hostile_fleet
from tests.reports.hostile import HOSTILE

TAGS = re.compile(r"<[a-zA-Z/!][^>]*>")


def test_what_the_tests_render_is_what_the_schema_describes() -> None:
    assert check_document(a_fleet(), "fleet", "f", json_pointer) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_tag(text: str) -> None:
    known = {
        tag.split()[0].rstrip(">") for tag in TAGS.findall(render_fleet_page(hostile_fleet("x")))
    }
    page = render_fleet_page(hostile_fleet(text))
    assert {tag.split()[0].rstrip(">") for tag in TAGS.findall(page)} <= known
    assert page.count("<script>") == 1
    assert len(page) < 60_000
    shown = render_fleet(hostile_fleet(text))
    assert "\x1b" not in shown
    assert "\u202e" not in shown + page


def test_decisions_beyond_the_first_screen_are_folded_and_counted() -> None:
    page = render_fleet_page(a_fleet())
    assert f"{9 - OPEN_DECISIONS} more decisions" in page
    assert page.count('class="need ') == 9
    assert "31 suites need nothing today" in page


def test_a_fleet_that_needs_nothing_says_so() -> None:
    document = {**a_fleet(0), "suites": [a_suite("calm")]}
    assert "1 suite: no decision is wanted today" in render_fleet(document)
    assert "Nothing: every suite could be read" in render_fleet_page(document)


def test_the_terminal_says_how_many_decisions_it_leaves_out() -> None:
    assert "… and 3 more decisions" in render_fleet(a_fleet())
    verbose = render_fleet(a_fleet(), verbose=True)
    assert "more decisions" not in verbose
    assert "Order of risk:" in verbose
    assert max(map(len, verbose.splitlines())) <= 80


@pytest.mark.parametrize(
    ("slope", "words"),
    [(None, ""), (0.0, "→ level"), (0.001, "↑ 0.7 points a week"), (-0.001, "↓ 0.7 points a week")],
)
def test_a_trend_is_said_where_there_is_one(slope: float | None, words: str) -> None:
    item = a_class()
    item["live"]["trend_per_day"] = slope
    assert fleet_words.trend(item) == words


def test_a_rate_is_drawn_from_two_periods_on() -> None:
    item = a_class()
    drawn = plot_spark(item)
    assert drawn is not None
    assert len(drawn.points.split()) == 9
    item["live"]["periods"] = item["live"]["periods"][:1]
    assert plot_spark(item) is None


def test_counts_by_role_are_those_of_the_decisions() -> None:
    document = {**a_fleet(1), "decisions": [a_decision("a", "alarm"), a_decision("a", "gate")]}
    assert fleet_words.by_role(document) == [
        ("reliability_engineer", 1),
        ("product_owner", 0),
        ("evaluation_engineer", 1),
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [("not asked", "no events read"), ("none there", "no events there"), ("unreadable",) * 2],
)  # fmt: skip
def test_without_events_there_is_no_rate(state: str, words: str) -> None:
    suite = a_suite("x", events={"state": state, "place": None, "counted": 0, "bad": 0})
    assert fleet_words.rate(a_class(), suite) == words


def test_a_gate_of_another_release_is_not_this_one_s() -> None:
    suite = a_suite("x")
    suite["gate"]["is_current"] = False
    assert fleet_words.gate(suite) == "pass of another release (2026.10), 2026-10-30"
    assert fleet_words.gate({**suite, "gate": None}) == "no verdict here"
