"""Containment for objects and arrays, and for what is only ever equal.

Knows how properties, patterns and additional properties share an object's names, and how prefix
and further items share a list. Leaves scalars and logic to `containment`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from dialgate_evals.files.json_schema.ecma_patterns import compile_pattern
from dialgate_evals.files.time_bounds import OutOfTimeError, found_in
from dialgate_gate.changes.tool_drift.keywords import Schema, is_same
from dialgate_gate.changes.tool_drift.normal_form import TooLargeError

if TYPE_CHECKING:
    from dialgate_gate.changes.tool_drift.facts import Conjuncts


class Prover(Protocol):
    """What proves the parts of an object or a list, one by one."""

    def is_within(self, inner: Any, outer: Any) -> bool:  # noqa: ANN401 - schema data
        """Whether it is shown that every value of `inner` is one of `outer`."""


def shows(prover: Prover, facts: Conjuncts, name: str, group: Schema) -> bool:
    """Whether a group on objects or arrays follows; any other group only by being equal."""
    match name:
        case "required":
            return set(group["required"]) <= required_names(facts)
        case "properties":
            return _has_fitting_values(prover, facts, group)
        case "propertyNames":
            names = [fact["propertyNames"] for fact in facts if "propertyNames" in fact]
            known = {"allOf": [{"type": "string"}, *names]}
            return prover.is_within(known, group["propertyNames"])
        case "minProperties" | "maxProperties":
            return _has_fitting_size(facts, name, group[name])
        case "dependentRequired":
            return _has_dependents(facts, group["dependentRequired"])
        case _:
            return _shows_of_list(prover, facts, name, group)


def _shows_of_list(prover: Prover, facts: Conjuncts, name: str, group: Schema) -> bool:
    match name:
        case "minItems":
            return bool(max([0, *_given(facts, "minItems")]) >= group["minItems"])
        case "maxItems":
            return any(count <= group["maxItems"] for count in _given(facts, "maxItems"))
        case "uniqueItems":
            is_short = any(count <= 1 for count in _given(facts, "maxItems"))
            return not group["uniqueItems"] or is_short or any(_given(facts, "uniqueItems"))
        case "items":
            return _has_fitting_items(prover, facts, group)
        case "contains":
            return any(_contains(prover, fact, group) for fact in facts)
        case _:
            return False


def _given(facts: Conjuncts, keyword: str) -> list[Any]:
    return [fact[keyword] for fact in facts if keyword in fact]


def required_names(facts: Conjuncts) -> set[str]:
    """Every name that an object must have."""
    return {name for fact in facts for name in fact.get("required", ())}


def schema_of_name(facts: Conjuncts, name: str) -> Schema:
    """What the value under a name must satisfy."""
    parts: list[Any] = []
    for fact in facts:
        own = [fact["properties"][name]] if name in fact.get("properties", {}) else []
        own += [
            schema
            for pattern, schema in fact.get("patternProperties", {}).items()
            if matches(pattern, name)
        ]
        parts += own or [fact.get("additionalProperties", {})]
    return _together(parts)


def matches(pattern: str, name: str) -> bool:
    """Whether the validator would find the pattern in the name.

    Raises TooLargeError where that can't be told in time.
    """
    try:
        return found_in(compile_pattern(pattern), name)
    except OutOfTimeError:
        raise TooLargeError from None


def _together(parts: list[Any]) -> Schema:
    only: Schema = parts[0] if len(parts) == 1 else {"allOf": parts}
    return only


def _has_fitting_values(prover: Prover, facts: Conjuncts, group: Schema) -> bool:
    wanted = (group,)
    names = {name for part in (*facts, group) for name in part.get("properties", {})}
    return all(
        prover.is_within(schema_of_name(facts, name), schema_of_name(wanted, name))
        for name in sorted(names)
    ) and _has_fitting_rest(prover, facts, group)


def _has_fitting_rest(prover: Prover, facts: Conjuncts, group: Schema) -> bool:
    """Values under names that no `properties` lists."""
    patterns, rest = group.get("patternProperties", {}), group.get("additionalProperties", {})
    if not patterns and not any("patternProperties" in fact for fact in facts):
        known = _together([fact.get("additionalProperties", {}) for fact in facts])
        return prover.is_within(known, rest)
    return any(_covers_patterns(prover, fact, patterns, rest) for fact in facts)


def _covers_patterns(prover: Prover, fact: Schema, patterns: Schema, rest: Any) -> bool:  # noqa: ANN401 - schema data
    """A name under a pattern of one side only may be any other name of the other side."""
    known = fact.get("patternProperties", {})
    others = fact.get("additionalProperties", {})
    for pattern, schema in patterns.items():
        sources = [known[pattern]] if pattern in known else [others, *known.values()]
        if not all(prover.is_within(source, schema) for source in sources):
            return False
    dropped = [schema for pattern, schema in known.items() if pattern not in patterns]
    return all(prover.is_within(source, rest) for source in (others, *dropped))


def _has_fitting_size(facts: Conjuncts, name: str, limit: float) -> bool:
    if name == "minProperties":
        least = max([len(required_names(facts)), *_given(facts, "minProperties")])
        return bool(least >= limit)
    sizes = _given(facts, "maxProperties")
    sizes += [
        len(fact.get("properties", {}))
        for fact in facts
        if fact.get("additionalProperties") == {"not": {}} and not fact.get("patternProperties")
    ]
    return any(size <= limit for size in sizes)


def _has_dependents(facts: Conjuncts, wanted: dict[str, list[str]]) -> bool:
    needed = required_names(facts)
    for trigger, names in wanted.items():
        known = set(needed)
        for dependents in _given(facts, "dependentRequired"):
            known.update(dependents.get(trigger, ()))
        if not set(names) <= known:
            return False
    return True


def schema_of_position(facts: Conjuncts, index: int) -> Schema:
    """What a list's element at a position must satisfy."""
    parts = []
    for fact in facts:
        prefix = fact.get("prefixItems", [])
        parts.append(prefix[index] if index < len(prefix) else fact.get("items", {}))
    return _together(parts)


def _has_fitting_items(prover: Prover, facts: Conjuncts, group: Schema) -> bool:
    listed = max(len(part.get("prefixItems", [])) for part in (*facts, group))
    most = min([listed + 1, *_given(facts, "maxItems")])
    return all(
        prover.is_within(schema_of_position(facts, index), schema_of_position((group,), index))
        for index in range(listed + 1)
        if index < most
    )


def _contains(prover: Prover, fact: Schema, group: Schema) -> bool:
    least, most = group.get("minContains", 1), group.get("maxContains")
    if "contains" not in group or (least == 0 and most is None):
        return True
    if "contains" not in fact or fact.get("minContains", 1) < least:
        return False
    if most is None:
        return prover.is_within(fact["contains"], group["contains"])
    is_equal = is_same(fact["contains"], group["contains"])
    return is_equal and fact.get("maxContains", most + 1) <= most
