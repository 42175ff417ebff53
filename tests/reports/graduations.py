"""Graduation documents as the dial gives them: real decisions on made-up runs and reviews."""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dialgate_evals.actions.action_classes import BlastRadius
from dialgate_evals.actions.outcomes import Outcome
from dialgate_evals.events.review_events import Mode, ProposedCall, ReviewDecision, ReviewEvent
from dialgate_evals.files.json_text import digest_of
from dialgate_gate.comparing.comparison import CaseMoves, ClassComparison, SideSummary
from dialgate_gate.ladder.dial_evidence import DialEvidence
from dialgate_gate.ladder.evidence_against import CaseAgainst, EventAgainst, evidence_against
from dialgate_gate.ladder.readiness import DrillFact, ReadinessFacts
from dialgate_gate.ladder.recommendation import recommend_moves
from dialgate_gate.live.live_reviews import count_standing
from dialgate_gate.live.rate_series import rate_series
from dialgate_gate.settings.dial import DialEntry, DialSettings
from dialgate_gate.settings.ladder_policy import DemotePolicy, LadderStep
from dialgate_gate.settings.policy import Policy
from dialgate_gate.settings.runbook import KillSwitch, Runbook
from dialgate_gate.settings.settings import GateSettings
from dialgate_gate.statistics import PairedCounts
from tests.gate.dial_builders import (
    DAY,
    NOW,
    a_class,
    a_release,
    days_of,
    fall,
    releases,
    reviews,
)

if TYPE_CHECKING:
    from dialgate_evals.actions.action_classes import ActionClass
    from tests.gate.dial_builders import Review

KNOWN = releases(a_release("1", model="other"))
DIGEST = "sha256:" + "ab" * 32
STEP = LadderStep(
    eval_success=0.9, silent_rate=0.1, live_reviews=200, intervention_rate=0.02,
    max_blast_radius=BlastRadius.MEDIUM, requires=("owner", "kill_switch"),
)  # fmt: skip
LADDER = {Mode.IN_THE_LOOP: LadderStep(eval_success=0.5), Mode.ON_THE_LOOP: STEP}
OWNERS = dict.fromkeys(
    (
        "product_owner", "reliability_engineer", "evaluation_engineer",
        "tool_registry_maintainer", "escalation_reviewer",
    ),
    "Ada",
)  # fmt: skip

CLASSES = {
    "refund.small": a_class(name="refund.small", tools=("refund",)),
    "ticket.close": a_class(name="ticket.close", tools=("close",)),
    "crm.update": a_class(name="crm.update", tools=("update",)),
    "address.change": a_class(name="address.change", tools=("move",)),
    "mail.send": a_class(name="mail.send", tools=("mail",), blast_radius=BlastRadius.HIGH),
    "read": a_class(name="read", tools=("look",)),
}
"""By situation: demoted, ready, too few reviews, stale, never allowed, at the last position."""


def comparison(name: str, cases: int = 60, passed: int = 60) -> ClassComparison:
    """One class of an eval run in which `passed` of the cases passed."""
    good = np.array([1] * passed + [0] * (cases - passed), dtype=np.int64)
    ones, none = np.ones(cases, dtype=np.int64), np.zeros(cases, dtype=np.int64)
    counts = PairedCounts(
        baseline_passed=none, baseline_trials=none, candidate_passed=good, candidate_trials=ones
    )
    return ClassComparison(
        action_class=name,
        case_ids=tuple(f"c{i}" for i in range(cases)),
        success=counts,
        silence=counts,
        baseline=None,
        candidate=SideSummary(
            cases=cases, trials=cases, decisions=cases, correct=passed, successes=passed, silent=0,
            outcomes={},
        ),
        moves=CaseMoves(),
        silent_moves=CaseMoves(),
    )  # fmt: skip


@cache
def live_reviews() -> dict[str, list[Review]]:
    """Reviews of each class, in order of time."""
    return {
        "refund.small": reviews(480, range(400, 480, 3), per_day=12, action_class="refund.small"),
        "ticket.close": reviews(500, (100,), action_class="ticket.close"),
        "crm.update": reviews(90, (), per_day=3, action_class="crm.update"),
        "address.change": [
            *reviews(300, (9,), release="1", action_class="address.change"),
            *reviews(40, (), start=NOW - 10 * DAY, per_day=8, action_class="address.change"),
        ],
        "mail.send": reviews(60, (3, 30), per_day=2, action_class="mail.send"),
        "read": [],
    }


