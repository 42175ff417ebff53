"""Which texts are nearly the same: all pairs of word sets over a similarity, exactly.

Knows sets of words only; leaves which texts are compared to `dialgate_evals.suite.lint`.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def similar_pairs(
    texts: Sequence[frozenset[str]], threshold: float
) -> Iterator[tuple[int, int, float]]:
    """Pairs (i, j) with i < j whose Jaccard similarity is at least `threshold`, and that figure.

    Exact, by prefix filtering: with words sorted rarest first, two sets that similar share a word
    among the first len - ceil(threshold * len) + 1 of each. Source: Chaudhuri, Ganti & Kaushik
    (2006); Bayardo, Ma & Srikant (2007). Empty texts are similar to nothing.
    """
    counts = Counter(word for text in texts for word in text)
    index: dict[str, list[int]] = {}
    for j, text in enumerate(texts):
        ordered = sorted(text, key=lambda word: (counts[word], word))
        prefix = ordered[: len(ordered) - math.ceil(threshold * len(ordered)) + 1]
        candidates = sorted({i for word in prefix for i in index.get(word, ())})
        for i in candidates:
            similarity = len(texts[i] & text) / len(texts[i] | text)
            if similarity >= threshold:
                yield i, j, similarity
        for word in prefix:
            index.setdefault(word, []).append(j)
