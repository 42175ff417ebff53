"""Arguments that a schema requires and gives a default: real servers fill them in.

A call without one is valid, so for comparing they count as optional; that they became required is
said, not taken for a refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_gate.changes.tool_drift.kinds import Drift, Finding
from dialgate_gate.changes.tool_drift.texts import show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_gate.changes.tool_drift.keywords import Schema

Path = tuple[str, ...]
Defaults = dict[Path, Any]


def without_filled_in(schema: Any, path: Path = ()) -> tuple[Any, Defaults]:  # noqa: ANN401 - any data
    """The schema with such arguments optional, and the default of each by its place."""
    if not isinstance(schema, dict):
        return schema, {}
    found, defaults = dict(schema), Defaults()
    properties = found.get("properties")
    if isinstance(properties, dict):
        made = {}
        for name, inner in properties.items():
            made[name], more = without_filled_in(inner, (*path, name))
            defaults |= more
        found["properties"] = made
        required = [name for name in found.get("required", ()) if isinstance(name, str)]
        filled = {name for name in required if _has_own_default(properties.get(name))}
        defaults |= {(*path, name): properties[name]["default"] for name in filled}
        if filled:
            found["required"] = [name for name in required if name not in filled]
    if isinstance(found.get("items"), dict):
        found["items"], more = without_filled_in(found["items"], (*path, "*"))
        defaults |= more
    if isinstance(found.get("allOf"), list):
        parts = [without_filled_in(part, path) for part in found["allOf"]]
        found["allOf"] = [part for part, _ in parts]
        for _, more in parts:
            defaults |= more
    return found, defaults


def _has_own_default(schema: object) -> bool:
    """Whether the default satisfies its own schema; nobody fills in another."""
    if not isinstance(schema, dict) or "default" not in schema:
        return False
    return DocumentValidator(schema).is_valid(schema["default"])


def say_filled_in(
    findings: Iterable[Finding], *, before: Defaults, now: Defaults, names_before: Schema
) -> list[Finding]:
    """The findings with what became required and is filled in said where it is."""
    found = list(findings)
    for path, default in now.items():
        if path in before:
            continue
        said = f"with the default {show(default)}, which servers fill in."
        new = [item for item in found if item.path == path and "new optional" in item.detail]
        if new:
            found = [item for item in found if item not in new]
            detail = f"A new required argument {said}"
            found += [Finding(path=path, kind=item.kind, detail=detail) for item in new]
        elif _is_named(names_before, path):
            found.append(Finding(path=path, kind=Drift.TEXT, detail=f"Required now, {said}"))
    return found


def _is_named(schema: Any, path: Path) -> bool:  # noqa: ANN401 - schema data
    for part in path:
        inner = schema.get("properties", {}) if isinstance(schema, dict) else {}
        schema = schema.get("items") if part == "*" and "items" in schema else inner.get(part)
        if schema is None:
            return False
    return True
