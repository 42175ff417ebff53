"""Strategies for schemas, for schemas a few edits away from them, and for values of schemas.

Small on purpose: few names, few numbers, few texts, so that edits and values meet.
"""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "ab")
NUMBERS = (0, 1, 2, 3, 5, -1, 1.0, 0.5, 2.5)
SIZES = (0, 1, 2, 3)
PATTERNS = ("^a", "b$", "^[ab]+$", "c")
ATOMS: tuple[Any, ...] = (
    None, True, False, 0, 1, 2, 3, 5, -1, 1.0, 0.5, 2.5, "", "a", "b", "ab", "abc", "1",
    [], [0], [1], [True], ["a"], {}, {"a": 1}, {"a": True}, {"b": "a"},
)  # fmt: skip
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")

BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
COUNTS = (
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
    "minContains", "maxContains",
)  # fmt: skip

atoms = st.sampled_from(ATOMS)
names = st.sampled_from(NAMES)
numbers = st.sampled_from(NUMBERS)
sizes = st.sampled_from(SIZES)
name_lists = st.lists(names, max_size=2, unique=True)


def keyword(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    """One keyword with a value; `inner` makes the schemas in it."""
    some = st.lists(inner, min_size=1, max_size=3)

    def one(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
        return st.tuples(st.just(name), values)

    return st.one_of(
        one("type", st.sampled_from(TYPES)),
        one("type", st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True)),
        one("enum", st.lists(atoms, min_size=1, max_size=4)),
        one("const", atoms),
        *(one(name, numbers) for name in BOUNDS),
        one("multipleOf", st.sampled_from([1, 2, 3, 0.5, 0.25, 1.5])),
        *(one(name, sizes) for name in COUNTS),
        one("pattern", st.sampled_from(PATTERNS)),
        one("uniqueItems", st.booleans()),
        one("required", name_lists),
        one("properties", st.dictionaries(names, inner, max_size=3)),
        one("patternProperties", st.dictionaries(st.sampled_from(PATTERNS), inner, max_size=2)),
        one("additionalProperties", inner),
        one("propertyNames", inner),
        one("dependentRequired", st.dictionaries(names, name_lists, max_size=2)),
        one("dependentSchemas", st.dictionaries(names, inner, max_size=1)),
        one("items", inner),
        one("prefixItems", some),
        one("contains", inner),
        one("anyOf", some), one("oneOf", some), one("allOf", some),
        one("not", inner), one("if", inner), one("then", inner), one("else", inner),
        one("unevaluatedProperties", inner),
        one("$ref", st.sampled_from(["#/$defs/x", "#/$defs/y"])),
        one("description", st.sampled_from(["one", "two"])),
        one("default", atoms),
    )  # fmt: skip


def _schemas(depth: int) -> st.SearchStrategy[Any]:
    if depth == 0:
        return st.sampled_from(
            [
                {},
                True,
                False,
                *({"type": name} for name in TYPES),
                {"enum": [1, True]},
                {"minimum": 1},
            ]
        )
    return st.lists(keyword(_schemas(depth - 1)), min_size=1, max_size=4).map(dict)


shallow_schemas = _schemas(1)
inner_schemas = _schemas(2)
inner_keywords = st.lists(keyword(inner_schemas), max_size=2)
shallow_keywords = keyword(shallow_schemas)
properties = st.dictionaries(names, inner_schemas, min_size=1, max_size=3)


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """A schema of arguments: an object with properties, references and whatever else."""
    schema: dict[str, Any] = dict(draw(inner_keywords))
    schema.pop("type", None)
    schema["properties"] = draw(properties)
    if draw(st.booleans()):
        schema["type"] = "object"
    schema["$defs"] = {"x": draw(shallow_schemas), "y": draw(shallow_schemas)}
    own: dict[str, Any] = copy.deepcopy(schema)  # what is sampled from is not ours to change
    for target in own["$defs"].values():
        if isinstance(target, dict):
            target.pop("$ref", None)  # a reference in a circle is no usable schema
    return own


@st.composite
def edited(draw: st.DrawFn, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema after one to three edits at places anywhere in it."""
    changed: dict[str, Any] = copy.deepcopy(schema)
    for _ in range(draw(st.integers(1, 3))):
        places = _places(changed)
        place = places[draw(st.integers(0, len(places) - 1))]
        keys = [key for key in place if key != "$defs"]
        name: str
        name, value = draw(shallow_keywords)
        changes_a_keyword = draw(st.booleans())
        if keys and changes_a_keyword:
            key = keys[draw(st.integers(0, len(keys) - 1))]
            if draw(st.booleans()):
                del place[key]
                continue
            place[key] = _nudged(place[key])
        elif name != "$ref" or place is changed:
            place[name] = copy.deepcopy(value)
    return changed


def _nudged(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case [first, *_]:
            return [first]
        case _:
            return value


def _places(node: Any) -> list[dict[str, Any]]:
    """Every schema in the schema."""
    found: list[dict[str, Any]] = []
    if not isinstance(node, dict):
        return found
    found.append(node)
    for key, value in node.items():
        if key in {"properties", "patternProperties", "dependentSchemas", "$defs"}:
            for item in value.values() if isinstance(value, dict) else ():
                found += _places(item)
        elif key in {"anyOf", "oneOf", "allOf", "prefixItems"}:
            for item in value if isinstance(value, list) else ():
                found += _places(item)
        elif key not in {"enum", "const", "default", "dependentRequired"}:
            found += _places(value)
    return found
