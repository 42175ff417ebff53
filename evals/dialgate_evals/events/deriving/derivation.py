"""What deriving starts from and what comes of it: cases, entries, and the fate of every event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialgate_evals.events.deriving.claims import Fate
    from dialgate_evals.events.deriving.documents import Document
    from dialgate_evals.suite.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFate:
    """What became of one event."""

    event_id: str
    place: str
    fate: Fate
    reason: str = ""
    case: str = ""
    # the case that holds it, where one does


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the files hold before."""

    cases: tuple[Case, ...] = ()
    candidates: tuple[Case, ...] = ()
    # golden candidates that no person took yet
    entries: tuple[Document, ...] = ()
    # adjudication entries


@dataclass(kw_only=True)
class Derivation:
    """What the files should hold after, and what became of every event."""

    added: list[Document] = field(default_factory=list)
    # new cases, in order of their decisions
    replaced: dict[str, Document] = field(default_factory=dict)
    # cases as they were derived, with further decisions merged in, by id
    removed: set[str] = field(default_factory=set)
    # derived cases whose reviewers were contradicted since
    entries: list[Document] = field(default_factory=list)
    candidates: list[Document] = field(default_factory=list)
    # new ones
    dropped: set[str] = field(default_factory=set)
    # candidates that an intervention in the same context overtook
    fates: list[EventFate] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    replaced_values: int = 0
    # personal values that were replaced in new claims

    def count(self, fate: Fate) -> int:
        """How many events met this fate."""
        return sum(item.fate is fate for item in self.fates)


@dataclass(frozen=True, kw_only=True)
class DeriveSettings:
    """What a person set."""

    suite: str
    holdout_share: float
    approvals: int
    # golden candidates per action class
