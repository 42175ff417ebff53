"""Whether a text says the same as the expected one, as far as rules can tell."""

from __future__ import annotations

import pytest

from dialgate_evals.actions.rubrics.rules.compared import compare_texts

EXPECTED = "Your refund of 42.50 EUR arrives by 2026-12-01."


@pytest.mark.parametrize(
    ("actual", "answer"),
    [
        (EXPECTED, "yes"),
        ("your refund of 42.50 EUR, arrives by 2026-12-01", "yes"),
        ("You get 42,50 EUR back by December 1st, 2026.", "unsure"),
        ("You get 24.50 EUR back by December 1st, 2026.", "no"),
        ("You get 42.50 EUR back by December 2nd, 2026.", "no"),
        ("You get your money back soon.", "unsure"),
        ("  ", "no"),
        ("Your refund of -42.50 EUR arrives by 2026-12-01.", "no"),
        ("Your refund of 42.50 EUR arrives by 2026-12-01?", "unsure"),
    ],
)
def test_other_numbers_and_days_are_another_message(actual: str, answer: str) -> None:
    assert compare_texts(expected=EXPECTED, actual=actual)[0].value == answer
