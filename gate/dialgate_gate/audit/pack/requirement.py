"""A requirement of a law, a standard or a framework, in own words, and what may speak to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialgate_gate.audit.pack.exhibit import Exhibit


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One place of a framework."""

    place: str
    # as the framework numbers it
    asks: str
    # in own words; the framework's text decides
    speaks: tuple[Exhibit, ...]
    # kinds of evidence that bear on it; what is not in the pack is not shown
    not_covered: str
    # what it asks for beyond anything that a pack can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A law, a standard or a framework, as far as a pack speaks to it."""

    name: str
    source: str
    # the text that the numbers are of
    requirements: tuple[Requirement, ...]
