"""The dial as Cedar policies: which mode a class, or a tool, may be used in.

Cedar judges requests, so the caller asks whether a mode is permitted: `Dialgate::Action::"…"` on
`Dialgate::Class::"…"`, or on `Dialgate::Tool::"…"`, which is permitted where it is for every class
that a call of the tool can be in. `context.now` (seconds since 1970) says whether a lease counts;
without it none does. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_runtime.lookup.lookup import UNCLASSIFIED
from dialgate_runtime.mode import Mode, lower_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_HEAD = """// Written by `dialgate dial show --cedar`: which mode is permitted on a class or a tool.
// context.now (seconds since 1970) says whether a lease counts; without it none does.
"""


def export_cedar(document: Mapping[str, Any]) -> str:
    """The policies of an exported dial (`export_dial`)."""
    classes = {item["action_class"]: item for item in document["classes"]}
    rules = document["lease"] or {"required": False, "skew_s": 0}
    default = lower_of(Mode(document["default"]), Mode.IN_THE_LOOP)
    parts = [_HEAD]
    for name, item in classes.items():
        parts += _policies("Class", name, [item], None, rules)
    parts += _policies("Class", UNCLASSIFIED, [], default, rules)
    for name, tool in document["tools"].items():
        found = [classes[each] for each in tool["classes"]]
        falls_through = found[-1]["when"] is not None
        parts += _policies("Tool", name, found, default if falls_through else None, rules)
    return "\n".join(parts)


def _policies(
    kind: str,
    name: str,
    classes: Iterable[Mapping[str, Any]],
    also: Mode | None,
    rules: Mapping[str, Any],
) -> Iterator[str]:
    """A permit for each mode that every class, and `also`, may have at some time."""
    listed = list(classes)
    for mode in Mode:
        asked = [_asked(item, mode, rules) for item in listed]
        if (also is not None and also.rank < mode.rank) or any(text is None for text in asked):
            continue
        conditions = list(dict.fromkeys(text for text in asked if text))
        when = f"\nwhen {{ {' && '.join(conditions)} }}" if conditions else ""
        yield (
            f"permit (principal, action == Dialgate::Action::{_text(mode.value)}, "
            f"resource == Dialgate::{kind}::{_text(name)}){when};\n"
        )


def _asked(item: Mapping[str, Any], mode: Mode, rules: Mapping[str, Any]) -> str | None:
    """What must hold for the class to have the mode; empty: nothing; None: it never has it."""
    dial, lease = Mode(item["mode"]), item["lease"]
    if dial.rank < mode.rank:
        return None
    if item["effect"] != "write" or not dial.is_autonomous:
        return ""
    without = not rules["required"] or not mode.is_autonomous
    # whether the class has the mode while no lease counts
    if lease is None:
        return "" if without else None
    counts, within = _counts(lease, rules["skew_s"]), Mode(lease["mode"]).rank >= mode.rank
    if within:
        return "" if without else f"({counts})"
    return f"!({counts})" if without else None


def _counts(lease: Mapping[str, Any], skew_s: float) -> str:
    begin, end = int(lease["issued_at"] - skew_s), int(lease["not_after"])
    return f"context has now && context.now >= {begin} && context.now < {end}"


def _text(value: str) -> str:
    """A text as Cedar writes it; what isn't plain to see stands by its number."""
    chars = (
        f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in value
    )
    return f'"{"".join(chars)}"'
