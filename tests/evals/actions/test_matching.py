"""Maximum matchings, held to brute force and to scipy."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.matching import match_any_order, match_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Match = Callable[[Sequence[Sequence[int]], int], list[int | None]]

RIGHT = 4
graphs = st.lists(st.lists(st.integers(0, RIGHT - 1), unique=True, max_size=RIGHT), max_size=4)


def size(partners: list[int | None]) -> int:
    return sum(partner is not None for partner in partners)


def all_matchings(edges: list[list[int]]) -> list[list[int | None]]:
    """Every matching of a small graph."""
    choices = itertools.product(*([None, *row] for row in edges))
    return [
        list(choice)
        for choice in choices
        if len({p for p in choice if p is not None}) == size(list(choice))
    ]


def keeps_order(partners: list[int | None]) -> bool:
    taken = [partner for partner in partners if partner is not None]
    return taken == sorted(taken)


@pytest.mark.parametrize("match", [match_any_order, match_in_order])
@given(edges=graphs)
def test_a_matching_uses_edges_and_no_partner_twice(match: Match, edges: list[list[int]]) -> None:
    assert match(edges, RIGHT) in all_matchings(edges)


@given(graphs)
def test_in_any_order_no_matching_is_larger(edges: list[list[int]]) -> None:
    assert size(match_any_order(edges, RIGHT)) == max(map(size, all_matchings(edges)))


@given(graphs)
def test_in_order_no_matching_that_keeps_order_is_larger(edges: list[list[int]]) -> None:
    found = match_in_order(edges, RIGHT)
    assert keeps_order(found)
    assert size(found) == max(map(size, filter(keeps_order, all_matchings(edges))))


@given(graphs)
def test_earlier_expectations_keep_precedence(edges: list[list[int]]) -> None:
    matched = [partner is not None for partner in match_any_order(edges, RIGHT)]
    best = max(
        ([p is not None for p in found] for found in all_matchings(edges)),
        key=lambda which: (sum(which), which),
    )
    assert matched == best


@pytest.mark.parametrize("seed", range(5))
def test_large_graphs_are_matched_as_scipy_does(seed: int) -> None:
    dense = np.random.default_rng(seed).random((120, 100)) < 0.02
    edges = [[int(column) for column in np.flatnonzero(row)] for row in dense]
    graph = scipy.sparse.csr_array(dense)
    expected = scipy.sparse.csgraph.maximum_bipartite_matching(graph, perm_type="column")
    assert size(match_any_order(edges, 100)) == int((expected >= 0).sum())


@pytest.mark.parametrize("length", [1, 5000])
def test_a_chain_as_long_as_the_case_needs_no_recursion(length: int) -> None:
    """Each expectation can take its own call or the next; the last gets only the first."""
    edges = [[i, i + 1] for i in range(length)] + [[0]]
    assert size(match_any_order(edges, length + 1)) == length + 1


@pytest.mark.parametrize("match", [match_any_order, match_in_order])
def test_of_equal_calls_the_first_are_taken(match: Match) -> None:
    assert match([[0, 1, 2]], 3) == [0]
    assert set(match([[0, 1, 2], [0, 1, 2]], 3)) == {0, 1}


@pytest.mark.parametrize("match", [match_any_order, match_in_order])
def test_nothing_matches_nothing(match: Match) -> None:
    assert match([], 3) == []
    assert match([[], []], 0) == [None, None]
