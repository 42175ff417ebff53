"""Derived cases and adjudication entries as the documents their files hold, and back to claims.

Knows ids, provenance, the hold-out split and how a case shows that nobody edited it since; leaves
which cases there are to `dialgate_evals.events.deriving.derive`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.deriving.claims import APPROVALS, Claim, usable_calls
from dialgate_evals.events.review_events import ReviewDecision
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.suite.case import HOLDOUT

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from dialgate_evals.events.deriving.calls import Call, CallJudge
    from dialgate_evals.events.deriving.weighing import Weighed
    from dialgate_evals.suite.case import Case

Document = dict[str, Any]

_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}", re.ASCII)
_SHARE_STEPS = 2**32


def case_id(suite: str, event_id: str, taken: Container[str]) -> str:
    """`<suite>-<event>`; with a hash where that is taken or no plain word."""
    hashed = hashlib.sha256(event_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    plain = event_id if _PLAIN_ID.fullmatch(event_id) else f"event-{hashed}"
    found = f"{suite}-{plain}"
    return f"{found}-{hashed}" if found in taken else found


def is_held_out(task_id: str, share: float) -> bool:
    """Whether cases of this task belong to the hold-out split: a stable hash of the task.

    By task, so that two moments of one conversation never lie on both sides.
    """
    digest = hashlib.sha256(task_id.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") < share * _SHARE_STEPS


def reviewer_case(
    claims: Sequence[Claim], weighed: Weighed, *, id_: str, held_out: bool, sealed: bool = True
) -> Document:
    """The case of these claims. Sealed: it carries a digest, so that later edits are seen."""
    document = {
        **_case(claims[0], id_=id_, origin="reviewer"),
        "expect": _expect(weighed.actions, weighed.forbid),
        "critical": False,
        "tags": sorted({claim.decision.value for claim in claims}),
        **({"split": HOLDOUT} if held_out else {}),
        "source": _sources(claims),
    }
    return sealed_document(document) if sealed else document


def golden_candidate(claims: Sequence[Claim], weighed: Weighed, id_: str) -> Document:
    """A golden case of approved calls, for a person to accept."""
    document = {
        **_case(claims[0], id_=id_, origin="golden"),
        "expect": _expect(weighed.actions, ()),
        "critical": False,
        "tags": ["approved"],
        "source": _sources(claims),
    }
    return sealed_document(document)


def _case(claim: Claim, *, id_: str, origin: str) -> Document:
    return {
        "schema": 1,
        "id": id_,
        "origin": origin,
        "messages": list(claim.messages),
        "recordings": list(claim.recordings),
        **({} if claim.user is None else {"user": dict(claim.user)}),
    }


def _expect(actions: Iterable[Call], forbid: Iterable[Call]) -> Document:
    return {
        "actions": list(actions), "alternatives": [], "forbid": list(forbid), "ordered": False,
    }  # fmt: skip


def _sources(claims: Sequence[Claim]) -> Document:
    first, *others = [dict(claim.source) for claim in claims]
    return {**first, **({"merged": others} if others else {})}


def sealed_document(document: Document) -> Document:
    """The case with the digest of everything else in it."""
    source = {key: item for key, item in document["source"].items() if key != "derived"}
    plain = {**document, "source": source}
    return {**plain, "source": {**source, "derived": digest_of(plain)}}


def is_sealed(case: Case) -> bool:
    """Whether the case is as it was derived: no person edited it since."""
    source = case.source or {}
    if not isinstance(source.get("derived"), str):
        return False
    return sealed_document(dict(case.document)) == case.document


def adjudication(
    claims: Sequence[Claim], *, why: str, case: str | None = None, earlier: Document | None = None
) -> Document:
    """The entry of decisions that contradict each other; `case`: one that stands meanwhile."""
    decisions = [*(earlier["decisions"] if earlier else ()), *(dict(c.source) for c in claims)]
    return {
        "schema": 1,
        "context": claims[0].context,
        "why": earlier["why"] if earlier else why,
        "case": earlier["case"] if earlier else case,
        "resolution": None,
        "decisions": decisions,
        "messages": list(claims[0].messages),
        "recordings": list(claims[0].recordings),
    }


def claims_of_case(case: Case, judge: CallJudge) -> list[Claim]:
    """The claims that a sealed case was made from."""
    return [_claim(source, case.document, judge) for source in _all_sources(case.source or {})]


def claims_of_entry(entry: Document, judge: CallJudge) -> list[Claim]:
    """The claims that an adjudication entry holds."""
    return [_claim(source, entry, judge) for source in entry["decisions"]]


def event_ids(source: Mapping[str, Any] | None) -> list[str]:
    """Every event that a case's source names; people may have written anything there."""
    found = [item.get("event_id") for item in _all_sources(source or {})]
    return [event_id for event_id in found if isinstance(event_id, str)]


def _all_sources(source: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    lists = [source.get(key) for key in ("merged", "overruled")]
    others = [item for items in lists if isinstance(items, list) for item in items]
    return [source, *(item for item in others if isinstance(item, Mapping))]


def _claim(source: Mapping[str, Any], context: Mapping[str, Any], judge: CallJudge) -> Claim:
    decision = ReviewDecision(source["decision"])
    is_approval = decision in APPROVALS
    proposed, corrected = source["proposed"], source.get("corrected")
    right = proposed if is_approval else corrected
    right, wrong, _ = usable_calls(right, None if is_approval else proposed, judge)
    kept = {key: value for key, value in source.items() if key not in {"merged", "derived"}}
    return Claim(
        event_id=source["event_id"],
        at=source["occurred_at"],
        task_id=source["task_id"],
        decision=decision,
        proposed=proposed,
        right=right,
        wrong=wrong,
        messages=context["messages"],
        recordings=context.get("recordings") or [],
        user=context.get("user"),
        source=kept,
    )
