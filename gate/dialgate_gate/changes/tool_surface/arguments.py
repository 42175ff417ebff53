"""Arguments that a schema leaves open: amounts, recipients, and destruction without a check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import BlastRadius
from dialgate_gate.changes.tool_surface.finding import Finding, arguments_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_gate.changes.tool_surface.finding import Surface

_AMOUNT = frozenset(
    "amount price total sum cost fee refund credit discount quantity qty count budget salary limit "
    "bid units shares percent percentage".split()
)
_RECIPIENT = frozenset(
    "to recipient recipients cc bcc email emails mail iban account payee beneficiary phone url "
    "webhook uri channel".split()
)
_CHECKED = frozenset(
    "confirm confirmed confirmation approval approved dry preview idempotency reason".split()
)
_DESTROYS = frozenset(
    "delete remove drop purge cancel wipe erase revoke terminate destroy close reset refund send "
    "pay transfer publish disable".split()
)
_BOUNDS = ("maximum", "exclusiveMaximum", "enum", "const")
_SHAPES = ("pattern", "format", "enum", "const")


def words_of(name: str) -> set[str]:
    """The words of a name in snake, kebab or camel case, in small letters."""
    parts = re.split(r"[^A-Za-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name))
    return {part.lower() for part in parts if part}


def amounts_without_bound(surface: Surface) -> Iterator[Finding]:
    """Numbers that move something and have no upper end: a factor of ten passes the schema."""
    for tool, _ in surface.writing():
        for name, path, schema in arguments_of(tool):
            is_number = not _types(schema).isdisjoint({"number", "integer"})
            is_bound = any(key in schema for key in _BOUNDS)
            if is_number and not is_bound and words_of(name) & _AMOUNT:
                yield Finding(
                    tool=tool.name,
                    path=path,
                    found="an amount without a bound",
                    expected="a maximum, beyond which the tool refuses the call",
                )


def free_recipients(surface: Surface) -> Iterator[Finding]:
    """Recipients that may be any text: an injected address passes the schema."""
    for tool, _ in surface.writing():
        for name, path, schema in arguments_of(tool):
            inner = schema.get("items") if "array" in _types(schema) else schema
            if not isinstance(inner, dict) or "string" not in _types(inner):
                continue
            is_shaped = any(key in inner for key in _SHAPES)
            words = words_of(name)
            if not is_shaped and words & _RECIPIENT and "id" not in words:
                yield Finding(
                    tool=tool.name,
                    path=path,
                    found="a recipient that may be any text",
                    expected="an id that the tool looks up, a pattern, a format or an enum",
                )


def destructive_without_check(surface: Surface) -> Iterator[Finding]:
    """What can't be taken back, or reaches far, and takes neither a confirmation nor a key."""
    for tool, classes in surface.writing():
        is_grave = any(
            item.blast_radius is BlastRadius.HIGH or not item.reversible for item in classes
        )
        if not is_grave or not words_of(tool.name) & _DESTROYS or tool.idempotency_pointer:
            continue
        names = {word for name, _, _ in arguments_of(tool) for word in words_of(name)}
        if not names & _CHECKED:
            yield Finding(
                tool=tool.name,
                found="a destructive tool without a confirmation or an idempotency key",
                expected="an argument that confirms, or x-idempotency-key, so that a retry or a "
                "slip does it once",
            )


def _types(schema: Mapping[str, Any]) -> set[str]:
    """The types that the schema names, of its alternatives too."""
    kind = schema.get("type")
    found = {kind} if isinstance(kind, str) else set(kind if isinstance(kind, list) else ())
    for key in ("anyOf", "oneOf"):
        parts = schema.get(key)
        for part in parts if isinstance(parts, list) else ():
            found |= _types(part) if isinstance(part, dict) else set()
    return {item for item in found if isinstance(item, str)}
