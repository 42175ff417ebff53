"""Which calls were expected: a maximum matching, and what becomes of all that is left over.

Steps 2 to 8 of the contract's section 3, over calls that took effect; leaves what a trial is worth
to `scoring.scoring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from msgspec import Struct, field

from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.actions.matching import match_any_order, match_in_order
from dialgate_evals.actions.outcomes import Decision, Kind, Outcome
from dialgate_evals.scoring.rulings import judged_texts_are_equal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.scoring.expected_actions import ExpectedActions, ExpectedCall, MadeCall


# Of every trial: Python 3.11 looks a member of an enum up more slowly than it compares with it.
_READ, _CORRECT = Effect.READ, Outcome.CORRECT


class MatchedCalls(Struct):
    """The outcomes of one trial's calls against one list of expected actions."""

    decisions: list[Decision] = field(default_factory=list)
    failing_positions: list[int | None] = field(default_factory=list)
    # of the failing calls; None for an expectation that no call answers
    compared: list[tuple[ExpectedCall, MadeCall]] = field(default_factory=list)
    # correct calls with texts that judges compare

    @property
    def is_clean(self) -> bool:
        """Whether every outcome is correct."""
        return not self.failing_positions

    @property
    def rank(self) -> tuple[int, int, int]:
        """Smaller is better: silent failures, all failures, then fewer correct actions."""
        silent = sum(decision.outcome.kind is Kind.SILENT for decision in self.decisions)
        failing = len(self.failing_positions)
        return silent, failing, failing - len(self.decisions)

    def add(
        self, outcome: Outcome, *, expected: ExpectedCall | None = None, call: MadeCall | None
    ) -> None:
        """Records one outcome, in the class that the contract gives it."""
        if outcome is _CORRECT and expected is not None:
            action_class = expected.action_class.name
        else:
            action_class = _class_of(outcome, expected, call)
        tool = call.name if call is not None else expected.name if expected else ""
        self.decisions.append(
            Decision(
                action_class=action_class,
                outcome=outcome,
                tool=tool,
                expected=expected.text if expected else None,
                actual=call.as_text() if call else None,
            )
        )
        if outcome is _CORRECT:
            if expected is not None and call is not None and expected.rules.judged:
                self.compared.append((expected, call))
        else:
            self.failing_positions.append(call.position if call else None)


def _class_of(outcome: Outcome, expected: ExpectedCall | None, call: MadeCall | None) -> str:
    """The expectation's class for what was expected, the call's class for what was done."""
    match outcome:
        case Outcome.CORRECT | Outcome.WRONG_ARGUMENTS | Outcome.MISSED | Outcome.OVER_ESCALATED:
            source = expected or call
        case Outcome.UNEXPECTED | Outcome.FORBIDDEN | Outcome.DUPLICATE | Outcome.UNDER_ESCALATED:
            source = call
        case _ as never:
            assert_never(never)
    assert source is not None
    return source.action_class.name


def score_calls(expected: ExpectedActions, calls: Sequence[MadeCall]) -> MatchedCalls:
    """Steps 2 to 8 for calls that took effect; of several lists the best counts."""
    forbidden: list[MadeCall] = []
    if expected.forbid:
        forbidden += [c for c in calls if any(item.matches(c) for item in expected.forbid)]
    actions = [
        call for call in calls if call.action_class.effect is not _READ and call not in forbidden
    ]
    matches = [_match_list(patterns, actions, expected.ordered) for patterns in expected.lists]
    best = matches[0] if len(matches) == 1 else min(matches, key=lambda matched: matched.rank)
    for call in forbidden:
        best.add(Outcome.FORBIDDEN, call=call)
    return best


