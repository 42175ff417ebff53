"""Optional arguments that a schema newly names, where undeclared ones were let through before.

Strictly, naming one narrows: a call could have passed anything under that name. Nobody who went by
the schema did, so these are told apart from what breaks: the baseline is compared as if it had
named them in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.changes.tool_drift.containers import matches, schema_of_name
from dialgate_gate.changes.tool_drift.facts import possible_types
from dialgate_gate.changes.tool_drift.normal_form import conjuncts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_gate.changes.tool_drift.keywords import Schema

Path = tuple[str, ...]


def adopt_new_arguments(
    *, baseline: Schema, candidate: Schema, path: Path = ()
) -> tuple[Schema, list[Path]]:
    """The baseline with the candidate's new optional arguments, and where they are.

    Only through properties and items; an object that says `additionalProperties` itself lets
    others through on purpose (or not at all) and is left as it is.
    """
    before, now = conjuncts(baseline), conjuncts(candidate)
    if len(before) != 1 or len(now) != 1:
        return baseline, []
    flat, found = dict(before[0]), list[Path]()
    named, wanted = flat.get("properties", {}), now[0].get("properties", {})
    adopted = dict(named)
    for name in wanted:
        if name in named:
            adopted[name], more = adopt_new_arguments(
                baseline=named[name], candidate=wanted[name], path=(*path, name)
            )
            found += more
    for name in _new_names(flat, now[0]):
        adopted[name] = schema_of_name(now, name)
        found.append((*path, name))
    if adopted:
        flat["properties"] = adopted
    if "items" in flat and "items" in now[0]:
        flat["items"], more = adopt_new_arguments(
            baseline=flat["items"], candidate=now[0]["items"], path=(*path, "*")
        )
        found += more
    return flat, found


def _new_names(before: Schema, now: Schema) -> Iterator[str]:
    if "object" not in possible_types((before,)) or "additionalProperties" in before:
        return
    for name in now.get("properties", {}):
        is_known = name in before.get("properties", {}) or name in before.get("required", ())
        is_matched = any(matches(pattern, name) for pattern in before.get("patternProperties", {}))
        if not is_known and not is_matched and name not in now.get("required", ()):
            yield name
