"""How large a JSON Schema is once its references are followed: a few lines can ask for years.

Ten levels of two references each ask the same question 1,024 times, thirty a billion times. Knows
the size of what is asked of one value; leaves whether references lead anywhere to
`schema_references`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.files.schema_references import (
    applied_in_place,
    find_anchors,
    find_nodes,
    find_target,
    subschemas,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.files.schema_references import Node

MOST_AT_ONE_VALUE = 10_000
"""Subschemas that one value may be asked for; real ones ask for tens."""

MOST_IN_ALL = 1_000_000
"""Subschemas of a schema without recursion, each reference unfolded."""


def size_defects(schema: object) -> list[str]:
    """A sentence where following the references multiplies without bounds."""
    nodes = list(find_nodes(schema))
    anchors = find_anchors(nodes)
    in_place = {id(node): applied_in_place(schema, node, anchors) for node in nodes}
    if max(_sizes(in_place).values(), default=0) > MOST_AT_ONE_VALUE:
        most = f"more than {MOST_AT_ONE_VALUE:,} subschemas"
        return [f"its references multiply: one value is asked for {most}"]
    unfolded = _sizes(_everything_applied(schema, nodes, anchors))
    if unfolded.get(id(schema), 0) > MOST_IN_ALL:
        return [f"its references multiply: unfolded it has more than {MOST_IN_ALL:,} subschemas"]
    return []


def size_at_one_value(schema: object) -> int:
    """How many subschemas one value may be asked for at most; one where it can't be told."""
    nodes = list(find_nodes(schema))
    anchors = find_anchors(nodes)
    sizes = _sizes({id(node): applied_in_place(schema, node, anchors) for node in nodes})
    return max(sizes.values(), default=1)


def size_without_references(schema: object) -> int | None:
    """How many subschemas there are, which no value is asked for more of; None: some refer."""
    count = 0
    for node in find_nodes(schema):
        if "$ref" in node or "$dynamicRef" in node:
            return None
        count += 1
    return count


def is_recursive(schema: object) -> bool:
    """Whether a subschema refers to one that it lies in: how much it asks for depends on data."""
    nodes = list(find_nodes(schema))
    applied = _everything_applied(schema, nodes, find_anchors(nodes))
    return len(_sizes(applied)) < len(applied)


def _everything_applied(
    schema: object, nodes: Iterable[Node], anchors: Mapping[str, Node]
) -> dict[int, list[int]]:
    """By each schema, those that it applies to its value or to parts of it, as often as it does."""
    applied = {}
    for node in nodes:
        below = [id(item) for item in subschemas(node)]
        targets = [
            find_target(schema, node[key], anchors)
            for key in ("$ref", "$dynamicRef")
            if key in node
        ]
        applied[id(node)] = below + [id(item) for item in targets if isinstance(item, dict)]
    return applied


def _sizes(applied: Mapping[int, Iterable[int]]) -> dict[int, int]:
    """Each schema's size with all that it applies; those that lead into a circle are left out."""
    waits_for = {
        key: [other for other in others if other in applied] for key, others in applied.items()
    }
    wanted_by: dict[int, list[int]] = {}
    left = {}
    for key, others in waits_for.items():
        left[key] = len(set(others))
        for other in set(others):
            wanted_by.setdefault(other, []).append(key)
    free = [key for key, count in left.items() if not count]
    sizes: dict[int, int] = {}
    while free:
        done = free.pop()
        # Past the limit the figure says nothing more, and would itself grow without bounds.
        sizes[done] = min(1 + sum(sizes[other] for other in waits_for[done]), 10 * MOST_IN_ALL)
        for key in wanted_by.get(done, ()):
            left[key] -= 1
            if not left[key]:
                free.append(key)
    return sizes
