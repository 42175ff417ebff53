"""Maximum matchings between what was expected and what was done.

Knows graphs of indices only; leaves what an edge means to the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def match_any_order(edges: Sequence[Sequence[int]], right_size: int) -> list[int | None]:
    """A maximum bipartite matching by augmenting paths.

    `edges[i]` lists the right-hand indices that left-hand i can be matched with, best first.
    Comes back: for each left-hand index its partner or None. Left-hand nodes once matched stay
    matched, so earlier ones keep precedence.
    Source: Kuhn (1955), the Hungarian method restricted to 0/1 weights.

    >>> match_any_order([[0, 1], [0]], 2)
    [1, 0]
    """
    left_of: list[int | None] = [None] * right_size
    for left, row in enumerate(edges):
        if row and left_of[row[0]] is None:
            left_of[row[0]] = left
        elif row:
            _augment(left, edges, left_of, set())
    partner: list[int | None] = [None] * len(edges)
    for right, left_index in enumerate(left_of):
        if left_index is not None:
            partner[left_index] = right
    return partner


def _augment(
    left: int, edges: Sequence[Sequence[int]], left_of: list[int | None], visited: set[int]
) -> bool:
    """Finds one augmenting path from `left`; iterative, because cases can expect many actions."""
    stack: list[tuple[int, int]] = [(left, 0)]
    path: list[tuple[int, int]] = []
    while stack:
        node, position = stack.pop()
        if position >= len(edges[node]):
            if path:
                path.pop()
            continue
        stack.append((node, position + 1))
        right = edges[node][position]
        if right in visited:
            continue
        visited.add(right)
        path.append((node, right))
        owner = left_of[right]
        if owner is None:
            for path_left, path_right in path:
                left_of[path_right] = path_left
            return True
        stack.append((owner, 0))
    return False


def match_in_order(edges: Sequence[Sequence[int]], right_size: int) -> list[int | None]:
    """A maximum matching that keeps order on both sides (longest common subsequence).

    Of several, the one that takes partners first: a later equal right-hand node is left over.
    Source: Wagner & Fischer (1974). Time and memory len(edges) x right_size.

    >>> match_in_order([[1], [0]], 2)
    [1, None]
    """
    allowed = [frozenset(row) for row in edges]
    left_size = len(edges)
    best = [[0] * (right_size + 1) for _ in range(left_size + 1)]
    for left in range(left_size - 1, -1, -1):
        for right in range(right_size - 1, -1, -1):
            skip = max(best[left + 1][right], best[left][right + 1])
            take = best[left + 1][right + 1] + 1 if right in allowed[left] else 0
            best[left][right] = max(skip, take)
    return _trace(allowed, best, right_size)


def _trace(
    allowed: Sequence[frozenset[int]], best: Sequence[Sequence[int]], right_size: int
) -> list[int | None]:
    partner: list[int | None] = [None] * len(allowed)
    left = right = 0
    while left < len(allowed) and right < right_size:
        if right in allowed[left] and best[left][right] == best[left + 1][right + 1] + 1:
            partner[left] = right
            left, right = left + 1, right + 1
        elif best[left][right] == best[left][right + 1]:
            right += 1
        else:
            left += 1
    return partner
