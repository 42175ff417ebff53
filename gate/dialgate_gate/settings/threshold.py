"""How a threshold of policy.toml is declared: once, on the field that holds it.

Key, type, range, unit, default, words and what loosens it stand together; schema, parser, what a
change loosens, `changes`, conditions, reports and the reference page are read off it. Leaves the
thresholds themselves to `dialgate_gate.settings.policy`.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, fields, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class Unit(StrEnum):
    """What a threshold is counted in."""

    RATE = "rate"
    # 0 to 1
    CHANCE = "chance"
    # of an error, or that there is none: 0 to 1
    RATIO = "ratio"
    # candidate / baseline
    CASES = "cases"
    TRIALS = "trials"
    CALLS = "calls"
    USD = "USD"
    REVIEWS = "reviews"
    TASKS = "tasks"
    DAYS = "days"
    HOURS = "hours"
    MILLISECONDS = "ms"
    WORD = "word"


class Looser(StrEnum):
    """Which change of a threshold loosens the judge; the other way only tightens."""

    HIGHER = "higher"
    LOWER = "lower"
    LATER = "later"
    # a word further from the strictest one
    LONGER = "longer"
    # a list with something more in it
    SHORTER = "shorter"
    # a list with something less in it
    UNSPENT = "unspent"
    # a budget that falls, or is put in or taken out: what is not spent finds nothing
    WITHDRAWN = "withdrawn"
    # true is taken back


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a range; an end is in it (`least`, `most`) or just outside (`over`, `under`)."""

    unit: Unit
    _: KW_ONLY
    whole: bool = False
    least: float | None = None
    over: float | None = None
    most: float | None = None
    under: float | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """One word of an enum; None stands where the absence of the key stands among them."""

    strictest_first: tuple[StrEnum | None, ...]

    @property
    def kind(self) -> type[StrEnum]:
        """The enum whose words these are."""
        return next(type(word) for word in self.strictest_first if word is not None)


@dataclass(frozen=True, slots=True)
class Names:
    """A list of names, each once."""

    items: Mapping[str, Any]
    # JSON Schema of one of them
    _: KW_ONLY
    least: int | None = None
    most: int | None = None
    in_order: bool = False
    # whether their order means something
    noun: str = ""
    # what a sentence calls one of them; empty: the name alone
    is_shown: bool = True
    # whether a sentence says the name itself


@dataclass(frozen=True, slots=True)
class Flag:
    """A threshold that is true or false."""


Values = Number | Words | Names | Flag
_LOOSER: Mapping[type, frozenset[Looser]] = {
    Number: frozenset({Looser.HIGHER, Looser.LOWER, Looser.UNSPENT}),
    Words: frozenset({Looser.LATER}),
    Names: frozenset({Looser.LONGER, Looser.SHORTER}),
    Flag: frozenset({Looser.WITHDRAWN}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One key of policy.toml: what it may be, what loosens it, and its words."""

    values: Values
    says: str
    # a sentence for schema and reference page
    looser: Looser
    absent: str = ""
    # what no value means; empty: the default stands in its place
    name: str = ""
    # what reports call it; empty: its key
    required: bool = False
    # whether its table can't be without it
    derived_over: float | None = None
    # without a value one is derived that is never less; naming a higher one loosens
    table: str = ""
    key: str = ""
    default: Any = None
    # these three from the field

    @property
    def unit(self) -> Unit:
        """The unit of its number; WORD where it is no number."""
        return self.values.unit if isinstance(self.values, Number) else Unit.WORD

    def read(self, value: Any) -> Any:  # noqa: ANN401 - settings of several kinds
        """The field's value of one in a checked policy.toml."""
        match self.values:
            case Words():
                return self.values.kind(value)
            case Names(in_order=in_order):
                return tuple(value) if in_order else frozenset(value)
            case Number() | Flag():
                return value
            case _ as never:
                assert_never(never)


_DECLARED = "dialgate.threshold"
BESIDE: Mapping[str, Any] = {_DECLARED: None}
"""Metadata of a field that is no threshold: another table, or what is found elsewhere."""


def threshold(
    default: T,
    values: Values,
    says: str,
    *,
    looser: Looser,
    absent: str = "",
    name: str = "",
    required: bool = False,
    derived_over: float | None = None,
) -> T:
    """A field that is a threshold. Raises ValueError where its values can't loosen in that way."""
    if looser not in _LOOSER[type(values)]:
        known = ", ".join(sorted(_LOOSER[type(values)]))
        raise ValueError(f"{type(values).__name__} loosens in {known}, not in {looser}: {says}")
    declared = Threshold(
        values=values,
        says=says,
        looser=looser,
        absent=absent,
        name=name,
        required=required,
        derived_over=derived_over,
    )
    made: T = field(default=default, metadata={_DECLARED: declared})
    return made


def thresholds_of(table: type) -> tuple[Threshold, ...]:
    """The thresholds of one table, in their order. Raises TypeError for a field that isn't one."""
    return _thresholds_of(table)


@cache
def _thresholds_of(table: type) -> tuple[Threshold, ...]:
    found = []
    for item in fields(table):
        place = f"{table.__module__}: {table.__name__}.{item.name}"
        if _DECLARED not in item.metadata:
            raise TypeError(
                f"{place} is not declared: make it `threshold(…)` and say what loosens it "
                "(`looser`), or give it the metadata BESIDE where it is no threshold"
            )
        declared: Threshold | None = item.metadata[_DECLARED]
        if declared is None:
            continue
        if item.default is None and not declared.absent:
            raise TypeError(f"{place} does not say what no value means (`absent`)")
        found.append(replace(declared, table=table.__name__, key=item.name, default=item.default))
    return tuple(found)


def threshold_of(table: type, key: str) -> Threshold:
    """The threshold `key` of the table. Raises KeyError where it has none."""
    named = {item.key: item for item in thresholds_of(table)}
    return named[key]


def read_table(table: type[T], document: Mapping[str, Any], **more: Any) -> T:  # noqa: ANN401 - what stands beside the thresholds
    """The table's value of a checked part of policy.toml; `more` is what stands beside."""
    said = {
        item.key: item.read(document[item.key])
        for item in thresholds_of(table)
        if item.key in document
    }
    return table(**{**said, **more})
