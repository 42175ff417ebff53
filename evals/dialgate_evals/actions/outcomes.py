"""What became of each action, and of a trial as a whole.

The words of the contract's section 3 as types; leaves finding them to `scoring.scoring`.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

# msgspec asks what a ruling is where scores are read back from disk.
from dialgate_evals.actions.rubrics.votes import Ruling  # noqa: TC001 - msgspec
from dialgate_evals.actions.trajectory import CONTENT_FILTER, CUT_OFF, MALFORMED_CALL

_ENDED = frozenset({CUT_OFF, CONTENT_FILTER, MALFORMED_CALL})


class Kind(StrEnum):
    """How an outcome shows: silent failures are the confident wrong actions."""

    GOOD = "good"
    SILENT = "silent"
    LOUD = "loud"


class Outcome(StrEnum):
    """What became of one action."""

    CORRECT = "correct"
    WRONG_ARGUMENTS = "wrong_arguments"
    UNEXPECTED = "unexpected"
    FORBIDDEN = "forbidden"
    DUPLICATE = "duplicate"
    UNDER_ESCALATED = "under_escalated"
    MISSED = "missed"
    OVER_ESCALATED = "over_escalated"

    @property
    def kind(self) -> Kind:
        """Good, silent or loud."""
        return OUTCOMES[self][0]


OUTCOMES: dict[Outcome, tuple[Kind, str]] = {
    Outcome.CORRECT: (Kind.GOOD, "an expected action, taken once, with the right arguments"),
    Outcome.WRONG_ARGUMENTS: (Kind.SILENT, "the expected tool, other arguments"),
    Outcome.UNEXPECTED: (Kind.SILENT, "an action that nothing asked for"),
    Outcome.FORBIDDEN: (Kind.SILENT, "an action that the case forbids"),
    Outcome.DUPLICATE: (Kind.SILENT, "a correct action taken again"),
    Outcome.UNDER_ESCALATED: (Kind.SILENT, "acted where the case expects an escalation"),
    Outcome.MISSED: (Kind.LOUD, "an expected action that was not taken"),
    Outcome.OVER_ESCALATED: (Kind.LOUD, "escalated where the case expects an action"),
}
"""How each outcome shows, and what it is; docs/reference/verdicts.md shows the table."""


class TrialStatus(StrEnum):
    """A trial is passed, failed or errored; errored trials are neither evidence for nor against."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"


class Decision(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One action and what became of it."""

    action_class: str
    outcome: Outcome
    tool: str
    expected: str | None = None
    # JSON text of the expected call; None where nothing was expected
    actual: str | None = None
    # JSON text of the call made; None where none was


class TrialScore(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """Everything that scoring says of one trial."""

    case_id: str
    trial: int
    status: TrialStatus
    error: str | None = None
    # why the trial could not be run
    decisions: tuple[Decision, ...] = ()
    failure: str | None = None
    # how the agent itself broke off
    timed_out: bool = False
    # whether it did so by not answering in time
    reply_failures: tuple[str, ...] = ()
    # sentences, one per reply or state check that doesn't hold
    rulings: tuple[Ruling, ...] = ()
    # on the criteria of the case's rubric and of texts in its actions
    is_unruled: bool = False
    # it is errored only because a ruling that decides has no answer
    undecided: tuple[str, ...] = ()
    # patterns and schemas that could not be decided on this trial in time; it fails by them
    tool_calls: int = 0
    invalid_calls: int = 0
    failed_calls: int = 0
    identical_calls: int = 0
    # how often the most repeated call (same tool, same arguments) was made
    unmatched_reads: int = 0
    diverged: bool = False
    # a failing action follows an unmatched read: the recordings may be to blame
    latency_ms: float | None = None
    cost_usd: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    finish_reason: str | None = None
    # why the model's last answer ended, where it is known
    refusal: bool = False
    # whether the agent refused, by its provider's mark
    text_calls: int = 0
    # what looks like a call of a tool of the release in the agent's text
    turns: int = 0
    # how often the agent had the word; one, without a user who answers
    questions: int = 0
    # texts of the agent that the user answered
    judge_cost_usd: float | None = None
    user_cost_usd: float | None = None
    user_calls: int = 0
    # of the model that played the user
    dialects: tuple[str, ...] = ()
    # of the trajectory's messages, by their names in docs/reference/dialects.md
    not_understood: tuple[str, ...] = ()
    # parts of the trajectory that could hold an action: nothing may be made of the trial

    @property
    def broke_off(self) -> str | None:
        """How the agent itself broke off; None where it didn't, or a word says why it ended."""
        return None if self.failure in _ENDED else self.failure

    @property
    def ruling_failures(self) -> tuple[str, ...]:
        """A sentence for each ruling that keeps the trial from passing."""
        return tuple(
            [
                f'the {item.of} is not as "{item.criterion}" asks: {item.reason}'
                for item in self.rulings
                if item.fails
            ]
        )

    @property
    def judge_calls(self) -> int:
        """Calls of judges' models that the trial cost."""
        votes = (vote for item in self.rulings for vote in item.votes)
        return sum(vote.calls for vote in votes)

    @property
    def passed(self) -> bool | None:
        """True or False; None where the trial could not be run."""
        return None if self.status is TrialStatus.ERRORED else self.status is TrialStatus.PASSED
