"""From a trajectory to outcomes, by the eight steps of the contract's section 3.

Pure: the same case and trajectory always give the same score, and nothing here asks the agent.
Leaves what is good enough to `gate`.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from dialgate_evals.actions.trajectory import LEFT_SCRIPT
from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.own_part import Context, own_steps
from dialgate_evals.dialects.texts.text_calls import text_call_pattern
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.files.time_bounds import OutOfTimeError, Patience, found_in
from dialgate_evals.scoring.dialogue_check import check_dialogue
from dialgate_evals.scoring.effective_calls import effective_calls
from dialgate_evals.scoring.expected_actions import ExpectedActions, prepare_case
from dialgate_evals.scoring.matched_calls import score_calls
from dialgate_evals.scoring.own_doing import OwnDoing, own_doing, why_it_broke_off
from dialgate_evals.scoring.plain_doing import is_plain_context, plain_doing
from dialgate_evals.scoring.rulings import Judged, rule_on, with_rulings
from dialgate_evals.scoring.state_check import check_state

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.outcomes import Decision
    from dialgate_evals.actions.trajectory import Call, Trajectory
    from dialgate_evals.dialects.reading import Reading
    from dialgate_evals.scoring.effective_calls import OtherSide
    from dialgate_evals.scoring.expected_actions import MadeCall
    from dialgate_evals.suite.case import Case, Expectation, ReplyCheck
    from dialgate_evals.suite.tools import ToolRegistry

SCORER = "contract-3/3"
"""Changes whenever the same trajectory could get another score."""

_PASSED = TrialStatus.PASSED  # most trials are: Python 3.11 takes its time for a member's name

MOST_PREPARED = 10_000
"""Cases whose patterns are kept ready; more would take the memory of their scores."""


class _Prepared:
    """A case made ready for its trials."""

    __slots__ = ("_context", "_is_plain", "case", "expected")

    def __init__(self, case: Case, expected: ExpectedActions) -> None:
        self.case = case
        self.expected = expected
        self._context: Context | None = None
        # only trials that aren't in dialgate's own form need it
        needs_reading = case.expect.confirm_before or case.expect.reply.rubric
        self._is_plain = not needs_reading and is_plain_context(case.messages)

    def read(
        self, trajectory: Trajectory, text_calls: re.Pattern[str] | None
    ) -> tuple[OwnDoing, Reading | None]:
        """What the agent did, and the whole reading; None where only what it did counts."""
        if self._is_plain:
            plain = plain_doing(trajectory.messages, self.case.messages, text_calls)
            if plain is not None:
                return plain, None
        if self._context is None:
            self._context = Context(read_messages(self.case.messages))
        reading = read_messages(trajectory.messages)
        return own_doing(reading, own_steps(reading, self._context), text_calls), reading


class Scorer:
    """Scores trials of one suite; prepares each case once."""

    def __init__(
        self,
        *,
        tools: ToolRegistry,
        actions: ActionRegistry,
        other: OtherSide | None = None,
        judged: Judged | None = None,
        most_prepared: int = MOST_PREPARED,
    ) -> None:
        """`other`: the other side of a comparison, by which a candidate is judged as well.

        `judged`: by what criteria are ruled on; None: by rules alone, and without effect.
        `most_prepared`: cases that are kept ready for another trial.
        """
        self._most_prepared = most_prepared
        self._judged = Judged() if judged is None else judged
        self._tools = tools
        self._other = other
        self._actions = actions
        self._prepared: dict[int, _Prepared] = {}
        self._decided: dict[int, tuple[Decision, ...]] = {}
        # What a case means by an argument that it leaves out, it meant before the change too.
        self._meant_tools = tools if other is None else tools.under(other.tools)
        self._text_calls = text_call_pattern(tool.name for tool in tools)
        self._patience = Patience()

    def expected(self, case: Case) -> ExpectedActions:
        """The case's patterns, ready to be compared."""
        return self._of_case(case).expected

    def _of_case(self, case: Case) -> _Prepared:
        prepared = self._prepared.get(id(case))
        if prepared is None:
            if len(self._prepared) >= self._most_prepared:
                self._prepared.clear()
                self._decided.clear()
            expected = prepare_case(case, tools=self._meant_tools, actions=self._actions)
            prepared = self._prepared[id(case)] = _Prepared(case, expected)
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
        prepared = self._of_case(case)
        own, reading = prepared.read(trajectory, self._text_calls)
        error = trajectory.error or own.error or _not_judged(trajectory)
        if error is not None:
            return _errored(trajectory, error, own)
        calls = own.calls
        effective = effective_calls(
            calls, tools=self._tools, actions=self._actions, other=self._other
        )
        matched = score_calls(prepared.expected, effective.calls)
        failures = _failures(case.expect, trajectory, own, reading, effective.calls)
        is_clean = not matched.failing_positions
        score = TrialScore(
            case_id=trajectory.case_id,
            trial=trajectory.trial,
            status=_PASSED if is_clean and not failures else TrialStatus.FAILED,
            decisions=self._shared(case, tuple(matched.decisions)),
            failure=trajectory.failure,
            timed_out=trajectory.timed_out,
            reply_failures=failures,
            tool_calls=len(calls),
            invalid_calls=effective.invalid,
            failed_calls=effective.failed,
            identical_calls=_most_repeated(calls),
            unmatched_reads=sum([call.unmatched for call in calls]),
            diverged=not is_clean and _has_diverged(calls, matched.failing_positions),
            latency_ms=trajectory.latency_ms,
            cost_usd=trajectory.cost_usd,
            input_tokens=trajectory.input_tokens,
            output_tokens=trajectory.output_tokens,
            user_cost_usd=trajectory.user_cost_usd,
            user_calls=trajectory.user_calls,
            finish_reason=own.finish_reason,
            refusal=own.refusal,
            text_calls=own.text_calls,
            turns=own.turns,
            questions=own.questions,
            dialects=own.dialects,
            not_understood=own.not_understood,
        )
        if not case.expect.reply.rubric and not matched.compared:
            return score
        classes = frozenset([item.action_class.name for item in prepared.expected.lists[0]])
        rulings = rule_on(
            case,
            reply=own.reply,
            reading=reading or read_messages(trajectory.messages),
            pairs=matched.compared,
            classes=classes,
            judged=self._judged,
        )
        return with_rulings(score, rulings)


