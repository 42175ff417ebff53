"""What a simulated user states and nobody gave is found without a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.conversing.made_up import made_up_values

KNOWN = 'You are Emma Kim, user id emma_kim_9957. {"order": "A-7", "day": "2024-05-10"}'


@pytest.mark.parametrize(
    ("text", "made_up"),
    [
        ("My user id is emma_kim_9957 and the order is A-7.", ()),
        ("It's order a7.", ()),
        ("It was one of the 2 orders.", ()),
        ("My order is B-9.", ("b-9",)),
        ("Write to emma@example.org, please.", ("emma@example.org",)),
        ("On 2024-05-11, for 1,200 dollars.", ("2024-05-11", "1200")),
        ("It cost 9,957 dollars, or 9957.00.", ("9957",)),
        ("I have no idea.", ()),
    ],
)
def test_values_that_nobody_gave_are_named(text: str, made_up: tuple[str, ...]) -> None:
    assert made_up_values(text, KNOWN) == made_up


@given(st.text(max_size=200))
def test_what_is_known_is_never_made_up(text: str) -> None:
    assert made_up_values(text, f"before {text} after") == ()
