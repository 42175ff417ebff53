"""The kinds of drift, from the most to the least serious, and one finding of a kind.

Knows what each kind promises; leaves finding them to the other modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Drift(StrEnum):
    """What a difference between two tools does to those who call them; the worst comes first."""

    BREAKING = "breaking"
    # a call that was valid is invalid now
    UNDECIDED = "undecided"
    # it can't be shown that no valid call becomes invalid: treated as breaking
    BREAKING_FOR_CALLERS = "breaking_for_callers"
    # no call becomes invalid by it, but it does or may do something else, or goes elsewhere
    NEW_ARGUMENT = "new_argument"
    # optional, of an object that takes undeclared arguments: only a call that already passed an
    # undeclared argument of that name can become invalid
    WIDENING = "widening"
    # every valid call stays valid, and more is
    TEXT = "text"
    # what a model reads differs, what it may call does not
    COMPATIBLE = "compatible"
    # written in another way; the same calls are valid

    @property
    def rank(self) -> int:
        """The order of severity, 0 for the worst."""
        return list(Drift).index(self)

    @property
    def is_alarm(self) -> bool:
        """Whether those who call the tool must look before they go on."""
        return self in {Drift.BREAKING, Drift.UNDECIDED, Drift.BREAKING_FOR_CALLERS}

    @property
    def words(self) -> str:
        """The kind as people read it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference at one place of a tool."""

    path: tuple[str, ...] = ()
    # argument names from the tool inwards; "*" is every element or every other name
    kind: Drift
    detail: str
    # a sentence or several

    @property
    def pointer(self) -> str:
        """The place as a JSON Pointer into the arguments; empty for the tool itself."""
        return "".join(f"/{escape_part(part)}" for part in self.path)


def escape_part(part: str) -> str:
    """One step of a JSON Pointer. Source: RFC 6901, section 3."""
    return part.replace("~", "~0").replace("/", "~1")


def gather(findings: list[Finding]) -> tuple[Finding, ...]:
    """Sorted by place, then by how serious; one finding for each place and kind.

    That something is only written differently is not said where something else differs too.
    """
    details: dict[tuple[tuple[str, ...], Drift], list[str]] = {}
    for item in findings:
        details.setdefault((item.path, item.kind), []).append(item.detail)
    busy = {path for path, kind in details if kind not in {Drift.COMPATIBLE, Drift.TEXT}}
    return tuple(
        Finding(path=path, kind=kind, detail=" ".join(dict.fromkeys(details[path, kind])))
        for path, kind in sorted(details, key=lambda key: (key[0], key[1].rank))
        if kind is not Drift.COMPATIBLE or path not in busy
    )
