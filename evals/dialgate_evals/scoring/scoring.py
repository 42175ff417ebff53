"""From a trajectory to outcomes, by the eight steps of the contract's section 3.

Pure: the same case and trajectory always give the same score, and nothing here asks the agent.
Leaves what is good enough to `gate`.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from dialgate_evals.actions.action_classes import ActionRegistry, Effect
from dialgate_evals.actions.matching import match_any_order, match_in_order
from dialgate_evals.actions.outcomes import Decision, Kind, Outcome, TrialScore, TrialStatus
from dialgate_evals.actions.trajectory import LEFT_SCRIPT
from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.own_part import Context, own_steps
from dialgate_evals.dialects.texts.text_calls import text_call_pattern
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.files.time_bounds import OutOfTimeError, Patience, found_in
from dialgate_evals.scoring.dialogue_check import check_dialogue
from dialgate_evals.scoring.effective_calls import effective_calls
from dialgate_evals.scoring.expected_actions import (
    ExpectedActions,
    ExpectedCall,
    MadeCall,
    prepare_case,
)
from dialgate_evals.scoring.own_doing import OwnDoing, own_doing, why_it_broke_off
from dialgate_evals.scoring.rulings import (
    Judged,
    judged_texts_are_equal,
    rule_on,
    with_rulings,
)
from dialgate_evals.scoring.state_check import check_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.actions.trajectory import Call, Trajectory
    from dialgate_evals.scoring.effective_calls import OtherSide
    from dialgate_evals.suite.case import Case, ReplyCheck
    from dialgate_evals.suite.tools import ToolRegistry

SCORER = "contract-3/2"
"""Changes whenever the same trajectory could get another score."""

_MOST_PREPARED = 10_000
"""Cases whose patterns are kept ready; more would take the memory of their scores."""


class Scorer:
    """Scores trials of one suite; prepares each case once."""

    def __init__(
        self,
        *,
        tools: ToolRegistry,
        actions: ActionRegistry,
        other: OtherSide | None = None,
        judged: Judged | None = None,
    ) -> None:
        """`other`: the other side of a comparison, by which a candidate is judged as well.

        `judged`: by what criteria are ruled on; None: by rules alone, and without effect.
        """
        self._judged = Judged() if judged is None else judged
        self._tools = tools
        self._other = other
        self._actions = actions
        self._prepared: dict[int, tuple[Case, ExpectedActions, Context]] = {}
        self._decided: dict[int, tuple[Decision, ...]] = {}
        # What a case means by an argument that it leaves out, it meant before the change too.
        self._meant_tools = tools if other is None else tools.under(other.tools)
        self._text_calls = text_call_pattern(tool.name for tool in tools)
        self._patience = Patience()

    def expected(self, case: Case) -> ExpectedActions:
        """The case's patterns, ready to be compared."""
        return self._of_case(case)[1]

    def _of_case(self, case: Case) -> tuple[Case, ExpectedActions, Context]:
        prepared = self._prepared.get(id(case))
        if prepared is None:
            if len(self._prepared) >= _MOST_PREPARED:
                self._prepared.clear()
                self._decided.clear()
            expected = prepare_case(case, tools=self._meant_tools, actions=self._actions)
            prepared = (case, expected, Context(read_messages(case.messages)))
            self._prepared[id(case)] = prepared
        return prepared

    def _shared(self, case: Case, decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
        """Those of the case's trial before, where they are the same: a run keeps them all."""
        before = self._decided.get(id(case))
        if before != decisions:
            self._decided[id(case)] = before = decisions
        return before

    def score(self, case: Case, trajectory: Trajectory) -> TrialScore:
        """What became of every action of the trial; an errored trial has no outcomes.

        What can't be decided in time fails it: a text that nobody can check hides nothing.
        """
        with self._patience.lent() as undecided:
            score = self._score(case, trajectory)
        if not undecided or score.status is TrialStatus.ERRORED:
            return score
        sentences = tuple(f"{words} can't be decided on it in time" for words in undecided)
        return replace(
            score,
            status=TrialStatus.FAILED,
            undecided=tuple(undecided),
            reply_failures=(*sentences, *score.reply_failures),
        )

    def _score(self, case: Case, trajectory: Trajectory) -> TrialScore:
        _, expected, context = self._of_case(case)
        reading = read_messages(trajectory.messages)
        own = own_doing(reading, own_steps(reading, context), self._text_calls)
        error = trajectory.error or own.error or _not_judged(trajectory)
        if error is not None:
            return _errored(trajectory, error, own)
        calls = own.calls
        effective = effective_calls(
            calls, tools=self._tools, actions=self._actions, other=self._other
        )
        matched = score_calls(expected, effective.calls)
        failures = _check_reply(case.expect.reply, own.reply)
        if trajectory.failure is None and not calls and not own.has_answered:
            failures = ("the agent neither acted nor replied", *failures)
        failures += check_dialogue(case.expect, reading, own, effective.calls)
        failures += check_state(case.expect.state, trajectory.state)
        broke_off = why_it_broke_off(trajectory.failure, own.finish_reason)
        if broke_off is not None:
            failures = (broke_off, *failures)
        has_passed = matched.is_clean and not failures
        score = TrialScore(
            case_id=trajectory.case_id,
            trial=trajectory.trial,
            status=TrialStatus.PASSED if has_passed else TrialStatus.FAILED,
            decisions=self._shared(case, tuple(matched.decisions)),
            failure=trajectory.failure,
            timed_out=trajectory.timed_out,
            reply_failures=failures,
            tool_calls=len(calls),
            invalid_calls=effective.invalid,
            failed_calls=effective.failed,
            identical_calls=_most_repeated(calls),
            unmatched_reads=sum([call.unmatched for call in calls]),
            diverged=not matched.is_clean and _has_diverged(calls, matched.failing_positions),
            latency_ms=trajectory.latency_ms,
            cost_usd=trajectory.cost_usd,
            input_tokens=trajectory.input_tokens,
            output_tokens=trajectory.output_tokens,
            user_cost_usd=trajectory.user_cost_usd,
            user_calls=trajectory.user_calls,
            **own.as_columns(),
        )
        if not case.expect.reply.rubric and not matched.compared:
            return score
        classes = frozenset([item.action_class.name for item in expected.lists[0]])
        rulings = rule_on(
            case,
            reply=own.reply,
            reading=reading,
            pairs=matched.compared,
            classes=classes,
            judged=self._judged,
        )
        return with_rulings(score, rulings)


def _not_judged(trajectory: Trajectory) -> str | None:
    """Why a trial is neither passed nor failed: the conversation left what the user can answer."""
    if trajectory.failure != LEFT_SCRIPT:
        return None
    why = trajectory.labels.get(LEFT_SCRIPT)
    if not isinstance(why, str) or not why:
        why = "the scripted user had no answer, so the trial says nothing"
    return f"{LEFT_SCRIPT}: {shorten(printable(why), 500)}"


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
        if outcome is Outcome.CORRECT:
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
        call
        for call in calls
        if call.action_class.effect is not Effect.READ and call not in forbidden
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
        found.add(Outcome.CORRECT, expected=patterns[0], call=calls[0])
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


def _errored(trajectory: Trajectory, error: str, own: OwnDoing) -> TrialScore:
    return TrialScore(
        case_id=trajectory.case_id,
        trial=trajectory.trial,
        status=TrialStatus.ERRORED,
        error=error,
        latency_ms=trajectory.latency_ms,
        cost_usd=trajectory.cost_usd,
        input_tokens=trajectory.input_tokens,
        output_tokens=trajectory.output_tokens,
        user_cost_usd=trajectory.user_cost_usd,
        user_calls=trajectory.user_calls,
        **own.as_columns(),
    )


def _most_repeated(calls: Sequence[Call]) -> int:
    if len(calls) < 2:
        return len(calls)
    return max(Counter((call.name, call.text or repr(call.arguments)) for call in calls).values())


def _has_diverged(calls: Sequence[Call], failing_positions: Sequence[int | None]) -> bool:
    first = next((index for index, call in enumerate(calls) if call.unmatched), None)
    if first is None:
        return False
    return any(position is None or position > first for position in failing_positions)


def _check_reply(check: ReplyCheck, reply: str) -> tuple[str, ...]:
    """A sentence for every reply check that doesn't hold."""
    if not check.contains and not check.excludes and check.matches is None:
        return ()
    text = unicodedata.normalize("NFC", reply)
    failures = [
        f"the reply does not contain {part!r}"
        for part in check.contains
        if unicodedata.normalize("NFC", part) not in text
    ]
    failures += [
        f"the reply contains {part!r}"
        for part in check.excludes
        if unicodedata.normalize("NFC", part) in text
    ]
    if check.matches is not None:
        failures.extend(_match_failure(check.matches, text))
    return tuple(failures)


def _match_failure(pattern: str, text: str) -> Iterator[str]:
    """Why the pattern isn't met; one that can't be decided in time is not met either."""
    try:
        if not found_in(pattern, text):
            yield f"the reply does not match {pattern!r}"
    except OutOfTimeError:
        yield "write the reply's pattern without repetitions inside of repetitions"
