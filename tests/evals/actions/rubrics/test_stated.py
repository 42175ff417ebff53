"""What rules can tell of a text: never more than stands there, in whatever notation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.rubrics.criterion import parse_criterion
from dialgate_evals.actions.rubrics.rules.number_forms import numbers_in
from dialgate_evals.actions.rubrics.rules.stated import tell


def told(text: str, *, words: str = "", ask: str = "unsure", **declared: Any) -> str:
    document = {"text": words, "ask": ask, **declared}
    return tell(parse_criterion("c", document), text).answer.value


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Your order was refunded.", "yes"),
        ("No, it was refunded.", "yes"),
        ("not cancelled but refunded", "yes"),
        ("It wasn't cancelled, but refunded.", "yes"),
        ("not only refunded but also credited", "yes"),
        ("re\u200bfun\u00added", "yes"),
        ("It was refunded on May 17.", "yes"),
        ("On 17 May it was refunded.", "yes"),
        ("It may be refunded.", "unsure"),
        ("Your order was not refunded.", "no"),
        ("The fee can't be refunded", "no"),
        ("We refuse to have it refunded.", "no"),
        ("It isn't true that it was not refunded.", "unsure"),
        ("Has it been refunded?", "unsure"),
        ("If approved it is refunded.", "unsure"),
        ("It will be refunded unless it was shipped.", "unsure"),
        ("We will not, as promised, have it refunded.", "unsure"),
        ("We did not cancel and refunded", "unsure"),
        ("It was refunded to nobody", "unsure"),
        ("It was refunded. It was not refunded.", "unsure"),
        ("Вам refunded", "unsure"),
        ("nonrefunded", "no"),
        ("", "no"),
    ],
)
def test_a_phrase_is_stated_only_where_nothing_denies_it(text: str, answer: str) -> None:
    assert told(text, must={"say": ["refunded"]}) == answer


def test_where_a_model_could_say_so_other_words_are_no_denial() -> None:
    declared: dict[str, Any] = {"must": {"say": ["refunded"]}}
    assert told("We sent the money back.", words="says that it is refunded", **declared) == "unsure"
    assert told("We sent the money back.", **declared) == "no"
    assert told("It was not refunded.", words="says that it is refunded", **declared) == "no"


@pytest.mark.parametrize(
    "text",
    [
        "Der Betrag wird nicht erstattet.", "Wir erstatten den Betrag nicht.",
        "Nous ne remboursons pas.", "El pedido no fue reembolsado.", "Non è rimborsato.",
        "Het wordt niet terugbetaald.", "We don't refund it.",
    ],
)  # fmt: skip
def test_a_denial_is_heard_in_several_languages(text: str) -> None:
    phrases = ["erstatte*", "remboursons", "reembolsado", "rimborsato", "terugbetaald", "refund"]
    assert told(text, must={"deny": [phrases]}) == "yes"
    assert told(text, must={"say": [phrases]}) == "no"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("We guarantee it.", "no"),
        ("We can't guarantee it.", "yes"),
        ("All good.", "yes"),
        ("Do we guarantee it?", "unsure"),
        ("We guar\u0430ntee it.", "unsure"),  # a Cyrillic letter
    ],
)
def test_what_must_not_be_said_may_be_denied(text: str, answer: str) -> None:
    assert told(text, must_not={"say": ["guarantee"]}) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The refund is not 42.50 EUR, it is 40.", "unsure"),
        ("Wir erstatten nicht 42,50 €, sondern 40 €.", "unsure"),
        ("Non pas 42,50 € mais 40 €.", "unsure"),
        ("Not 40 EUR but 42.50 EUR.", "yes"),
        ("It is not 40. The refund is 42.50.", "yes"),
        ("First I said not 42.50, but 42.50 it is.", "yes"),
        ("No problem: 42.50 EUR are on their way.", "yes"),
        ("Sorry, 42.50 EUR is all.", "yes"),
    ],
)
def test_a_number_that_is_denied_is_not_taken_for_stated(text: str, answer: str) -> None:
    assert told(text, must={"numbers": [42.50]}) == answer
    opposite = {"yes": "no", "unsure": "unsure"}[answer]
    assert told(text, must_not={"numbers": [42.50]}) == opposite


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It will not come on 29.11.2026.", "unsure"),
        ("Nicht am 29. November 2026, sondern später.", "unsure"),
        ("Not on Friday but on November 29th, 2026.", "yes"),
        ("It comes no later than 2026-11-29.", "yes"),
        ("It comes on 29.11.2026.", "yes"),
        ("Version 29.11.2026.4 is out", "no"),
    ],
)
def test_a_day_that_is_denied_is_not_taken_for_stated(text: str, answer: str) -> None:
    assert told(text, must={"dates": ["2026-11-29"]}) == answer


def test_a_text_of_denied_numbers_is_left_open_in_time() -> None:
    assert told("not 7 " * 15_000, must={"numbers": [7]}) == "unsure"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1.234,56 €", "yes"), ("$1,234.56", "yes"), ("1 234,56", "yes"), ("1'234.56", "yes"),
        ("1\u202f234,56 EUR", "yes"), ("1234.560", "yes"), ("１２３４.56", "yes"),
        ("١٢٣٤.٥٦", "yes"), ("12.34", "no"), ("1,234.57", "no"), ("A-1234.56", "no"),
        ("-1234.56", "unsure"), ("1.234.56", "unsure"),
    ],
)  # fmt: skip
def test_a_number_is_found_in_any_notation(text: str, answer: str) -> None:
    assert told(text, must={"numbers": [1234.56]}) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1,234 points", "unsure"),
        ("1.234 Punkte", "unsure"),
        ("1,234 points for 2.50", "yes"),
        ("1.234 Punkte für 2,50", "yes"),
        ("1,234 Punkte für 2,50", "no"),
        ("1.234k", "unsure"),
        ("twelve hundred thirty-four", "unsure"),
        ("on 2026-11-29", "no"),
        ("12,34,567", "no"),
        ("$1,234 has been paid", "yes"),
        ("1.234 € sind da", "yes"),
        ("EUR 1.234", "unsure"),
        ("1,234 EUR and 2.5 kg", "yes"),
        ("order 1234A7", "no"),
        ("at 1234:30", "no"),
        ("at 5:1234", "no"),
        ("1234: it is there", "yes"),
    ],
)
def test_two_readings_are_one_where_the_text_shows_its_decimal_mark(text: str, answer: str) -> None:
    assert told(text, must={"numbers": [1234]}) == answer


@given(
    st.integers(0, 10**9), st.integers(0, 99), st.sampled_from([",.", ".,", " ,", "'.", "\u202f,"])
)
def test_what_is_written_in_a_notation_is_read_back(whole: int, cents: int, marks: str) -> None:
    grouped = f"{whole:,}".replace(",", marks[0])
    found = numbers_in(f"paid {grouped}{marks[1]}{cents:02d} today")
    assert next(item.readings[0] for item in found) * 100 == whole * 100 + cents


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2026-11-29", "yes"), ("29.11.2026", "yes"), ("11/29/2026", "yes"), ("29/11/26", "yes"),
        ("November 29th, 2026", "yes"), ("29 November", "yes"), ("29. November 2026", "yes"),
        ("29 de noviembre de 2026", "yes"), ("le 29 novembre 2026", "yes"), ("Nov 29", "yes"),
        ("29.11.", "yes"), ("2026年11月29日", "yes"), ("tomorrow", "unsure"),
        ("2025-11-29", "no"), ("Nov 30, 2026", "no"), ("30.11.2026", "no"), ("2026-13-29", "no"),
    ],
)  # fmt: skip
def test_a_day_is_found_however_people_write_it(text: str, answer: str) -> None:
    assert told(text, must={"dates": ["2026-11-29"]}) == answer


def test_day_and_month_that_could_be_exchanged_are_open() -> None:
    assert told("by 04/03/2026", must={"dates": ["2026-03-04"]}) == "unsure"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Dear Mr Mueller", "yes"), ("MÜLLER's order", "yes"), ("Muller", "yes"),
        ("Müllerin", "no"), ("Дорогой Мюллер", "unsure"), ("Dear Ada", "no"),
    ],
)  # fmt: skip
def test_a_name_is_a_whole_word_whatever_its_accents(text: str, answer: str) -> None:
    assert told(text, must={"names": ["Müller"]}) == answer


def test_what_holds_may_still_be_asked_about() -> None:
    declared: dict[str, Any] = {"must": {"numbers": [5]}, "words": "is polite"}
    assert told("5, you fool", **declared) == "yes"
    assert told("5, you fool", ask="held", **declared) == "unsure"
    assert told("6, dear friend", ask="held", **declared) == "no"


@given(st.text(max_size=300))
def test_no_text_breaks_the_rules_and_one_that_says_nothing_declared_holds_nothing(
    text: str,
) -> None:
    declared = {"say": ["refunded"], "numbers": [1234.56], "dates": ["2026-11-29"]}
    assert told(text, must=declared) in {"no", "unsure", "yes"}


def test_a_text_without_end_is_decided_by_nobody_and_at_once() -> None:
    for text in ("1,234." * 40_000, "not " * 50_000, "1 " * 100_000):
        assert told(text, must={"say": ["refunded"], "numbers": [7]}) == "unsure"
    declared = {"say": ["refunded"], "numbers": [7, *range(13, 60)], "dates": ["2026-11-29"]}
    endless = ("1,", "1.1. ", "refunded, ", "refunded ", "not refunded but ", "word1 ", "a,", "?a")
    for part in endless:
        text = part * (30_000 // len(part))
        assert told(text, must=declared) in {"no", "unsure"}
        assert told(text, must_not=declared) in {"no", "unsure", "yes"}
    many = " ".join(f"w{number}" for number in range(5_000))
    assert told(many, must=declared) in {"no", "unsure"}


def test_a_phrase_in_a_sentence_without_end_is_open() -> None:
    text = "We will not, " + "as you know, " * 30 + "have it refunded."
    assert told(text, must={"say": ["refunded"]}) == "unsure"
    assert (
        told("It was refunded, " + "dear, " * 30 + "thanks.", must={"say": ["refunded"]})
        == "unsure"
    )
