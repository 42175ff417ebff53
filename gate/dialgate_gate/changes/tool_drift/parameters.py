"""What differs between two schemas of one tool's arguments, place by place.

Walks both side by side and asks `containment` at each place in both directions. A harmless answer
for the parts is kept only where the whole is shown to be harmless too, so soundness rests on the
proofs alone. Leaves what stands beside the arguments to `tool_pair`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_gate.changes.tool_drift.containers import schema_of_name, schema_of_position
from dialgate_gate.changes.tool_drift.containment import Prover
from dialgate_gate.changes.tool_drift.facts import is_never
from dialgate_gate.changes.tool_drift.filled_in import say_filled_in, without_filled_in
from dialgate_gate.changes.tool_drift.keywords import GROUPS, is_same, split_groups
from dialgate_gate.changes.tool_drift.kinds import Drift, Finding, gather
from dialgate_gate.changes.tool_drift.new_arguments import adopt_new_arguments
from dialgate_gate.changes.tool_drift.normal_form import (
    TooLargeError,
    conjuncts,
    put_references_in_place,
)
from dialgate_gate.changes.tool_drift.texts import (
    compare_defaults,
    compare_inner_texts,
    compare_texts,
    describe_group,
    show,
)
from dialgate_gate.changes.tool_drift.witness import find_witness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_gate.changes.tool_drift.keywords import Schema

Path = tuple[str, ...]

_DECISIVE = frozenset(
    "type values minLength maxLength minItems maxItems uniqueItems minProperties maxProperties "
    "multipleOf format".split()
) | {"lower bound", "upper bound"}
# where these are not shown to follow, they are tighter: no witness is needed to say so
_STRUCTURE = frozenset({"properties", "items"})
_ALTERNATIVES = frozenset({"anyOf", "oneOf", "opaque"})


def compare_parameters(
    *, baseline: Mapping[str, Any], candidate: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """Every difference between two schemas of a tool's arguments.

    Where no finding is breaking or undecided, every call that was valid is valid still. One
    exception: a call that passed an undeclared argument under the name of what is now a
    `new_argument`.
    """
    try:
        before, filled_before = without_filled_in(_root(baseline))
        now, filled_now = without_filled_in(_root(candidate))
        adopted, new = adopt_new_arguments(baseline=before, candidate=now)
        walk = _Walk()
        walk.compare(adopted, now, ())
    except (TooLargeError, RecursionError):
        detail = "The schema is too large, or nested too deeply, to be compared."
        return (Finding(kind=Drift.UNDECIDED, detail=detail),)
    found = [*walk.found, *(_new_argument(path) for path in new)]
    is_refused = any(item.kind in {Drift.BREAKING, Drift.UNDECIDED} for item in found)
    if not is_refused and not is_shown(adopted, now):
        detail = "It can't be shown that every valid call stays valid."
        found.append(Finding(kind=Drift.UNDECIDED, detail=detail))
    return gather(say_filled_in(found, before=filled_before, now=filled_now, names_before=before))


def is_shown(inner: Schema, outer: Schema) -> bool:
    """Whether containment is shown; what can't be decided is not."""
    try:
        return Prover().is_within(inner, outer)
    except (TooLargeError, RecursionError, re.error):
        return False


def _root(schema: Mapping[str, Any]) -> Schema:
    """In normal form; arguments are an object, whether the schema says so or not."""
    placed = put_references_in_place(schema)
    return placed if "type" in placed else {"type": "object", **placed}


def _new_argument(path: Path) -> Finding:
    return Finding(path=path, kind=Drift.NEW_ARGUMENT, detail="A new optional argument.")


