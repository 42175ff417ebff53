"""Rulings on a trial's criteria: what needs no model is decided, the rest stays open.

Knows which texts a case's rubric and the argument rules ask about, and what a ruling makes of a
trial; leaves asking models to `dialgate_evals.running.judges`. A ruling that doesn't decide is
shown and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from dialgate_evals.actions.outcomes import Outcome, TrialStatus
from dialgate_evals.actions.rubrics.criterion import Criterion, Sees, declared_once
from dialgate_evals.actions.rubrics.licence import UNLICENSED, Licence, decides
from dialgate_evals.actions.rubrics.rules.stated import tell
from dialgate_evals.actions.rubrics.votes import (
    REPLY,
    RULES,
    Answer,
    Question,
    Ruling,
    Vote,
    majority,
)
from dialgate_evals.dialects.reading import FoundCall, Said

if TYPE_CHECKING:
    from dialgate_evals.actions.argument_rules import ArgumentRules
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.dialects.reading import Reading
    from dialgate_evals.scoring.expected_actions import ExpectedCall, MadeCall
    from dialgate_evals.suite.case import Case

Known = Callable[[Question], "tuple[Vote, ...] | None"]
"""Votes that were cast on a question; None: it was not asked."""


def _nothing_known(_question: Question) -> tuple[Vote, ...] | None:
    return None


class Judged(Struct, frozen=True, kw_only=True):
    """By what criteria are ruled on; by default by rules alone, and without effect."""

    criteria: Mapping[str, Criterion] = {}
    # judge.toml's, for cases that only name one
    licence: Licence = UNLICENSED
    has_models: bool = False
    # whether a judge could be asked
    known: Known = _nothing_known


def rule_on(
    case: Case,
    *,
    reply: str,
    reading: Reading,
    pairs: Sequence[tuple[ExpectedCall, MadeCall]],
    classes: frozenset[str],
    judged: Judged,
) -> tuple[Ruling, ...]:
    """A ruling on each criterion of the reply and of each text in a correct action."""
    questions = [
        Question(
            criterion=criterion,
            of=REPLY,
            text=reply,
            context={kind.value: _seen(kind, reading) for kind in criterion.sees},
        )
        for criterion in (declared_once(item, judged.criteria) for item in case.expect.reply.rubric)
    ]
    questions += [item for pair in pairs for item in questions_of(*pair)]
    return tuple([_rule(question, classes, judged) for question in questions])


def _rule(question: Question, classes: frozenset[str], judged: Judged) -> Ruling:
    told = tell(question.criterion, question.text)
    ruling = Ruling(
        criterion=question.criterion.name,
        of=question.of,
        answer=told.answer,
        decides=decides(judged.licence, question.criterion.name, classes),
        question=question,
        undecided=told.reason if told.answer is Answer.UNSURE else "",
    )
    if told.answer is not Answer.UNSURE:
        return replace(ruling, votes=(Vote(judge=RULES, answer=told.answer, reason=told.reason),))
    if not judged.has_models or not question.criterion.text:
        return ruling
    votes = judged.known(question)
    return replace(ruling, is_open=True) if votes is None else with_votes(ruling, votes)


def with_votes(ruling: Ruling, votes: tuple[Vote, ...]) -> Ruling:
    """The ruling once its judges were asked."""
    return replace(ruling, votes=votes, answer=majority(votes), is_open=False)


def _seen(kind: Sees, reading: Reading) -> tuple[str, ...]:
    if kind is Sees.REQUEST:
        said = (step for step in reading.steps if isinstance(step, Said) and step.role == "user")
        return tuple([step.text for step in said if step.text.strip()])
    calls = (step for step in reading.steps if isinstance(step, FoundCall))
    return tuple([step.answer for step in calls if step.answer is not None])


def questions_of(expected: ExpectedCall, call: MadeCall) -> Iterator[Question]:
    """A question for each text of the call that judges compare with the expected one."""
    for pointer, relation in expected.rules.judged:
        actual = dict(_texts_at(call.arguments, pointer, ""))
        for place, text in _texts_at(expected.arguments or {}, pointer, ""):
            criterion = Criterion(
                name=f"{expected.name}/{'/'.join(pointer)}", text=relation, same_as=text
            )
            yield Question(
                criterion=criterion, of=f"{expected.name}{place}", text=actual.get(place, "")
            )


def _texts_at(value: Any, pointer: Sequence[str], place: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON data
    """Every text at the pointer, `*` for each element, with its place."""
    if not pointer:
        if isinstance(value, str) and value.strip():
            yield place, value
        return
    part, rest = pointer[0], pointer[1:]
    if isinstance(value, Mapping):
        keys = value.keys() if part == "*" else [part] if part in value else []
        for key in keys:
            yield from _texts_at(value[key], rest, f"{place}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if part in {"*", str(index)}:
                yield from _texts_at(item, rest, f"{place}/{index}")


def judged_texts(rules: ArgumentRules, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The texts that judges compare in a call's arguments, by their places."""
    return {
        place: text
        for pointer, _ in rules.judged
        for place, text in _texts_at(arguments, pointer, "")
    }


def judged_texts_are_equal(expected: ExpectedCall, call: MadeCall) -> bool:
    """Whether the call's judged texts are the expected ones by the rules alone."""
    return all(
        tell(question.criterion, question.text).answer is Answer.YES
        for question in questions_of(expected, call)
    )


def with_rulings(score: TrialScore, rulings: tuple[Ruling, ...]) -> TrialScore:
    """The score with these rulings, and what those that decide make of it.

    No or unsure fails the trial; one that has no answer leaves a trial that would have passed
    without evidence. A trial that failed otherwise stays failed.
    """
    score = replace(score, rulings=rulings)
    if score.status is TrialStatus.ERRORED and not score.is_unruled:
        return score
    status, error = _standing(score)
    return replace(score, status=status, error=error, is_unruled=error is not None)


def _standing(score: TrialScore) -> tuple[TrialStatus, str | None]:
    is_clean = all(item.outcome is Outcome.CORRECT for item in score.decisions)
    if not is_clean or score.reply_failures or score.undecided or score.ruling_failures:
        return TrialStatus.FAILED, None
    missing = [item for item in score.rulings if item.lacks_answer]
    if not missing:
        return TrialStatus.PASSED, None
    first = missing[0]
    return TrialStatus.ERRORED, f'"{first.criterion}" decides and has no answer: {first.reason}'
