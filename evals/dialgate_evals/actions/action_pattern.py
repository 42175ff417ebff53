"""One action as a case names it: a tool, and its arguments or a schema over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class ActionPattern(Struct, frozen=True, kw_only=True, gc=False):
    """A call that a case expects or forbids."""

    name: str
    arguments: Mapping[str, Any] | None = None
    # equal as data; None where `where` decides, or any arguments will do
    where: Mapping[str, Any] | None = None
    # JSON Schema 2020-12 over the arguments

    def as_json(self) -> dict[str, Any]:
        """The pattern as the case file writes it."""
        shown: dict[str, Any] = {"name": self.name}
        if self.arguments is not None:
            shown["arguments"] = dict(self.arguments)
        if self.where is not None:
            shown["where"] = dict(self.where)
        return shown


def parse_pattern(document: Mapping[str, Any]) -> ActionPattern:
    """The expected or forbidden call that a checked JSON object says."""
    return ActionPattern(
        name=document["name"], arguments=document.get("arguments"), where=document.get("where")
    )
