"""How figures read in sentences: rates, points, p-values. Rounded for people, never for judging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.files.problems import join_words

if TYPE_CHECKING:
    from collections.abc import Sequence


def show_rate(rate: float) -> str:
    """A share as per cent: 0.954 is `95.4 %`."""
    return f"{100 * rate:.4g} %" if rate in {0, 1} else f"{100 * rate:.3g} %"


def show_points(difference: float) -> str:
    """A difference of rates as points with its sign: -0.1 is `-10.0 points`."""
    return f"{100 * difference:+.1f} points"


def show_loss(difference: float) -> str:
    """How much a rate fell, as points without a sign: -0.1 is `10.0 points`."""
    return f"{-100 * difference:.1f} points"


def show_p(p_value: float) -> str:
    """A p-value with two digits; tiny ones as a bound."""
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.2g}"


def count_of(number: int, noun: str) -> str:
    """`1 case`, `2 cases`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def name_cases(case_ids: Sequence[str], most: int = 5) -> str:
    """The first case ids and how many more there are."""
    if len(case_ids) <= most:
        return join_words(list(case_ids))
    return f"{', '.join(case_ids[:most])} and {len(case_ids) - most} more"