def _failures(
    expect: Expectation,
    trajectory: Trajectory,
    own: OwnDoing,
    reading: Reading | None,
    effective: Sequence[MadeCall],
) -> tuple[str, ...]:
    """A sentence for everything beside its actions that keeps the trial from passing."""
    failures = _check_reply(expect.reply, own.reply)
    if trajectory.failure is None and not own.calls and not own.has_answered:
        failures = ("the agent neither acted nor replied", *failures)
    failures += check_dialogue(expect, reading, own, effective)
    failures += check_state(expect.state, trajectory.state)
    broke_off = why_it_broke_off(trajectory.failure, own.finish_reason)
    return failures if broke_off is None else (broke_off, *failures)


def _not_judged(trajectory: Trajectory) -> str | None:
    """Why a trial is neither passed nor failed: the conversation left what the user can answer."""
    if trajectory.failure != LEFT_SCRIPT:
        return None
    why = trajectory.labels.get(LEFT_SCRIPT)
    if not isinstance(why, str) or not why:
        why = "the scripted user had no answer, so the trial says nothing"
    return f"{LEFT_SCRIPT}: {shorten(printable(why), 500)}"


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
        finish_reason=own.finish_reason,
        refusal=own.refusal,
        text_calls=own.text_calls,
        turns=own.turns,
        questions=own.questions,
        dialects=own.dialects,
        not_understood=own.not_understood,
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