def an_event(index: int = 0, *, counts: bool = True, **more: Any) -> EventAgainst:
    """An intervention: an edit of a refund."""
    values: dict[str, Any] = {
        "event_id": f"e{index}",
        "occurred_at": NOW - 10 * DAY + index * DAY / 4,
        "task_id": f"t{index}",
        "release": "2",
        "mode": Mode.IN_THE_LOOP,
        "decision": ReviewDecision.EDITED,
        "proposed": ProposedCall(name="refund", arguments={"amount": 40 + index}),
        "corrected": ProposedCall(name="refund", arguments={"amount": 35}),
        "reviewer": "Ines",
        "reason": "The delivery fee stays.",
        "place": f"events.jsonl:{index + 1}",
    }
    return EventAgainst(event=ReviewEvent(**{**values, **more}), counts=counts)


def a_case(case_id: str = "case-1", **more: Any) -> CaseAgainst:
    """A case with a silent failure in its only trial."""
    values: dict[str, Any] = {
        "outcome": Outcome.WRONG_ARGUMENTS,
        "critical": False,
        "trial": 0,
        "failed": 1,
        "trials": 1,
        "expected": '{"name": "refund", "arguments": {"amount": 12.5}}',
        "actual": '{"name": "refund", "arguments": {"amount": 12}}',
    }
    return CaseAgainst(case_id=case_id, **{**values, **more})


def settings() -> GateSettings:
    """The policy, and a dial on which one class was moved already."""
    moved = DialEntry(mode=Mode.OUT_OF_THE_LOOP, since=NOW - 60 * DAY, by="Ada", evidence=DIGEST)
    return GateSettings(
        policy=Policy(ladder=LADDER, demote=DemotePolicy()),
        dial=DialSettings(entries={"read": moved}),
        runbook=Runbook(
            owners=OWNERS,
            kill_switch=KillSwitch(run="deskctl pause", tested_at=dt.date(2026, 10, 1)),
        ),
    )


def a_graduation(*names: str, **more: Any) -> dict[str, Any]:
    """A document with these classes, all six by default; `more` replaces parts of it."""
    return {**deepcopy(_document(names or tuple(CLASSES))), **more}


READINESS: Any = {
    "owners": OWNERS,
    "kill_switch": {"run": "deskctl pause", "tested_at": "2026-10-01"},
    "rollback": "main",
    "items": [
        {"requirement": "owner", "met": True, "detail": "All five owners are named."},
        {"requirement": "kill_switch", "met": True, "detail": "Tested 31 days ago."},
        {"requirement": "rollback", "met": False, "detail": "'main' names no commit."},
    ],
    "compensation": [
        {
            "action_class": "ticket.close", "tool": "reopen", "case": "case-9",
            "requirement": "compensation", "met": True, "detail": "It passed.",
        }
    ],
}  # fmt: skip
REVIEWERS: Any = [
    {
        "reviewer": "Ines", "reviews": 700, "approved": 690, "approval_rate": 0.985714,
        "median_review_s": 14.2, "canaries": 3, "canaries_caught": 3, "shared": 12,
        "alike": 11,
    }
]  # fmt: skip
MOVES_ON_RECORD: Any = {
    "entries": [
        {
            "number": 1, "at": "2026-09-02T12:00:00Z", "by": "Ada", "action_class": "read",
            "before": "on_the_loop", "after": "out_of_the_loop", "evidence": DIGEST,
            "reason": None, "hash": DIGEST,
        }
    ],
    "left_out": 0,
    "notes": [],
}  # fmt: skip
SOURCES: Any = [
    {"name": name, "place": place, "digest": DIGEST}
    for name, place in (
        ("run", ".dialgate/run-0123456789ab/run.json"), ("events", "events.jsonl"),
        ("policy", "suites/shop/policy.toml"), ("actions", "suites/shop/actions.toml"),
        ("runbook", "suites/shop/runbook.toml"), ("dial", "suites/shop/dial.toml"),
        ("ledger", "suites/shop/ledger.jsonl"),
    )
]  # fmt: skip


