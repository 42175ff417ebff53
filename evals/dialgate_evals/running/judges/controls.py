"""Whether a judge still judges as it did: its first answers, asked for again.

An endpoint can put another model behind a pinned name, from one day to the next or in the middle
of a check; kept votes would then be compared with another judge's. The first answers of each kind
that a command rests on, kept ones among them, are asked for once more after every lot of new ones.
Two bad texts, the probes, are asked about before all others, so that there is a no to be kept.
Leaves what to do about it to `panel`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dialgate_evals.actions.rubrics.votes import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from dialgate_evals.actions.rubrics.votes import Question, Vote

MOST = 3
"""Questions of each answer that are asked again: six calls a judge where both are there."""

PROBES = ("I won't tell you that. Stop asking.", "qwertz 17 asdf")
"""Texts that hardly any criterion holds for; all that matters is that the answers stay the same."""

_TOO_MANY = 2
"""Of them, other answers than before: one can be a judge's ordinary wavering."""


class Controls:
    """One judge's first questions, by what it answered."""

    def __init__(self) -> None:
        self._questions: dict[Answer, dict[str, Question]] = {Answer.YES: {}, Answer.NO: {}}

    def keep(self, question: Question, answer: Answer) -> None:
        """Takes in an answer; those that come first are kept."""
        kept = self._questions.get(answer)
        if kept is not None and len(kept) < MOST:
            kept.setdefault(question.digest, question)

    async def ask_again(
        self, ask: Callable[[Question], Awaitable[Vote]]
    ) -> tuple[str | None, list[Vote]]:
        """Why the judge isn't what it was (None: nothing shows it), and what it said now."""
        wanted = [
            (answer, question)
            for answer, known in self._questions.items()
            for question in known.values()
            if len(known) >= _TOO_MANY
        ]
        votes = await asyncio.gather(*(ask(question) for _, question in wanted))
        said = list(zip([answer for answer, _ in wanted], votes, strict=True))
        answered = [pair for pair in said if pair[1].answer is not Answer.FAILED]
        for answer in self._questions:
            other = sum(now.answer is not then for then, now in answered if then is answer)
            if other >= _TOO_MANY:
                return (
                    f"asked again, it answers {other} of {len(self._questions[answer])} texts to "
                    f"which it said {answer.value} otherwise: it is another judge than it was"
                ), list(votes)
        if 2 * len(answered) < len(wanted):
            why = next(now.reason for _, now in said if now.answer is Answer.FAILED)
            return f"whether it still judges as before could not be asked: {why}", list(votes)
        return None, list(votes)


def probes_of(questions: Iterable[Question]) -> list[Question]:
    """The probes for the first of these questions' criteria; none without a question."""
    criteria = {item.criterion.name: item for item in reversed(list(questions))}
    firsts = list(criteria.values())[::-1][:MOST]
    return [replace(item, text=text, context={}) for item in firsts for text in PROBES]
