"""Votes on a criterion in one trial, and what they come to.

Knows the majority: more than half of all who were asked, and a tie is no yes. Leaves whether it
decides to the licence, and what a trial is worth to `dialgate_evals.scoring`.
"""

from __future__ import annotations

# msgspec asks what these types are where scores are read back from disk.
from collections.abc import Mapping, Sequence  # noqa: TC003 - msgspec
from enum import StrEnum
from typing import Any

from msgspec import Struct

from dialgate_evals.actions.rubrics.criterion import Criterion  # noqa: TC001 - msgspec
from dialgate_evals.files.json_text import digest_of_parsed

REPLY = "reply"
"""What a criterion of `expect.reply.rubric` is about; else `TOOL/pointer` of an argument."""

RULES = "rules"
"""Who votes where no model is needed."""

RULES_VERSION = "rules-2"
"""Changes whenever the rules could decide a text otherwise: part of the judge's version."""


class Answer(StrEnum):
    """What a vote says, or what several come to."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    # it can't be told; a tie. No pass
    FAILED = "failed"
    # there is no answer: missing evidence, never a pass


class Vote(Struct, frozen=True, kw_only=True):
    """One judge's answer on one criterion."""

    judge: str
    # its name in judge.toml, or "rules"
    answer: Answer
    reason: str
    # a judge's own words are hostile text: escape them where they are shown
    model: str | None = None
    # None: no model was asked
    prompt: str | None = None
    # digest of what the model is told beside criterion and text
    cost_usd: float | None = None
    # None: nothing was paid, or nobody knows
    calls: int = 0
    # of its endpoint; none where it is an answer of an earlier command, or no model was asked

    def as_json(self) -> dict[str, Any]:
        """The vote as records and verdicts write it."""
        return {
            "judge": self.judge,
            "answer": self.answer.value,
            "reason": self.reason,
            "model": self.model,
            "prompt": self.prompt,
            "cost_usd": self.cost_usd,
            "calls": self.calls,
        }


class Question(Struct, frozen=True, kw_only=True):
    """What a judge is asked: a criterion on a text, with no more than the criterion needs."""

    criterion: Criterion
    of: str
    # "reply", or the argument
    text: str
    # hostile: what the agent under judgement wrote
    context: Mapping[str, Sequence[str]] = {}
    # texts by what the criterion sees; hostile too

    @property
    def digest(self) -> str:
        """Digest of all that a vote rests on, beside who votes."""
        return digest_of_parsed(
            {
                "criterion": self.criterion.digest,
                "text": self.text,
                "context": {key: list(texts) for key, texts in self.context.items()},
            }
        )


class Ruling(Struct, frozen=True, kw_only=True):
    """What became of one criterion in one trial."""

    criterion: str
    of: str
    # "reply", or the argument: "send_email/body"
    answer: Answer
    votes: tuple[Vote, ...] = ()
    decides: bool = False
    # whether it has a licence here; else it is shown and gates nothing
    question: Question
    # what it is about; its digest is what a person's word on it is kept by
    is_open: bool = False
    # a model could decide it, and none was asked so far
    undecided: str = ""
    # why the rules can't decide it; empty: they did, or there are none

    @property
    def fails(self) -> bool:
        """Whether it keeps the trial from passing: a deciding no, or nobody can say."""
        return self.decides and not self.is_open and self.answer in {Answer.NO, Answer.UNSURE}

    @property
    def lacks_answer(self) -> bool:
        """Whether it should decide and can't: evidence is missing."""
        return self.decides and (self.is_open or self.answer is Answer.FAILED)

    @property
    def reason(self) -> str:
        """Who said what, in plain words with hostile quotes among them."""
        said = [f"{_who(vote)} {vote.answer.value}: {vote.reason}" for vote in self.votes]
        return "; ".join(said) or self.undecided or "no judge was asked"

    def as_json(self) -> dict[str, Any]:
        """The ruling as records and verdicts write it."""
        return {
            "criterion": self.criterion,
            "of": self.of,
            "answer": self.answer.value,
            "decides": self.decides,
            "question": self.question.digest,
            "votes": [vote.as_json() for vote in self.votes],
        }


def _who(vote: Vote) -> str:
    return "the rules say" if vote.judge == RULES else f"{vote.judge} says"


def majority(votes: Sequence[Vote]) -> Answer:
    """What votes of several judges come to.

    Yes or no is what more than half of all say, those that failed counted; else it has failed
    where an answer that is missing could have decided it, else nobody can say.
    """
    count = {answer: sum(vote.answer is answer for vote in votes) for answer in Answer}
    for answer in (Answer.NO, Answer.YES):
        if count[answer] * 2 > len(votes):
            return answer
    return Answer.FAILED if count[Answer.FAILED] or not votes else Answer.UNSURE
