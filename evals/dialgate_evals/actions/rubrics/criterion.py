"""A criterion: one thing that a reply, or a text in an action, must say or must not say.

Parses checked tables into frozen values; leaves deciding to `rubrics.stated` and to models, and
where a criterion stands to the case and actions.toml.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from dialgate_evals.files.json_text import digest_of_parsed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Alternatives = tuple[str, ...]
"""Texts of which one is enough."""

RUBRIC = "rubric"
"""The name of the one criterion of a rubric that is only a text."""


class Ask(StrEnum):
    """When a model is asked, where a criterion declares what must or must not be stated."""

    UNSURE = "unsure"
    # where what is declared can't be decided on the text
    HELD = "held"
    # also where it holds: it is necessary, and not enough


class Sees(StrEnum):
    """What of a trial a model gets beside the text that it judges."""

    REQUEST = "request"
    # what users said
    RESULTS = "results"
    # what tools answered


class Statements(Struct, frozen=True, kw_only=True):
    """What a text must, or must not, hold; each entry is met by any of its alternatives."""

    say: tuple[Alternatives, ...] = ()
    # phrases, stated and not denied
    deny: tuple[Alternatives, ...] = ()
    # phrases, said in the negative: "not refunded"
    numbers: tuple[Alternatives, ...] = ()
    # decimal, as in JSON; the text may write them as any language does
    dates: tuple[Alternatives, ...] = ()
    # days as 2026-11-29; the text may write them as people do
    names: tuple[Alternatives, ...] = ()
    # of people, places, things: whole words, whatever their case and accents

    @property
    def is_empty(self) -> bool:
        """Whether nothing is declared."""
        return self == NOTHING


NOTHING = Statements()


class Criterion(Struct, frozen=True, kw_only=True):
    """One named criterion."""

    name: str
    text: str = ""
    # what a model is asked, in plain words; empty: no model is asked
    must: Statements = NOTHING
    must_not: Statements = NOTHING
    ask: Ask = Ask.UNSURE
    sees: tuple[Sees, ...] = ()
    same_as: str | None = None
    # the text that the judged one is compared with; None: it stands alone

    @property
    def has_statements(self) -> bool:
        """Whether it declares anything that needs no model."""
        return not (self.must.is_empty and self.must_not.is_empty)

    @property
    def digest(self) -> str:
        """Digest of all that a vote on it rests on, beside the text that is judged."""
        return digest_of_parsed(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Every field, as JSON data."""
        return {
            "name": self.name,
            "text": self.text,
            "must": _as_json(self.must),
            "must_not": _as_json(self.must_not),
            "ask": self.ask.value,
            "sees": [item.value for item in self.sees],
            "same_as": self.same_as,
        }


def _as_json(statements: Statements) -> dict[str, list[list[str]]]:
    return {key: [list(item) for item in getattr(statements, key)] for key in _KEYS}


_KEYS = ("say", "deny", "numbers", "dates", "names")


def parse_rubric(rubric: str | Sequence[Mapping[str, Any]] | None) -> tuple[Criterion, ...]:
    """The criteria that a checked `rubric` says: a text, or a list of named criteria."""
    if rubric is None:
        return ()
    if isinstance(rubric, str):
        return (Criterion(name=RUBRIC, text=rubric),)
    return tuple([parse_criterion(item["name"], item) for item in rubric])


def parse_criterion(name: str, document: Mapping[str, Any]) -> Criterion:
    """The criterion that a checked table says."""
    return Criterion(
        name=name,
        text=document.get("text", ""),
        must=_parse_statements(document.get("must", {})),
        must_not=_parse_statements(document.get("must_not", {})),
        ask=Ask(document.get("ask", Ask.UNSURE)),
        sees=tuple(sorted({Sees(item) for item in document.get("sees", ())})),
    )


def declared_once(criterion: Criterion, shared: Mapping[str, Criterion]) -> Criterion:
    """The criterion as it counts: one that says nothing itself is judge.toml's of its name."""
    says_nothing = not criterion.text and not criterion.has_statements
    found = shared.get(criterion.name) if says_nothing else None
    return criterion if found is None else replace(found, same_as=criterion.same_as)


def _parse_statements(document: Mapping[str, Any]) -> Statements:
    return Statements(**{key: tuple([_alternatives(item) for item in document.get(key, ())])
                         for key in _KEYS})  # fmt: skip


def _alternatives(item: str | float | Sequence[str | float]) -> Alternatives:
    listed = [item] if isinstance(item, (str, int, float)) else item
    return tuple([part if isinstance(part, str) else repr(part) for part in listed])
