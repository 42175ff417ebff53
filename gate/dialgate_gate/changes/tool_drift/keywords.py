"""The keywords of JSON Schema 2020-12 in the groups in which they have a meaning.

Knows which keywords assert and which only tell, where schemas lie inside a schema, and how to
walk them. Leaves what a keyword means to the other modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Schema = dict[str, Any]

OPAQUE = "$opaque"
"""Stands for what is only ever compared as a text: recursion, unevaluated*, dynamic references."""

TEXTS = frozenset(
    "title description examples example $comment deprecated readOnly writeOnly".split()
)
"""Keywords that a model reads and no validator minds."""

_SILENT = frozenset("$schema $id $anchor $dynamicAnchor $vocabulary $defs definitions".split())

GROUPS: Mapping[str, tuple[str, ...]] = {
    "type": ("type",),
    "values": ("enum", "const"),
    "lower bound": ("minimum", "exclusiveMinimum"),
    "upper bound": ("maximum", "exclusiveMaximum"),
    "multipleOf": ("multipleOf",),
    "minLength": ("minLength",),
    "maxLength": ("maxLength",),
    "pattern": ("pattern",),
    "format": ("format",),
    "content": ("contentEncoding", "contentMediaType", "contentSchema"),
    "minItems": ("minItems",),
    "maxItems": ("maxItems",),
    "uniqueItems": ("uniqueItems",),
    "items": ("prefixItems", "items"),
    "contains": ("contains", "minContains", "maxContains"),
    "required": ("required",),
    "properties": ("properties", "patternProperties", "additionalProperties"),
    "propertyNames": ("propertyNames",),
    "minProperties": ("minProperties",),
    "maxProperties": ("maxProperties",),
    "dependentRequired": ("dependentRequired",),
    "dependentSchemas": ("dependentSchemas",),
    "anyOf": ("anyOf",),
    "oneOf": ("oneOf",),
    "not": ("not",),
    "condition": ("if", "then", "else"),
    "opaque": (OPAQUE,),
}
"""Keywords that only together say something; a schema is the conjunction of its groups."""

_GROUP_OF = {keyword: name for name, keywords in GROUPS.items() for keyword in keywords}

_ONE = frozenset(
    "additionalProperties items contains not if then else propertyNames contentSchema".split()
)
_NAMED = frozenset("properties patternProperties dependentSchemas".split())
_LISTED = frozenset("allOf anyOf oneOf prefixItems".split())


def is_told(keyword: str) -> bool:
    """Whether a keyword asserts nothing: texts, defaults, bookkeeping, and x-… extensions."""
    return (
        keyword in TEXTS or keyword in _SILENT or keyword == "default" or keyword.startswith("x-")
    )


def split_groups(schema: Mapping[str, Any]) -> dict[str, Schema]:
    """The assertions of a flat schema by group; an unknown keyword is a group of its own."""
    groups: dict[str, Schema] = {}
    for keyword, value in schema.items():
        if not is_told(keyword):
            groups.setdefault(_GROUP_OF.get(keyword, keyword), {})[keyword] = value
    return groups


def map_schemas(schema: Mapping[str, Any], change: Callable[[Any], Any]) -> Schema:
    """The schema with `change` done to each schema directly inside it."""
    changed: Schema = {}
    for keyword, value in schema.items():
        if keyword in _ONE:
            changed[keyword] = change(value)
        elif keyword in _NAMED and isinstance(value, dict):
            changed[keyword] = {name: change(item) for name, item in value.items()}
        elif keyword in _LISTED and isinstance(value, list):
            changed[keyword] = [change(item) for item in value]
        else:
            changed[keyword] = value
    return changed


def strip_texts(schema: Any) -> Any:  # noqa: ANN401 - schema data
    """The schema's assertions alone, at every depth."""
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if not is_told(key)}
    return map_schemas(kept, strip_texts)


def is_same(one: object, other: object) -> bool:
    """Whether two schemas assert the same in the same words; `true` is never 1 here."""
    return canonical_json(strip_texts(one)) == canonical_json(strip_texts(other))
