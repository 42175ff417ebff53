"""Cohen's kappa is that of the textbook, and has no value where it means nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.accepting.agreement import Agreement, compare_reviewers

counts = st.integers(0, 50)


def of(both_right: int, both_not: int, only_first: int, only_second: int) -> Agreement:
    return Agreement(
        first="Ada", second="Bob", both_right=both_right, both_not=both_not,
        only_first=only_first, only_second=only_second,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ((20, 15, 5, 10), 0.4),
        ((45, 15, 15, 25), 0.1304),
        ((25, 35, 35, 5), 0.2593),
        ((10, 10, 0, 0), 1.0),
        ((0, 0, 10, 10), -1.0),
    ],
)
def test_kappa_is_that_of_published_tables(table: tuple[int, ...], kappa: float) -> None:
    found = of(*table).kappa
    assert found is not None
    assert round(found, 4) == kappa


@pytest.mark.parametrize("table", [(0, 0, 0, 0), (9, 0, 0, 0), (0, 9, 0, 0)])
def test_kappa_has_no_value_without_items_or_with_one_word_only(table: tuple[int, ...]) -> None:
    assert of(*table).kappa is None


@given(counts, counts, counts, counts)
def test_kappa_lies_within_its_bounds_and_has_no_side(a: int, b: int, c: int, d: int) -> None:
    found, swapped = of(a, b, c, d), of(a, b, d, c)
    assert found.kappa == swapped.kappa
    assert found.kappa is None or -1 <= found.kappa <= 1
    assert found.items == a + b + c + d


def test_reviewers_are_compared_on_what_both_decided() -> None:
    ada = {"1": "right", "2": "right", "3": "x", "4": "x", "5": "x"}
    bob = {"1": "right", "2": "y", "3": "x", "4": "y", "6": "right"}
    found = compare_reviewers("Ada", ada, "Bob", bob, "right")
    assert (found.both_right, found.both_not, found.only_first, found.only_second) == (1, 2, 1, 0)
    assert (found.items, found.differ_in_what) == (4, 1)