@cache
def _document(names: tuple[str, ...]) -> dict[str, Any]:
    classes = [CLASSES[name] for name in names]
    live = live_reviews()
    moves = _moves(classes, live)
    graduation = [move.as_json() for move in moves]
    return {
        "schema": 1,
        "suite": "shop",
        "release": a_release().as_json(),
        "at": "2026-11-01T12:00:00Z",
        "run": ".dialgate/run-0123456789ab",
        "events": {"rows": 1471, "counted": 1470, "merged": 1, "bad": 0},
        "evidence": digest_of(graduation),
        "graduation": graduation,
        "classes": [
            {**_class(item, live[item.name]), "in_force": move.in_force.as_json()}
            for item, move in zip(classes, moves, strict=True)
        ],
        "lease_warning": "Leases are not required: mail <b>keeps</b> its mode at run time.",
        "policy": {
            "ladder": {"on_the_loop": {"intervention_rate": 0.02, "requires": ["owner"]}},
            "demote": {"intervention_rate": 0.05, "alpha": 0.01},
        },
        "readiness": READINESS,
        "reviewers": REVIEWERS,
        "reviewers_left_out": 0,
        "changes": [],
        "queue_warnings": [],
        "ledger": MOVES_ON_RECORD,
        "sources": SOURCES,
        "sign": {
            "suite": "suites/shop", "evidence": "recommendation.json", "attestation": None,
            "by": "Ada Byron",
        },
    }  # fmt: skip


def _moves(classes: list[ActionClass], live: dict[str, list[Review]]) -> Any:
    known = settings()
    policy = known.policy.demote
    assert policy is not None
    standings, demotions = {}, {}
    for item in classes:
        entry = known.dial.entries.get(item.name)
        mode, since = known.dial.mode_of(item), entry.since if entry else None
        standings[item.name] = count_standing(days_of(live[item.name], mode, since), KNOWN)
        found = fall(live[item.name], mode, policy)
        demotions.update({} if found is None else {item.name: found})
    evidence = DialEvidence(
        evals={
            item.name: comparison(item.name, passed=44 if item.name == "refund.small" else 60)
            for item in classes
        },
        live=standings,
        demotions=demotions,
    )
    facts = ReadinessFacts(
        runbook=known.runbook,
        today=NOW.date(),
        ref_exists=lambda _: True,
        trials=lambda _: (),
        drills={"kill-switch": DrillFact(at=NOW, keyid="ab" * 32)},
    )
    return recommend_moves(classes, known, evidence, facts, NOW)


def _class(item: ActionClass, found: list[Review]) -> dict[str, Any]:
    known = settings()
    entry = known.dial.entries.get(item.name)
    days = days_of(found, known.dial.mode_of(item), entry.since if entry else None)
    points = rate_series(days, releases=KNOWN, confidence=0.95)
    against = evidence_against(
        [a_case("case-1"), a_case("case-2", critical=True)] if item.name == "refund.small" else [],
        [an_event(index, counts=index % 2 == 0) for index in range(4)]
        if item.name in {"refund.small", "address.change"}
        else [],
    )
    return {
        "action_class": item.name,
        "tools": list(item.tools),
        "effect": item.effect.value,
        "blast_radius": item.blast_radius.value,
        "reversible": item.reversible,
        "since": "2026-09-02T12:00:00Z" if entry else None,
        "by": "Ada" if entry else None,
        "confidence": 0.95,
        "series": [point.as_json() for point in points],
        "series_left_out": 0,
        "against": against.as_json(),
    }


_CLOSED = frozenset(
    {
        "mode", "recommended", "move", "next", "unit", "direction", "source", "kind", "start",
        "before", "after", "digest", "fingerprint",
    }
)  # fmt: skip
"""Keys whose values are words of a closed set, dates or digests: the schema holds them to it."""


def hostile_graduation(text: str) -> dict[str, Any]:
    """A document that says `text` wherever a person or an agent may have written."""
    document = a_graduation(
        "refund.small",
        "address.change",
        changes=[
            {
                "action_class": "refund.small", "mode": "in_the_loop", "previous": "1",
                "release": "2", "sentence": "Up 30 %.",
            }
        ],
        queue_warnings=["Ines let one through."],
    )  # fmt: skip
    document["ledger"]["notes"] = ["A note."]
    document["ledger"]["entries"][0]["reason"] = "A reason."
    found: dict[str, Any] = _replaced(document, text)
    for item, known in zip(found["sources"], document["sources"], strict=True):
        item["name"] = known["name"]
    for name in ("evidence", "schema"):
        found[name] = document[name]
    return found


def _replaced(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {
            key: item if key in _CLOSED else _replaced(item, text) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_replaced(item, text) for item in value]
    return text if isinstance(value, str) else value