def _match_list(
    patterns: Sequence[ExpectedCall], calls: Sequence[MadeCall], ordered: bool
) -> MatchedCalls:
    found = MatchedCalls()
    if len(patterns) == len(calls) == 1 and patterns[0].matches(calls[0]):
        found.add(_CORRECT, expected=patterns[0], call=calls[0])
        return found
    edges = [_partners(pattern, calls) for pattern in patterns]
    match = match_in_order if ordered else match_any_order
    partners = match(edges, len(calls))
    for pattern, partner in zip(patterns, partners, strict=True):
        if partner is not None:
            found.add(Outcome.CORRECT, expected=pattern, call=calls[partner])
    if len(found.decisions) == len(patterns) == len(calls):
        return found
    taken = {partner for partner in partners if partner is not None}
    matched = [p for p, partner in zip(patterns, partners, strict=True) if partner is not None]
    missing = [p for p, partner in zip(patterns, partners, strict=True) if partner is None]
    left = [call for index, call in enumerate(calls) if index not in taken]
    left = _take_duplicates(found, matched, left)
    missing, left = _take_wrong_arguments(found, missing, left)
    left = _take_under_escalated(found, missing, left)
    missing, left = _take_over_escalated(found, missing, left)
    for pattern in missing:
        found.add(Outcome.MISSED, expected=pattern, call=None)
    for call in left:
        found.add(Outcome.UNEXPECTED, call=call)
    return found


def _partners(pattern: ExpectedCall, calls: Sequence[MadeCall]) -> list[int]:
    """Places of the calls that the pattern means; of several, those with its very texts first."""
    found = [index for index, call in enumerate(calls) if pattern.matches(call)]
    if len(found) > 1 and pattern.rules.judged:
        found.sort(key=lambda index: not judged_texts_are_equal(pattern, calls[index]))
    return found


def _take_duplicates(
    found: MatchedCalls, matched: Sequence[ExpectedCall], left: Sequence[MadeCall]
) -> list[MadeCall]:
    """Step 4: a call left over that equals a matched expectation."""
    rest = []
    for call in left:
        twin = next((pattern for pattern in matched if pattern.matches(call)), None)
        if twin is None:
            rest.append(call)
        else:
            found.add(Outcome.DUPLICATE, expected=twin, call=call)
    return rest


def _take_wrong_arguments(
    found: MatchedCalls, missing: Sequence[ExpectedCall], left: Sequence[MadeCall]
) -> tuple[list[ExpectedCall], list[MadeCall]]:
    """Step 5: an expectation left over with a left-over call of the same tool, in order."""
    rest, calls = [], list(left)
    for pattern in missing:
        call = next((call for call in calls if call.name == pattern.name), None)
        if call is None:
            rest.append(pattern)
        else:
            calls.remove(call)
            found.add(Outcome.WRONG_ARGUMENTS, expected=pattern, call=call)
    return rest, calls


def _take_under_escalated(
    found: MatchedCalls, missing: Sequence[ExpectedCall], left: Sequence[MadeCall]
) -> list[MadeCall]:
    """Step 6: writes where an escalation was expected; the escalation itself stays missed."""
    escalation = next((pattern for pattern in missing if pattern.is_escalation), None)
    if escalation is None:
        return list(left)
    for call in left:
        if call.action_class.effect is Effect.WRITE:
            found.add(Outcome.UNDER_ESCALATED, expected=escalation, call=call)
    return [call for call in left if call.action_class.effect is not Effect.WRITE]


def _take_over_escalated(
    found: MatchedCalls, missing: Sequence[ExpectedCall], left: Sequence[MadeCall]
) -> tuple[list[ExpectedCall], list[MadeCall]]:
    """Step 7: an escalation where writes were expected, or where nothing was."""
    escalations = [call for call in left if call.action_class.effect is Effect.ESCALATE]
    if not escalations:
        return list(missing), list(left)
    writes = [pattern for pattern in missing if pattern.action_class.effect is Effect.WRITE]
    for pattern in writes:
        found.add(Outcome.OVER_ESCALATED, expected=pattern, call=escalations[0])
    for call in [] if writes else escalations:
        found.add(Outcome.OVER_ESCALATED, call=call)
    rest = [pattern for pattern in missing if pattern.action_class.effect is not Effect.WRITE]
    return rest, [call for call in left if call.action_class.effect is not Effect.ESCALATE]
