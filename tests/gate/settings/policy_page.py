"""The rows of docs/reference/policy.md, read off the declared thresholds."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from dialgate_gate.settings.policy_tables import TABLES
from dialgate_gate.settings.threshold import (
    Flag,
    Looser,
    Names,
    Number,
    Threshold,
    Words,
    thresholds_of,
)

PAGE = Path(__file__).parents[3] / "docs/reference/policy.md"
_HEAD = "| key | values | default | loosened by | what it says |\n| --- | --- | --- | --- | --- |\n"
_BEGIN, _END = "<!-- thresholds -->\n", "<!-- end of thresholds -->"
_LOOSER = {
    Looser.HIGHER: "higher",
    Looser.LOWER: "lower",
    Looser.LATER: "a later word",
    Looser.LONGER: "one more",
    Looser.SHORTER: "one less",
    Looser.UNSPENT: "any but higher",
    Looser.WITHDRAWN: "taken back",
}


def with_rows(text: str) -> str:
    """The page with its table as the declarations have it."""
    head, _, rest = text.partition(_BEGIN)
    return head + _BEGIN + "".join(_tables()) + _END + rest.partition(_END)[2]


def _tables() -> list[str]:
    places: dict[type, list[str]] = {}
    for place, table in TABLES.items():
        places.setdefault(table, []).append(f"`[{'.'.join(place)}]`")
    lines = ["\n"]
    for table, named in places.items():
        lines.append(f"### {' and '.join(named)}\n\n{_HEAD}")
        lines += [_row(item) for item in thresholds_of(table)]
        lines.append("\n")
    return lines


def _row(item: Threshold) -> str:
    cells = (f"`{item.key}`", _values(item), _default(item), _LOOSER[item.looser], item.says)
    return f"| {' | '.join(cells)} |\n"


def _values(item: Threshold) -> str:
    match item.values:
        case Number() as number:
            kind = "whole number" if number.whole else "number"
            ends = (
                ("from", number.least), ("over", number.over), ("to", number.most),
                ("under", number.under),
            )  # fmt: skip
            said = " ".join(f"{word} {end:g}" for word, end in ends if end is not None)
            return f"{kind} {said} ({number.unit})"
        case Words() as words:
            return ", ".join(f"`{word}`" for word in words.strictest_first if word is not None)
        case Names() as names:
            known = ", ".join(f"`{word}`" for word in names.items.get("enum", ()))
            return f"list of {known or f'at most {names.most} texts'}"
        case Flag():
            return "`true`, `false`"
        case _ as never:
            assert_never(never)


def _default(item: Threshold) -> str:
    if item.required:
        return "none: required"
    if item.absent:
        return f"none: {item.absent}"
    value = item.default
    if isinstance(value, (tuple, frozenset)):
        return "none of them"
    return f"`{str(value).lower()}`"
