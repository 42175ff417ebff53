"""Whether two schemas are shown to have no value in common.

Knows types, listed values, number ranges and objects told apart by a required property (a
discriminator). False means "not shown". Leaves containment to `containment`.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_gate.changes.tool_drift.containers import required_names, schema_of_name
from dialgate_gate.changes.tool_drift.facts import (
    NUMBERS,
    finite_values,
    is_never,
    lower_bound,
    possible_types,
)
from dialgate_gate.changes.tool_drift.normal_form import conjuncts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.changes.tool_drift.facts import Conjuncts

_MOST_ALTERNATIVES = 20
_DEEPEST = 6


def exclude_each_other(alternatives: Sequence[Any]) -> bool:
    """Whether at most one alternative can hold: then `oneOf` is `anyOf`."""
    if len(alternatives) > _MOST_ALTERNATIVES:
        return False
    pairs = itertools.combinations(alternatives, 2)
    return all(are_disjoint(one, other) for one, other in pairs)


def are_disjoint(one: Any, other: Any, depth: int = 0) -> bool:  # noqa: ANN401 - schema data
    """Whether it is shown that no value satisfies both schemas."""
    first, second = conjuncts(one), conjuncts(other)
    types = possible_types(first) & possible_types(second)
    if not types or is_never(first) or is_never(second):
        return True
    if depth > _DEEPEST:
        return False
    if _values_differ(first, second) or _values_differ(second, first):
        return True
    if types <= NUMBERS and _ranges_differ(first, second):
        return True
    if types == {"object"} and _names_differ(first, second, depth):
        return True
    return any(
        all(are_disjoint(part, theirs, depth + 1) for part in fact[keyword])
        for ours, theirs in ((first, other), (second, one))
        for fact in ours
        for keyword in ("anyOf", "oneOf")
        if keyword in fact
    )


def _values_differ(listing: Conjuncts, other: Conjuncts) -> bool:
    values = finite_values(listing)
    if values is None:
        return False
    validators = [DocumentValidator(fact) for fact in other]
    return not any(all(check.is_valid(value) for check in validators) for value in values)


def _ranges_differ(first: Conjuncts, second: Conjuncts) -> bool:
    """Whether the lower bound of one lies above the upper bound of the other."""
    for one, other in ((first, second), (second, first)):
        low = lower_bound(one, sign=1, whole=False)
        high = lower_bound(other, sign=-1, whole=False)
        if low is None or high is None:
            continue
        gap = low[0] + high[0]
        if gap > 0 or (gap == 0 and (low[1] or high[1])):
            return True
    return False


def _names_differ(first: Conjuncts, second: Conjuncts, depth: int) -> bool:
    return any(
        are_disjoint(schema_of_name(first, name), schema_of_name(second, name), depth + 1)
        for name in sorted(required_names(first) | required_names(second))
    )
