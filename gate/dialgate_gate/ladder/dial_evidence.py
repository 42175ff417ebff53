"""Everything that recommendations and leases rest on, gathered before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.mutating.suite_mutants import ClassMutants
    from dialgate_gate.comparing.comparison import ClassComparison
    from dialgate_gate.live.demotion import Demotion
    from dialgate_gate.live.live_reviews import LiveStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class RestsOn:
    """The release on whose evidence a class was promoted to where it is."""

    version: str | None
    # None: the ledger doesn't say
    changed: tuple[str, ...] = ()
    # components that differ now, without those whose change keeps evidence

    @property
    def is_stale(self) -> bool:
        """Whether what the class showed then says nothing of the release as it is now."""
        return self.version is None or bool(self.changed)


@dataclass(frozen=True, kw_only=True)
class DialEvidence:
    """Everything that recommendations rest on."""

    evals: Mapping[str, ClassComparison]
    # by class, of one eval run of the current release
    eval_gaps: tuple[str, ...] = ()
    # sentences: why that run can't be trusted, or that there is none
    mutants: Mapping[str, ClassMutants] = field(default_factory=dict)
    # by class: which mistakes the suite would notice; empty where no mode asks
    live: Mapping[str, LiveStanding] = field(default_factory=dict)
    demotions: Mapping[str, Demotion] = field(default_factory=dict)
    queue_warnings: tuple[str, ...] = ()
    # sentences: why reviewers' decisions are no evidence
    watched: int | None = None
    # events that the watch counted; None: none were given to it
    rests_on: Mapping[str, RestsOn] = field(default_factory=dict)
    # by class: the release on whose evidence it was promoted to where it is
