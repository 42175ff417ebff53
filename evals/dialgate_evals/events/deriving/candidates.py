"""Which approvals become golden candidates: a few per action class, the same ones at every run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from dialgate_evals.events.deriving.documents import event_ids
from dialgate_evals.suite.case import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dialgate_evals.events.deriving.calls import Call, CallJudge
    from dialgate_evals.events.deriving.claims import Claim
    from dialgate_evals.suite.case import Case


class CandidateSample:
    """Counts candidates per class, those of earlier runs and those that people accepted too."""

    def __init__(self, judge: CallJudge, most: int) -> None:
        self._judge, self._most = judge, most
        self._counts: dict[str, int] = {}

    def count(self, cases: Iterable[Case]) -> None:
        """Counts golden cases that name an event: candidates, accepted or not."""
        for case in cases:
            if case.origin is Origin.GOLDEN and event_ids(case.source):
                self._add([dict(p.as_json()) for p in case.expect.actions if p.arguments])

    def takes(self, calls: Sequence[Call]) -> bool:
        """Whether a class of these calls still wants candidates; then they are counted."""
        wanted = any(self._counts.get(name, 0) < self._most for name in self._classes(calls))
        if wanted:
            self._add(calls)
        return wanted

    def _add(self, calls: Sequence[Call]) -> None:
        for name in self._classes(calls):
            self._counts[name] = self._counts.get(name, 0) + 1

    def _classes(self, calls: Sequence[Call]) -> set[str]:
        return {self._judge.class_of(call).name for call in calls}


def in_stable_order(groups: Iterable[list[Claim]]) -> list[list[Claim]]:
    """The groups by a hash of their context: a sample, and no matter in which order they came."""
    return sorted(groups, key=lambda claims: _hash(claims[0].context))


def _hash(context: str) -> str:
    return hashlib.sha256(f"candidate {context}".encode("ascii")).hexdigest()
