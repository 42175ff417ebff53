"""Whether every value of one schema is shown to be a value of another; never guessed.

A proof goes keyword group by keyword group: what the wider schema asks for must follow from what
the narrower one says. False means "not shown", which is not "refuted". Knows the whole of JSON
Schema 2020-12 but for dynamic references and `unevaluated…`, which are only compared as texts,
and regular expressions, of which only equality is known. `multipleOf` is compared as decimal
numbers, so beyond the validator's 28 digits it may be right where the validator is not.
Objects and arrays are in `containers`; that two schemas exclude each other in `disjoint`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_gate.changes.tool_drift import containers
from dialgate_gate.changes.tool_drift.disjoint import are_disjoint, exclude_each_other
from dialgate_gate.changes.tool_drift.facts import (
    EVERY_TYPE,
    NUMBERS,
    bound,
    finite_values,
    is_checkable,
    is_never,
    lower_bound,
    named_types,
    possible_types,
)
from dialgate_gate.changes.tool_drift.keywords import Schema, is_same, split_groups
from dialgate_gate.changes.tool_drift.normal_form import TooLargeError, conjuncts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_gate.changes.tool_drift.facts import Conjuncts

_MOST_STEPS = 4_000
_SCALARS = frozenset({"type", "multipleOf", "lower bound", "upper bound", "minLength", "maxLength"})
_ONLY_FOR = {
    "lower bound": NUMBERS, "upper bound": NUMBERS, "multipleOf": NUMBERS,
    "minLength": {"string"}, "maxLength": {"string"}, "pattern": {"string"},
    "format": EVERY_TYPE, "content": {"string"},
    "minItems": {"array"}, "maxItems": {"array"}, "uniqueItems": {"array"}, "items": {"array"},
    "contains": {"array"},
    "required": {"object"}, "properties": {"object"}, "propertyNames": {"object"},
    "minProperties": {"object"}, "maxProperties": {"object"}, "dependentRequired": {"object"},
    "dependentSchemas": {"object"},
}  # fmt: skip


class Prover:
    """Shows containment with a bounded number of steps; what takes more is not shown."""

    def __init__(self) -> None:
        self._steps = 0

    def is_within(self, inner: Any, outer: Any) -> bool:  # noqa: ANN401 - schema data
        """Whether it is shown that every value of `inner` is one of `outer`.

        Both in normal form. Raises TooLargeError where too many steps were taken.
        """
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise TooLargeError
        if is_same(inner, outer):
            return True
        facts = conjuncts(inner)
        if is_never(facts):
            return True
        return all(self._follows(facts, wanted) for wanted in conjuncts(outer))

    def _follows(self, facts: Conjuncts, wanted: Schema) -> bool:
        values = finite_values(facts)
        if values is not None and is_checkable(wanted):
            validator = DocumentValidator(wanted)
            return all(validator.is_valid(value) for value in values)
        types = possible_types(facts)
        open_groups = {
            name: group
            for name, group in split_groups(wanted).items()
            if types & _ONLY_FOR.get(name, EVERY_TYPE) and not self._shows(facts, name, group)
        }
        if not open_groups:
            return True
        rest = {key: value for group in open_groups.values() for key, value in group.items()}
        return any(
            all(self.is_within(part, rest) for part in parts)
            for parts in _case_splits(facts, rest, types)
        )

    def _shows(self, facts: Conjuncts, name: str, group: Schema) -> bool:
        """Whether one group follows from the facts without a split into parts."""
        if any(is_same(split_groups(fact).get(name), group) for fact in facts):
            return True
        match name:
            case "anyOf" | "oneOf":
                whole, parts = _both(facts), group[name]
                may_pick = name == "anyOf" or exclude_each_other(parts)
                return may_pick and any(self.is_within(whole, part) for part in parts)
            case "not":
                return self._excludes(facts, group["not"])
            case "condition":
                return self._meets_condition(facts, group)
            case _ if name in _SCALARS:
                return _shows_scalar(facts, name, group)
            case _:
                return containers.shows(self, facts, name, group)

    def _excludes(self, facts: Conjuncts, refused: Schema) -> bool:
        return any(
            "not" in fact and self.is_within(refused, fact["not"]) for fact in facts
        ) or are_disjoint(_both(facts), refused)

    def _meets_condition(self, facts: Conjuncts, group: Schema) -> bool:
        """if/then/else: both outcomes follow, or they follow from the same condition's."""
        if "if" not in group:
            return True
        wanted = group.get("then", {}), group.get("else", {})
        whole = _both(facts)
        if all(self.is_within(whole, part) for part in wanted):
            return True
        return any(
            is_same(fact["if"], group["if"])
            and self.is_within({"allOf": [whole, fact["if"], fact.get("then", {})]}, wanted[0])
            and self.is_within(
                {"allOf": [whole, {"not": fact["if"]}, fact.get("else", {})]}, wanted[1]
            )
            for fact in facts
            if "if" in fact
        )


def _both(facts: Conjuncts) -> Schema:
    return facts[0] if len(facts) == 1 else {"allOf": list(facts)}


def _case_splits(facts: Conjuncts, rest: Schema, types: frozenset[str]) -> Iterable[list[Schema]]:
    """Ways to see the facts as a union: by their own alternatives, by type, by condition."""
    for index, fact in enumerate(facts):
        for keyword in ("anyOf", "oneOf"):
            if keyword in fact:
                left = {key: value for key, value in fact.items() if key != keyword}
                others = [*facts[:index], left, *facts[index + 1 :]]
                yield [{"allOf": [*others, part]} for part in fact[keyword]]
        if "if" in fact:
            left = {key: fact[key] for key in fact if key not in {"if", "then", "else"}}
            others = [*facts[:index], left, *facts[index + 1 :]]
            yield [
                {"allOf": [*others, fact["if"], fact.get("then", {})]},
                {"allOf": [*others, {"not": fact["if"]}, fact.get("else", {})]},
            ]
    kinds = sorted({"number" if kind in NUMBERS else kind for kind in types})
    if len(kinds) > 1 and rest.keys() & {"anyOf", "oneOf", "if", "not"}:
        yield [{"allOf": [*facts, {"type": kind}]} for kind in kinds]


def _shows_scalar(facts: Conjuncts, name: str, group: Schema) -> bool:
    match name:
        case "type":
            return possible_types(facts) <= named_types(group)
        case "multipleOf":
            return _is_multiple(facts, group["multipleOf"])
        case "lower bound" | "upper bound":
            return _is_bounded(facts, group)
        case _:
            return _is_counted(facts, name, group[name])


def _is_bounded(facts: Conjuncts, group: Schema) -> bool:
    whole = "fraction" not in possible_types(facts)
    for keyword, limit in group.items():
        sign = 1 if keyword in {"minimum", "exclusiveMinimum"} else -1
        strongest = lower_bound(facts, sign=sign, whole=whole)
        wanted = bound(sign * limit, keyword.startswith("exclusive"), whole=whole)
        if strongest is None or strongest < wanted:
            return False
    return True


def _is_multiple(facts: Conjuncts, divisor: float) -> bool:
    wanted = Fraction(str(divisor))
    known = [Fraction(str(fact["multipleOf"])) for fact in facts if "multipleOf" in fact]
    if "fraction" not in possible_types(facts):
        known.append(Fraction(1))
    return any((step / wanted).denominator == 1 for step in known)


def _is_counted(facts: Conjuncts, keyword: str, limit: float) -> bool:
    counts = [fact[keyword] for fact in facts if keyword in fact]
    if keyword.startswith("min"):
        return bool(max([0, *counts]) >= limit)
    return any(count <= limit for count in counts)
