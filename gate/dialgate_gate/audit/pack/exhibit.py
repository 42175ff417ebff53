"""The kinds of evidence that a pack can hold, and what was found of one kind in one file.

Knows kinds and their names; leaves finding them in a folder to `dialgate`, and what a requirement
asks for to `frameworks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Exhibit(StrEnum):
    """One kind of evidence; the value is what people read."""

    RELEASE = "the release with the digests of its prompts, tools, model and code"
    SUITE = "the suite: which cases are run how"
    CASES = "the golden and reviewers' cases, as counts and digests"
    ACTIONS = "the action classes with blast radius and reversibility"
    THRESHOLDS = "thresholds of the gate, fixed before a release is judged"
    LADDER = "what a class must show for more autonomy"
    DEMOTION = "the rule that takes autonomy away"
    WATCH = "the alarms that are watched"
    LAPSE = "what losing a requirement does to a mode in force"
    REVIEW_DATES = "how often policy, cases and drills are looked at again"
    DIAL = "the oversight mode of each class"
    LEDGER = "the ledger of moves, its chain whole"
    SIGNED_MOVES = "moves signed by the people who made them"
    OWNERS = "who holds each role, as people that can be verified"
    ROTA = "who is on call"
    RUNBOOK = "the runbook: kill switch, rollback, compensation"
    VERDICT = "a signed verdict that passed, on this release"
    VERDICTS = "verdicts on releases, whatever they were"
    KILL_SWITCH = "a signed drill of the kill switch that held"
    ROLLBACK = "a signed drill of the rollback that held"
    COMPENSATION = "a signed drill of what takes actions back that held"
    LEASE = "leases that were in force"
    RUNS = "digests of the run records"
    REVIEWS = "people's decisions in production, as counts"
    CANARIES = "planted bad actions, which measure whether reviewers look"
    READINESS = "what each class shows of what its next mode asks for"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackItem:
    """What one file of a pack says of one kind of evidence."""

    exhibit: Exhibit
    path: str
    # inside the pack
    holds: bool
    # whether it counts: a drill that did not hold is in the pack and shows nothing
    says: str
    # a sentence with the figures

    def as_json(self) -> dict[str, Any]:
        """As mapping.json lists it."""
        return {
            "exhibit": self.exhibit.name.lower(),
            "path": self.path,
            "holds": self.holds,
            "says": self.says,
        }
