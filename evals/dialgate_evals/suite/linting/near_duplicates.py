"""Which cases say nearly the same: all pairs of word sets over a similarity, exactly.

Leaves what is to be done about them to `dialgate_evals.suite.linting.lint`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.files.problems import join_words
from dialgate_evals.suite.case import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.suite.case import Case

SIMILARITY = 0.9
"""Cases whose texts share this much of their words (Jaccard) are reported."""
_MOST_NAMED = 3


def groups_alike(cases: Sequence[Case]) -> Iterator[tuple[list[Case], float]]:
    """Each group of cases that are alike, in their order, and the least share that joined it.

    Ten cases alike are one group, and not 45 pairs. Cases of the same context are not compared,
    nor of users who answer otherwise, nor what `dialgate fuzz` found: it is a variant on purpose.
    What `dialgate mutate` proposed is one too, beside the case that it was made from and its likes.
    """
    group: dict[int, list[int]] = {}
    least: dict[int, float] = {}
    for first, second, share in similar_pairs([words_of(case) for case in cases], SIMILARITY):
        if cases[first].context_digest == cases[second].context_digest:
            continue
        if cases[first].has_another_user(cases[second]):
            continue
        if Origin.FUZZED in {cases[first].origin, cases[second].origin}:
            continue
        if _made_from(cases[first]) == _made_from(cases[second]):
            continue
        one, other = group.get(first, [first]), group.get(second, [second])
        joined = one if one is other else sorted([*one, *other])
        lowest = min(share, least.get(one[0], 1.0), least.get(other[0], 1.0))
        group.update(dict.fromkeys(joined, joined))
        least[joined[0]] = lowest
    for place, members in sorted(group.items()):
        if place == members[0]:
            yield [cases[member] for member in members], least[place]


def _made_from(case: Case) -> str:
    """The case that a proposed one was made from; any other case stands for itself."""
    source = case.source or {}
    parent = source.get("parent") if "proposed" in source else None
    return parent if isinstance(parent, str) else case.id


def alike_sentence(others: Sequence[Case], share: float) -> str:
    """What a case has in common with the others of its group."""
    named = [f"{case.id} ({case.place})" for case in others[:_MOST_NAMED]]
    if len(others) > _MOST_NAMED:
        named.append(f"{len(others) - _MOST_NAMED} more")
    return f"{100 * share:.0f} % of its words in common with {join_words(named)}"


def words_of(case: Case) -> frozenset[str]:
    """The words of a case's messages; a prompt that all cases begin with makes none alike."""
    messages = (item for item in case.messages if item.get("role") not in {"system", "developer"})
    text = " ".join(text_of(message.get("content")) for message in messages)
    return frozenset(re.findall(r"\w+", text.casefold()))


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
