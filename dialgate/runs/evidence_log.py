"""The fresh trials of a check in the order the gate took them in, so that it can go on later.

Evidence is a product over blocks: replayed in their order the same trials give the same state, and
a check that was inconclusive goes on without a penalty. Knows the file; leaves what a trial means
to `gate`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.file_writing import write_atomically
from dialgate_gate.verdict.sequential import Endpoint, Kind, Side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.sequential import ScreenedCase, SequentialGate, TrialRequest

_VERSION = "blocks 1"
# what the gate does with trials; another version can't go on from them

Entry = tuple[str, Side, "frozenset[Endpoint] | None"]


@dataclass(kw_only=True)
class EvidenceLog:
    """Trials taken in so far, and where they are kept."""

    path: Path
    key: str
    is_fresh: bool
    # whether the baseline's first trials were run for the check
    widest: int = 0
    # cases that the gate may try side by side: the same from the first trial to the last
    cases: tuple[ScreenedCase, ...]
    # with what steered the check when it began: the pool may have grown since
    earlier: list[Entry] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def add(self, case_id: str, side: Side, failed: frozenset[Endpoint] | None) -> None:
        """Notes a trial; None: it could not be run."""
        self.entries.append((case_id, side, failed))

    def replay(self, gate: SequentialGate) -> tuple[TrialRequest, ...]:
        """Gives the gate the earlier trials; what it asks for after them.

        Trials that the gate doesn't ask for in this order are of another state: they end the
        replay, and count for nothing.
        """
        gate.carried = len(self.earlier)
        waiting = list(self.earlier)
        while requests := gate.next_requests():
            wanted = [(r.case_id, r.side) for r in requests for _ in range(r.count)]
            if [entry[:2] for entry in waiting[: len(wanted)]] != wanted:
                return requests
            for case_id, side, failed in waiting[: len(wanted)]:
                self.add(case_id, side, failed)
                if failed is None:
                    gate.give_up(case_id, side)
                else:
                    gate.observe(case_id, side, failed)
            del waiting[: len(wanted)]
        return ()

    def save(self) -> None:
        """Keeps what was taken in; nothing where there is nothing."""
        if not self.entries:
            return
        trials = [
            [case_id, side.value, None if failed is None else sorted(failed)]
            for case_id, side, failed in self.entries
        ]
        steering = {
            case.id: [case.steering_trials, [[*e, n] for e, n in case.steering_failed.items()]]
            for case in self.cases
            if case.steering_trials
        }
        document = {
            "schema": 1,
            "key": self.key,
            "is_fresh": self.is_fresh,
            "widest": self.widest,
            "steering": steering,
            "trials": trials,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, json.dumps(document).encode("ascii"))


def open_log(
    folder: Path,
    cases: Sequence[ScreenedCase],
    policy: GatePolicy,
    *,
    releases: Sequence[str],
    is_fresh: bool,
    resume: bool,
    widest: int = 0,
) -> EvidenceLog:
    """The log of this check; with the trials of an earlier one where it is resumed.

    `widest` is how many cases may be tried side by side where none were tried before.

    An earlier log counts only where releases, policy, cases and their first trials are the same.
    """
    key = _key(cases, policy, releases)
    path = folder / f"evidence-{key[:16]}.json"
    found = _read(path, key) if resume else None
    if found is None:
        return EvidenceLog(path=path, key=key, is_fresh=is_fresh, widest=widest, cases=tuple(cases))
    return EvidenceLog(
        path=path,
        key=key,
        is_fresh=bool(found["is_fresh"]),
        widest=int(found.get("widest", 0)),
        cases=tuple(_steered(case, found.get("steering", {})) for case in cases),
        earlier=[
            (case_id, Side(side), None if failed is None else frozenset(map(_endpoint, failed)))
            for case_id, side, failed in found["trials"]
        ],
    )


def _steered(case: ScreenedCase, steering: Mapping[str, Any]) -> ScreenedCase:
    """The case with the steering trials of when the check began."""
    trials, failed = steering.get(case.id, (0, ()))
    counts = {Endpoint(name, Kind(kind)): number for name, kind, number in failed}
    return replace(case, steering_trials=trials, steering_failed=counts)


def _endpoint(item: Sequence[str]) -> Endpoint:
    return Endpoint(action_class=item[0], kind=Kind(item[1]))


def _read(path: Path, key: str) -> Mapping[str, Any] | None:
    """The earlier log; None where there is none that can be used."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    is_mine = isinstance(document, dict) and document.get("key") == key
    return document if is_mine and isinstance(document.get("trials"), list) else None


def _key(cases: Sequence[ScreenedCase], policy: GatePolicy, releases: Sequence[str]) -> str:
    screened = [
        [
            *(case.id, case.classes, case.baseline_trials, case.candidate_trials, case.critical),
            sorted((*e, n) for e, n in case.baseline_failed.items() if n),
            sorted((*e, n) for e, n in case.candidate_failed.items() if n),
            *([sorted(case.judged.items())] if case.judged else []),
        ]
        for case in cases
    ]
    told = [_VERSION, list(releases), repr(policy), screened]
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()
