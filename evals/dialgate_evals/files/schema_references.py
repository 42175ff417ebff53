"""The references inside a JSON Schema: whether each leads somewhere, and none in a circle.

Knows `$ref`, `$dynamicRef`, anchors and JSON Pointers of one schema document. Following a
reference out of it would mean the network, so that is a defect. Leaves all other keywords to
`dialgate_evals.files.schema_validation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REFERENCES = ("$ref", "$dynamicRef")
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
# keywords whose keys are names, not keywords
_DATA = frozenset({"const", "enum", "default", "example", "examples"})
# keywords whose values are data: a "$ref" in them refers to nothing
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
# keywords that apply to the same value as the schema around them

Node = dict[str, Any]


def reference_defects(schema: object) -> list[str]:
    """A sentence for every reference that can't be followed, and for references in a circle.

    A nested `$id` would change what references around it mean; the project's readers look them
    up from the root, so it is a defect too.
    """
    nodes = list(find_nodes(schema))
    known = {id(node) for node in nodes}
    anchors = find_anchors(nodes)
    defects = [
        f'the nested "$id" {str(node["$id"])[:80]!r}, which changes what references mean'
        for node in nodes
        if node is not schema and isinstance(node.get("$id"), str)
    ]
    for reference in (node[key] for node in nodes for key in _REFERENCES if key in node):
        if not str(reference).startswith("#"):
            defects.append(f'the reference "{reference}" points outside the schema')
        elif not isinstance(target := find_target(schema, str(reference), anchors), bool) and (
            id(target) not in known
        ):
            defects.append(f'the reference "{reference}" points at nothing')
    if not defects and _has_circle(schema, nodes, anchors):
        defects.append("it refers to itself without end")
    return defects


def patterns_of(schema: object) -> Iterator[str]:
    """Every regular expression of the schema: patterns, and names of patternProperties."""
    for node in find_nodes(schema):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        named = node.get("patternProperties")
        yield from (str(name) for name in named) if isinstance(named, dict) else ()


def find_nodes(schema: object) -> Iterator[Node]:
    """Every object in the schema that is read as a schema; without recursion."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            yield node
            for key, value in node.items():
                if key in _NAMED and isinstance(value, dict):
                    waiting.extend(value.values())
                elif key not in _DATA:
                    waiting.append(value)


def find_anchors(nodes: list[Node]) -> dict[str, Node]:
    """The schemas that have a name of their own, by it."""
    return {
        node[key]: node
        for node in nodes
        for key in ("$anchor", "$dynamicAnchor")
        if isinstance(node.get(key), str)
    }


def find_target(schema: object, reference: str, anchors: Mapping[str, Node]) -> object:
    """What a local reference points at, or None. Source: RFC 6901, section 6."""
    fragment = unquote(reference[1:])
    if not fragment.startswith("/"):
        return anchors.get(fragment) if fragment else schema
    node = schema
    for raw in fragment[1:].split("/"):
        part = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and part.isdecimal() and int(part) < len(node):
            node = node[int(part)]
        else:
            return None
    return node


def _has_circle(schema: object, nodes: list[Node], anchors: Mapping[str, Node]) -> bool:
    """Whether a schema applies to a value only after it has applied to the same value.

    Schemas are taken away while nothing that they still wait for is left (Kahn, 1962); a circle
    is what can't be taken away.
    """
    waits_for = {id(node): set(applied_in_place(schema, node, anchors)) for node in nodes}
    free = [key for key, needed in waits_for.items() if not needed]
    wanted_by: dict[int, list[int]] = {}
    for key, needed in waits_for.items():
        for other in needed:
            wanted_by.setdefault(other, []).append(key)
    taken = 0
    while free:
        taken += 1
        done = free.pop()
        for key in wanted_by.get(done, ()):
            waits_for[key].discard(done)
            if not waits_for[key]:
                free.append(key)
    return taken < len(waits_for)


def applied_in_place(schema: object, node: Node, anchors: Mapping[str, Node]) -> list[int]:
    """The schemas, by identity, that a schema applies to its own value, as often as it does."""
    applied = [find_target(schema, node[key], anchors) for key in _REFERENCES if key in node]
    for key in _IN_PLACE:
        value = node.get(key)
        applied.extend(value if isinstance(value, list) else [value])
    dependent = node.get("dependentSchemas")
    applied.extend(dependent.values() if isinstance(dependent, dict) else ())
    return [id(item) for item in applied if isinstance(item, dict)]


def subschemas(node: Node) -> Iterator[Node]:
    """The schemas that stand in a schema and are applied with it; definitions are not."""
    for key, value in node.items():
        if key in _DATA or key in {"$defs", "definitions"}:
            continue
        if key in _NAMED and isinstance(value, dict):
            inside = list(value.values())
        else:
            inside = value if isinstance(value, list) else [value]
        yield from (item for item in inside if isinstance(item, dict))