class _Walk:
    """Gathers findings from the outside inwards."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def compare(self, before: Schema, now: Schema, path: Path) -> None:
        """Two schemas at one place."""
        self.found += compare_texts(before, now, path)
        first, second = conjuncts(before), conjuncts(now)
        if len(first) == 1 and len(second) == 1:
            self._compare_flat(first[0], second[0], path)
        elif is_same(before, now):
            self.found += compare_inner_texts({"not": before}, {"not": now}, path)
        else:
            self._judge("allOf", before, now, (before, now), path)

    def _compare_flat(self, before: Schema, now: Schema, path: Path) -> None:
        old, new = split_groups(before), split_groups(now)
        if _is_rebuilt(old, new):
            self._judge("allOf", before, now, (before, now), path)
            return
        for name in sorted((old.keys() | new.keys()) - {"properties", "required"}):
            groups = old.get(name, {}), new.get(name, {})
            if name == "items":
                self._compare_elements(*groups, path)
            elif not is_same(*groups):
                self._judge(name, *groups, (before, now), path)
        self.found += compare_inner_texts(before, now, path)
        self._compare_names(before, now, path)
        self._compare_others(before, now, path)

    def _compare_elements(self, before: Schema, now: Schema, path: Path) -> None:
        """Position by position, then all further ones."""
        listed = max(len(side.get("prefixItems", ())) for side in (before, now))
        for index in range(listed + 1):
            old, new = (schema_of_position((side,), index) for side in (before, now))
            self.compare(old, new, (*path, "*" if index == listed else str(index)))

    def _judge(
        self, name: str, old: Schema, new: Schema, around: tuple[Schema, Schema], path: Path
    ) -> None:
        """One keyword group that differs, seen within all that the schemas say around it."""
        before, now = around
        detail = describe_group(name, old, new)
        if is_shown(before, new):
            kind = Drift.COMPATIBLE if is_shown(now, old) else Drift.WIDENING
        elif name in _DECISIVE:
            kind = Drift.BREAKING
        elif witness := find_witness(baseline=before, candidate=new):
            kind = Drift.BREAKING
            detail += f" {show(witness[0])} was valid and is not now."
        else:
            kind = Drift.UNDECIDED
            detail += f" {_why_undecided(name)}"
        self._add(path, kind, detail)

    def _compare_names(self, before: Schema, now: Schema, path: Path) -> None:
        old, new = before.get("properties", {}), now.get("properties", {})
        needed = set(before.get("required", ())), set(now.get("required", ()))
        for name in sorted({*old, *new, *needed[0], *needed[1]}):
            place = (*path, name)
            was_required, is_required = (name in names for names in needed)
            if name in old and name in new:
                self.compare(old[name], new[name], place)
                self.found += compare_defaults(
                    old[name], new[name], place, was_required=was_required
                )
            elif name in old:
                self._dropped(old[name], schema_of_name((now,), name), place)
            elif name in new and not is_required:
                self._named(schema_of_name((before,), name), new[name], place)
            if is_required and not was_required:
                what = "Required now" if name in old or name not in new else "New and required"
                self._add(place, Drift.BREAKING, f"{what}: a call without it is refused.")
            elif was_required and not is_required and name in new:
                self._add(place, Drift.WIDENING, "No longer required.")

    def _dropped(self, before: Schema, now: Schema, place: Path) -> None:
        if is_shown(before, now):
            detail = "No longer an argument: calls that pass it stay valid, to what effect is open."
            self._add(place, Drift.BREAKING_FOR_CALLERS, detail)
        else:
            detail = "No longer an argument: calls that pass it are refused."
            self._add(place, Drift.BREAKING, detail)

    def _named(self, before: Schema, now: Schema, place: Path) -> None:
        if is_shown(before, now):
            self._add(place, Drift.WIDENING, "A new optional argument.")
        else:
            detail = "A new optional argument; its name was free for other values before."
            self._add(place, Drift.BREAKING, detail)

    def _compare_others(self, before: Schema, now: Schema, path: Path) -> None:
        """Values under names that neither side lists."""
        key = "patternProperties"
        if not is_same({key: before.get(key, {})}, {key: now.get(key, {})}):
            groups = [split_groups(side).get("properties", {}) for side in (before, now)]
            self._judge(key, groups[0], groups[1], (before, now), path)
            return
        old, new = (side.get("additionalProperties", {}) for side in (before, now))
        if is_same(old, new):
            return
        place = (*path, "*")
        if is_never((new,)):
            detail = "Arguments that the schema does not name are refused now."
            self._add(place, Drift.BREAKING, detail)
        elif is_never((old,)) and is_shown(old, new):
            self._add(place, Drift.WIDENING, "Arguments that the schema does not name are taken.")
        else:
            self.compare(old, new, place)

    def _add(self, path: Path, kind: Drift, detail: str) -> None:
        self.found.append(Finding(path=path, kind=kind, detail=detail))


def _is_rebuilt(before: Mapping[str, Schema], now: Mapping[str, Schema]) -> bool:
    """Whether what was said at one place is said inside alternatives, now."""
    moved = {name for name in _STRUCTURE if (name in before) != (name in now)}
    return bool(moved) and any((name in before) != (name in now) for name in _ALTERNATIVES)


def _why_undecided(name: str) -> str:
    if name == "pattern":
        return "Whether one pattern takes all that the other takes is not decided."
    if name not in GROUPS and name not in {"allOf", "patternProperties"}:
        return "JSON Schema 2020-12 does not know this keyword, so its meaning is not decided."
    return "Whether every valid call stays valid is not decided."
