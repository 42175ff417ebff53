"""Suspects and their pairs of fresh trials: which case is tried next, when one is left alone.

Knows the state of confirmation; leaves the budget and the verdict to `sequential.procedure`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_gate.verdict.sequential.combined import EndpointTests
from dialgate_gate.verdict.sequential.screened_case import SUITE, Endpoint, ScreenedCase, Side
from dialgate_gate.verdict.sequential.suspect import Suspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_CLEARLY_FINE = 0.7
# a suspect that passed a fresh trial and whose e-value is below this is left alone: what speaks
# against it is gone; a loss that stays below the margin is the interval's to exclude
_BOTH_FAIL = 0.05
_LEAST_PAIRS = 4
# so is one that never passed, once the baseline failed with it
_EARLY_PAIRS = 8
# a case that always passed and is broken is shown by so many pairs, before any block is paid for
SHARED_PAIRS = 2
# pairs of a suspect that are its part of a block, where one follows


@dataclass(slots=True, kw_only=True)
class SuspectCase:
    """A case with its suspected endpoints, which share its trials."""

    case: ScreenedCase
    suspects: dict[Endpoint, Suspect]
    awaiting: frozenset[Endpoint] | None = None
    # endpoints that the candidate's trial of the open pair failed; None: no pair is open
    given_up: bool = False
    # a trial could not be run: the case stays open
    shares: bool = False
    # its next pairs are its part of a block: both sides run
    early: int = 0
    # pairs before that

    @property
    def pairs(self) -> int:
        """Pairs of fresh trials taken in so far."""
        return next(iter(self.suspects.values())).pairs

    @property
    def strength(self) -> float:
        """Orders cases: what speaks most against the candidate is tried first."""
        return max(suspect.weight * suspect.e_value for suspect in self.suspects.values())

    def is_open(self, endpoint: Endpoint) -> bool:
        """Whether the suspicion is neither confirmed by the class nor answered."""
        suspect = self.suspects.get(endpoint)
        return suspect is not None and (self.given_up or not _is_cleared(suspect))

    @property
    def is_any_open(self) -> bool:
        """Whether any of its suspicions is open."""
        return self.given_up or not all(map(_is_cleared, self.suspects.values()))

    @property
    def owes_pairs(self) -> bool:
        """Whether pairs are missing that a block counts on."""
        return self.shares and self.pairs < self.early + SHARED_PAIRS

    @property
    def is_answered(self) -> bool:
        """Whether nothing speaks against the case any more, or nothing can be asked."""
        return self.given_up or not self.is_any_open

    @property
    def is_spotless(self) -> bool:
        """Whether the baseline never failed here, so that few pairs show a break."""
        return any(suspect.weight >= 1 for suspect in self.suspects.values())


def _is_cleared(suspect: Suspect) -> bool:
    """Whether fresh trials took the suspicion away."""
    passed = suspect.candidate_passes > 0 and suspect.e_value < _CLEARLY_FINE
    return passed or (suspect.pairs >= _LEAST_PAIRS and suspect.e_value < _BOTH_FAIL)


@dataclass(slots=True)
class _Ranking:
    """Cases in an order of their own, of which only those that changed are placed again."""

    keys: list[tuple[float, str]] = field(default_factory=list)
    # ascending
    of_case: dict[str, tuple[float, str]] = field(default_factory=dict)

    def place(self, case_id: str, strength: float | None) -> None:
        """Puts the case where its strength belongs; None: it is not in the order."""
        old = self.of_case.pop(case_id, None)
        if old is not None:
            del self.keys[bisect_left(self.keys, old)]
        if strength is not None:
            self.of_case[case_id] = key = (-strength, case_id)
            insort(self.keys, key)


@dataclass(slots=True, kw_only=True)
class Confirmation:
    """All suspects of a gate and the tests that their fresh trials feed."""

    confirm_trials: int
    tests: EndpointTests
    cases: dict[str, SuspectCase]
    by_endpoint: dict[Endpoint, list[Suspect]] = field(default_factory=dict)
    # the suspects of each endpoint, dropped ones too: they keep what they lost
    _ranking: _Ranking = field(default_factory=_Ranking)
    _changed: set[str] = field(default_factory=set)
    # cases whose place in the ranking may be another now
    _places: dict[str, int] = field(default_factory=dict)
    _waiting: set[str] = field(default_factory=set)
    # cases whose pair waits for the baseline's trial, given up or not

    def __post_init__(self) -> None:
        self.rank_again()
        self._places = {case_id: place for place, case_id in enumerate(self.cases)}
        for item in self.cases.values():
            for endpoint, suspect in item.suspects.items():
                self.by_endpoint.setdefault(endpoint, []).append(suspect)

    def rank_again(self) -> None:
        """Any case may be worth another pair now, or no longer."""
        self._changed = set(self.cases)

    def early_to_try(self) -> Iterator[SuspectCase]:
        """Cases worth a pair before the first block is run to its end."""
        return (i for i in self.still_to_try() if i.is_spotless and i.pairs < _EARLY_PAIRS)

    def still_to_try(self) -> Iterator[SuspectCase]:
        """Cases worth another pair, the most telling first."""
        for case_id in self._changed:
            item = self.cases[case_id]
            self._ranking.place(case_id, item.strength if self._is_worth_a_pair(item) else None)
        self._changed.clear()
        return (self.cases[case_id] for _, case_id in self._ranking.keys)

    def _is_worth_a_pair(self, item: SuspectCase) -> bool:
        return (
            item.awaiting is None
            and not item.given_up
            and item.pairs < max(self.confirm_trials, (item.early + SHARED_PAIRS) * item.shares)
            and (item.owes_pairs or item.is_any_open)
        )

    def observe_candidate(self, case_id: str, failed: frozenset[Endpoint]) -> bool:
        """Take in the pair's first trial; true where the baseline has to run too."""
        item = self.cases[case_id]
        item.awaiting = failed & item.suspects.keys()
        self._changed.add(case_id)
        if not item.awaiting:
            self._close_pair(item, frozenset())
            return False
        self._waiting.add(case_id)
        return True

    def observe_baseline(self, case_id: str, failed: frozenset[Endpoint]) -> None:
        """Take in the pair's second trial; where the candidate passed, it says nothing here."""
        if self.cases[case_id].awaiting is not None:
            self._close_pair(self.cases[case_id], failed)

    def _close_pair(self, item: SuspectCase, baseline_failed: frozenset[Endpoint]) -> None:
        for endpoint, suspect in item.suspects.items():
            ran, before = endpoint in (item.awaiting or frozenset()), suspect.e_value
            suspect.observe(baseline_passed=endpoint not in baseline_failed if ran else None)
            self.tests.take_in(endpoint, self.by_endpoint[endpoint], suspect, before)
        item.awaiting = None
        self._changed.add(item.case.id)
        self._waiting.discard(item.case.id)

    def awaiting_baseline(self) -> tuple[str, ...]:
        """Cases whose pair waits for the baseline's trial."""
        waiting = (case_id for case_id in self._waiting if not self.cases[case_id].given_up)
        return tuple(sorted(waiting, key=self._places.__getitem__))

    def give_up(self, case_id: str) -> None:
        """A trial of the case could not be run: the pair says nothing, the case stays open."""
        self.cases[case_id].given_up = True
        self._changed.add(case_id)

    def open_cases(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Suspects of the endpoint whose suspicion is not answered."""
        return tuple(i for i, item in self.cases.items() if item.is_open(endpoint))

    def answered_cases(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Suspects of the endpoint whose suspicion fresh trials took away."""
        return tuple(
            i
            for i, item in self.cases.items()
            if endpoint in item.suspects and not item.is_open(endpoint)
        )

    def confirmed_cases(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Cases whose own evidence would show the regression of the endpoint alone.

        A case needs its share of the weighted average, so all claims on an endpoint together err
        with the chance that the endpoint's test does.
        """
        listed = [
            (i, c.suspects[endpoint]) for i, c in self.cases.items() if endpoint in c.suspects
        ]
        total = sum(suspect.weight for _, suspect in listed)
        level = self.tests.alpha / 2
        share = 1 if endpoint == SUITE else max(1, len(self.tests.endpoints) - 1)
        return tuple(
            case_id
            for case_id, suspect in listed
            if total and suspect.weight / total * suspect.e_value / 2 >= share / level
        )


def start_confirmation(
    cases: Iterable[ScreenedCase],
    *,
    alpha: float,
    confirm_trials: int,
    relevant: Callable[[Endpoint], bool] = lambda _: True,
) -> Confirmation:
    """The suspects that screening left; their screening trials are used for nothing else.

    relevant: whether a regression of the endpoint would fail anything.
    """
    listed = ((case, [e for e in case.suspected if relevant(e)]) for case in cases)
    suspects = {case.id: _suspect(case, endpoints) for case, endpoints in listed if endpoints}
    found = sorted({e for item in suspects.values() for e in item.suspects} - {SUITE})
    tests = EndpointTests(alpha=alpha, suite=SUITE, endpoints=(SUITE, *found))
    return Confirmation(confirm_trials=confirm_trials, tests=tests, cases=suspects)


def _suspect(case: ScreenedCase, endpoints: Iterable[Endpoint]) -> SuspectCase:
    trials, failed = case.baseline_trials, case.acting_failures(Side.BASELINE)
    return SuspectCase(
        case=case,
        suspects={
            endpoint: Suspect(
                recorded_passes=trials - failed.get(endpoint, 0),
                recorded_trials=trials,
            )
            for endpoint in endpoints
        },
    )
