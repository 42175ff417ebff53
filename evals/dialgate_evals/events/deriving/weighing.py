"""Several decisions on one context: the expectation that meets them all, or the contradiction.

Decisions on calls of one turn (same task) belong together; decisions of different tasks on the
same context must agree. Leaves what becomes of either to `dialgate_evals.events.deriving.derive`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.events.deriving.calls import Call, CallJudge
    from dialgate_evals.events.deriving.claims import Claim
    from dialgate_evals.scoring.expected_actions import ExpectedCall, MadeCall
    from dialgate_evals.suite.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What should follow by all decisions on a context."""

    actions: tuple[Call, ...] = ()
    forbid: tuple[Call, ...] = ()
    contradiction: str | None = None
    # why no agent can meet them all; then the rest is empty


def weigh(claims: Sequence[Claim], judge: CallJudge) -> Weighed:
    """The expectation that all claims on one context agree on."""
    for index, claim in enumerate(claims):
        for other in claims[:index]:
            if _differ_on_one_call(claim, other, judge):
                return Weighed(contradiction=_sentence(other, claim))
    turns = [turn for turn in _turns(claims, judge) if turn]
    for turn in turns[1:]:
        if not _are_same_calls(turns[0], turn, judge):
            first = next(c for c in claims if c.right is not None)
            other = next(c for c in reversed(claims) if c.right is not None)
            return Weighed(contradiction=_sentence(first, other))
    actions = turns[0] if turns else []
    forbid: list[Call] = []
    for claim in claims:
        if claim.wrong is None or judge.is_among(claim.wrong, forbid):
            continue
        if judge.is_among(claim.wrong, actions):
            right = next(c for c in claims if c.right and judge.are_same(c.right, claim.wrong))
            return Weighed(contradiction=_sentence(right, claim))
        forbid.append(claim.wrong)
    return Weighed(actions=tuple(actions), forbid=tuple(forbid))


def _turns(claims: Sequence[Claim], judge: CallJudge) -> list[list[Call]]:
    """Per task the calls that were found right, each once."""
    turns: dict[str, list[Call]] = {}
    for claim in claims:
        calls = turns.setdefault(claim.task_id, [])
        if claim.right is not None and not judge.is_among(claim.right, calls):
            calls.append(claim.right)
    return list(turns.values())


def _differ_on_one_call(one: Claim, other: Claim, judge: CallJudge) -> bool:
    """Whether the same proposed call was judged in two ways."""
    if not judge.are_same(one.proposed, other.proposed):
        return False
    if one.right is None or other.right is None:
        return one.right is not other.right or one.is_approval is not other.is_approval
    return not judge.are_same(one.right, other.right)


def _are_same_calls(one: list[Call], other: list[Call], judge: CallJudge) -> bool:
    return len(one) == len(other) and all(judge.is_among(call, other) for call in one)


def _sentence(one: Claim, other: Claim) -> str:
    first, second = (
        f"{claim.event_id} ({claim.source.get('reviewer') or 'nobody named'}: "
        f"{claim.decision.value} {claim.proposed['name']})"
        for claim in (one, other)
    )
    return f"{first} and {second} can't both be met in the same context"


def why_not_both(claim: Claim, case: Case, judge: CallJudge) -> str | None:
    """Why a standing case can't be met together with the claim; None where it can."""
    expected = judge.expected(case)
    if claim.right is not None:
        right = judge.made(claim.right)
        if any(item.matches(right) for item in expected.forbid):
            return f"{case.id} forbids the call that {claim.event_id} found right"
        if not any(_holds(items, right) for items in expected.lists):
            return f"{case.id} doesn't expect the call that {claim.event_id} found right"
    if claim.wrong is not None:
        wrong = judge.made(claim.wrong)
        if all(_holds(items, wrong) for items in expected.lists):
            return f"{case.id} expects the call that {claim.event_id} found wrong"
    return None


def _holds(patterns: Sequence[ExpectedCall], call: MadeCall) -> bool:
    return any(pattern.matches(call) for pattern in patterns)
