"""Further rounds on classes whose margin is not decided: which cases run, when a class is done.

Knows rounds; leaves what a look says to `dialgate_gate.verdict.sequential.margin_looks`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_gate.verdict.sequential.margin_looks import (
    RoundTrials,
    could_exclude,
    look_at,
    look_level,
)
from dialgate_gate.verdict.sequential.screened_case import Endpoint, Kind, ScreenedCase, Side

if TYPE_CHECKING:
    from dialgate_gate.settings.policy import GatePolicy
    from dialgate_gate.statistics.paired_difference import DifferenceEstimate
    from dialgate_gate.verdict.sequential.confirmation import Confirmation

Looks = dict[Kind, "DifferenceEstimate"]


@dataclass(slots=True, kw_only=True)
class MarginRounds:
    """The state of each class's looks; look 0 is the one after screening."""

    cases: tuple[ScreenedCase, ...]
    policy: GatePolicy
    most_rounds: int
    trials: dict[str, RoundTrials] = field(default_factory=dict)
    members: dict[str, list[ScreenedCase]] = field(default_factory=dict)
    looks: dict[str, Looks] = field(default_factory=dict)
    # the last look at each class
    done: dict[str, int] = field(default_factory=dict)
    # rounds of each class that are complete
    running: frozenset[str] = frozenset()
    # classes whose round is under way
    called_off: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for case in self.cases:
            for name in case.classes:
                self.members.setdefault(name, []).append(case)
        for name in self.members:
            self.done[name] = 0
            self.looks[name] = self._look(name)

    @property
    def is_running(self) -> bool:
        """Whether a round is under way."""
        return bool(self.running)

    def begin(self, confirmation: Confirmation) -> tuple[str, ...]:
        """Finishes the round under way and says which cases run in the next one; none: done."""
        self._finish()
        self.running = frozenset(n for n in self.members if self._is_worth_it(n, confirmation))
        listed = dict.fromkeys(
            case.id for name in sorted(self.running) for case in self.members[name]
        )
        return tuple(listed)

    def call_off(self) -> None:
        """The round can't be paid for."""
        self.called_off |= self.running
        self.running = frozenset()

    def observe(self, case_id: str, side: Side, failed: frozenset[Endpoint]) -> None:
        """Take in a trial of the round."""
        mine = self.trials.setdefault(case_id, RoundTrials(baseline_failed={}, candidate_failed={}))
        if side is Side.BASELINE:
            mine.baseline_trials += 1
            counted = mine.baseline_failed
        else:
            mine.candidate_trials += 1
            counted = mine.candidate_failed
        for endpoint in failed:
            counted[endpoint] = counted.get(endpoint, 0) + 1

    def give_up(self, case_id: str) -> None:
        """A trial could not be run: the classes of the case have no further looks."""
        for name in self.running:
            if any(case.id == case_id for case in self.members[name]):
                self.called_off.add(name)

    def excludes_loss(self, name: str) -> bool:
        """Whether the last look excludes a loss over the margin, on both endpoints."""
        margin = self.policy.for_class(name).margin
        return all(look.low >= -margin for look in self.looks[name].values())

    def _finish(self) -> None:
        for name in self.running - self.called_off:
            self.done[name] += 1
            self.looks[name] = self._look(name)
        self.running = frozenset()

    def _look(self, name: str) -> Looks:
        level = look_level(self.done[name], self.most_rounds)
        return {
            kind: look_at(
                Endpoint(action_class=name, kind=kind), self.members[name], self.trials, level
            )
            for kind in Kind
        }

    def _is_worth_it(self, name: str, confirmation: Confirmation) -> bool:
        """Whether rounds could still let the class pass; a forecast, it only saves calls."""
        thresholds = self.policy.for_class(name)
        rounds_left = self.most_rounds - self.done[name]
        if name in self.called_off or not rounds_left or self.excludes_loss(name):
            return False
        if len(self.members[name]) < thresholds.min_cases:
            return False
        if any(confirmation.open_cases(Endpoint(action_class=name, kind=k)) for k in Kind):
            return False
        trials = min(min(c.baseline_trials, c.candidate_trials) for c in self.members[name])
        return all(
            could_exclude(
                look,
                thresholds.margin,
                trials=trials + self.done[name],
                more_trials=rounds_left,
            )
            for look in self.looks[name].values()
        )
