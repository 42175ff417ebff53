"""Confirm suspects by fresh paired trials: e-processes that may be looked at after every block.

Pure: says which cases to run next, takes in what came back, and says what is shown. Screening
trials never enter it, so choosing suspects by them biases nothing; observations that were not
asked for are refused. Leaves running trials to the caller and the verdict to `gate`.

Sources: Turner, Ly & Grünwald (2024), two-sample tests of proportions; Grünwald, de Heide &
Koolen (2024), optional stopping; Vovk & Wang (2021), products and averages of e-values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import exp, log
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

# Pairs (baseline rate, candidate rate) that a broken case may have; each with the same weight.
_ALTERNATIVES = ((0.97, 0.03), (0.9, 0.3), (0.7, 0.1))
# Shares of a family's suspects that may be broken; a mixture, so that one or all may be.
_SHARES = (0.1, 0.3, 0.6, 1.0)
# A suspect whose candidate passed a fresh trial and whose evidence fell this low is cleared.
_CLEARED = 0.7


@dataclass(slots=True)
class EProcess:
    """Evidence on one case that the candidate is worse, from blocks of one trial a side.

    Under "the candidate is no worse" its expectation never grows, whenever one stops looking.
    """

    blocks: int = 0
    candidate_passes: int = 0
    _logs: list[float] = field(default_factory=lambda: [0.0] * len(_ALTERNATIVES))

    def observe(self, *, baseline_passed: bool, candidate_passed: bool) -> None:
        """Takes in one fresh block."""
        self.blocks += 1
        self.candidate_passes += candidate_passed
        for index, (before, now) in enumerate(_ALTERNATIVES):
            middle = (before + now) / 2
            self._logs[index] += log(_likelihood(baseline_passed, before))
            self._logs[index] += log(_likelihood(candidate_passed, now))
            self._logs[index] -= log(_likelihood(baseline_passed, middle))
            self._logs[index] -= log(_likelihood(candidate_passed, middle))

    @property
    def value(self) -> float:
        """The e-value: 40 is as strong as a p-value of 0.025, at any time."""
        return sum(exp(entry) for entry in self._logs) / len(self._logs)


def _likelihood(passed: bool, rate: float) -> float:
    return rate if passed else 1 - rate


class SuspectState(StrEnum):
    """What became of a suspect."""

    OPEN = "open"
    CLEARED = "cleared"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Suspects judged together: of one class and endpoint, or of the suite as a whole."""

    key: Hashable
    suspects: tuple[str, ...]
    threshold: float
    # the e-value at which a regression of the family is shown


def make_families(
    *,
    suite: Sequence[str],
    endpoints: Mapping[Any, Sequence[str]],
    alpha: float,
) -> tuple[Family, ...]:
    """Families with alpha shared: half for the suite, half over classes and endpoints.

    `endpoints` must hold every class and endpoint that is judged, suspects or not: the share of
    each depends on how many there are, not on how many look bad.
    """
    shared = 2 * max(1, len(endpoints)) / alpha
    families = [Family(key="suite", suspects=tuple(suite), threshold=2 / alpha)]
    families += [
        Family(key=key, suspects=tuple(suspects), threshold=shared)
        for key, suspects in endpoints.items()
    ]
    return tuple(family for family in families if family.suspects)


@dataclass(slots=True)
class Confirmation:
    """The state of a confirmation; `next_block` and `observe` take turns until it is done."""

    families: tuple[Family, ...]
    most_blocks: int
    # per suspect
    calls_left: int
    # of both releases together
    processes: dict[tuple[Hashable, str], EProcess] = field(init=False)
    _asked: list[str] = field(default_factory=list)
    _skipped: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.processes = {
            (family.key, case_id): EProcess()
            for family in self.families
            for case_id in family.suspects
        }

    def next_block(self) -> tuple[str, ...]:
        """Cases that need one fresh trial of each release now; empty where it is done.

        Raises ValueError while an earlier block is not observed in full.
        """
        if self._asked:
            raise ValueError(f"found no observation of {', '.join(self._asked)}")
        if self.shown:
            return ()
        wanted = [c for c in self._suspects() if self.state(c) is not SuspectState.CLEARED]
        runnable = [c for c in wanted if self._blocks(c) < self.most_blocks]
        self._asked = runnable[: self.calls_left // 2]
        self.calls_left -= 2 * len(self._asked)
        return tuple(self._asked)

    def observe(
        self,
        case_id: str,
        *,
        baseline: Mapping[Any, bool],
        candidate: Mapping[Any, bool],
    ) -> None:
        """Takes in one fresh block of a case: per family, whether each side was good.

        Raises ValueError for a case that was not asked for: evidence chosen by hand is no evidence.
        """
        if case_id not in self._asked:
            raise ValueError(f"found an observation of {case_id}, which was not asked for")
        self._asked.remove(case_id)
        for family in self.families:
            if case_id in family.suspects:
                self.processes[family.key, case_id].observe(
                    baseline_passed=baseline[family.key], candidate_passed=candidate[family.key]
                )

    def skip(self, case_id: str) -> None:
        """A block that could not be run: it says nothing, and the suspect stays open."""
        if case_id not in self._asked:
            raise ValueError(f"found {case_id}, which was not asked for")
        self._asked.remove(case_id)
        self._skipped[case_id] = self._skipped.get(case_id, 0) + 1

    def value(self, family: Family) -> float:
        """The family's e-value: a mixture over how many of its suspects may be broken."""
        values = [self.processes[family.key, case_id].value for case_id in family.suspects]
        mixed = [_product(1 - share + share * value for value in values) for share in _SHARES]
        average = sum(values) / len(values)
        return (average + sum(mixed)) / (1 + len(mixed))

    @property
    def shown(self) -> tuple[Hashable, ...]:
        """Keys of the families in which a regression is shown."""
        return tuple(f.key for f in self.families if self.value(f) >= f.threshold)

    def state(self, case_id: str) -> SuspectState:
        """Whether the suspect is cleared, confirmed or still open."""
        families = [family for family in self.families if case_id in family.suspects]
        own = [(self.processes[f.key, case_id], f.threshold) for f in families]
        if any(process.value >= threshold for process, threshold in own):
            return SuspectState.CONFIRMED
        if all(p.candidate_passes and p.value < _CLEARED for p, _ in own):
            return SuspectState.CLEARED
        return SuspectState.OPEN

    def suspects_in(self, state: SuspectState) -> tuple[str, ...]:
        """Suspects in that state, in order."""
        return tuple(case_id for case_id in self._suspects() if self.state(case_id) is state)

    def _suspects(self) -> Iterable[str]:
        return dict.fromkeys(case_id for family in self.families for case_id in family.suspects)

    def _blocks(self, case_id: str) -> int:
        keys = (family.key for family in self.families if case_id in family.suspects)
        observed = max(self.processes[key, case_id].blocks for key in keys)
        return observed + self._skipped.get(case_id, 0)


def _product(factors: Iterable[float]) -> float:
    total = 1.0
    for factor in factors:
        total *= factor
    return total
