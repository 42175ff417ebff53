"""Labels that reviewers gave by deciding on a call whose texts judges compare.

A case that came of decisions keeps what was proposed, and what was right. A text that a reviewer
left as it was and approved is a person's yes, one that was replaced is a no. A decision that says
more or less than that gives no label: another argument was wrong too, the call was rejected as a
whole, nobody looked (shadow mode), or the words are the expected ones anyway. Nor does one where
the case expects several such calls: nobody knows which of them it is about. Leaves what labels show
of a judge to the gate's licensing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.actions.rubrics.labels.label import Chosen, Label, Word
from dialgate_evals.actions.rubrics.rules.stated import tell
from dialgate_evals.actions.rubrics.votes import Answer
from dialgate_evals.scoring.expected_actions import MadeCall
from dialgate_evals.scoring.rulings import judged_texts, questions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.actions.rubrics.votes import Question
    from dialgate_evals.scoring.expected_actions import ExpectedActions, ExpectedCall
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry

_WORDS = {"approved": Word.YES, "edited": Word.NO, "overridden": Word.NO}
"""What a decision on a live call says of a text that it leaves, or replaces."""

_WORDS_OF_ACCEPT = {"agreed": Word.YES, "differed": Word.NO}
"""Of `dialgate accept`, where a person looked; in production's shadow mode nobody need have."""

_OF_ACCEPT = "accept-"
"""How the ids of its events begin."""


def labels_by_reviewers(
    case: Case, expected: ExpectedActions, tools: ToolRegistry
) -> Iterator[Label]:
    """The labels that the case's reviewers gave.

    Whoever reviewed saw no judge's vote, so each text counts as drawn.
    """
    source = case.source or {}
    for item in (source, *source.get("merged", ())):
        word = _word_of(item)
        person, at = item.get("reviewer"), item.get("occurred_at")
        if word is None or not (isinstance(person, str) and isinstance(at, str)):
            continue
        for question in _decided_on(item, word, expected, tools):
            yield Label(
                case=case.id,
                question=question,
                word=word,
                person=person,
                at=at,
                chosen=Chosen.DRAWN,
                release=item.get("release"),
            )


def _word_of(item: Mapping[str, Any]) -> Word | None:
    decision = item.get("decision")
    is_of_accept = str(item.get("event_id")).startswith(_OF_ACCEPT)
    words = _WORDS_OF_ACCEPT if is_of_accept else _WORDS
    return words.get(decision) if isinstance(decision, str) else None


def _decided_on(
    item: Mapping[str, Any], word: Word, expected: ExpectedActions, tools: ToolRegistry
) -> Iterator[Question]:
    """A question for each text that the decision is about; none where that isn't known."""
    proposed = _arguments(item.get("proposed"))
    if proposed is None:
        return
    name, arguments = proposed
    met = [
        (call, made)
        for calls in expected.lists
        for call in calls
        if call.name == name
        and call.rules.judged
        and call.matches(made := _made(call, arguments, tools))
    ]
    if len(met) != 1:
        return
    call, made = met[0]
    corrected = _arguments(item.get("corrected"))
    for question in questions_of(call, made):
        if tell(question.criterion, question.text).answer is Answer.YES:
            continue  # the expected words: nothing is learnt of a judge
        if word is Word.YES or _is_replaced(question, call, corrected):
            yield question


def _arguments(call: object) -> tuple[str, Mapping[str, Any]] | None:
    """Name and arguments of a call as events write it; people may have written anything there."""
    if not isinstance(call, dict):
        return None
    name, arguments = call.get("name"), call.get("arguments")
    return (name, arguments) if isinstance(name, str) and isinstance(arguments, dict) else None


def _made(call: ExpectedCall, arguments: Mapping[str, Any], tools: ToolRegistry) -> MadeCall:
    tool = tools.get(call.name)
    filled = tool.with_defaults(arguments) if tool is not None else arguments
    return MadeCall(
        position=0,
        name=call.name,
        arguments=filled,
        normal=call.rules.normalise(filled),
        action_class=call.action_class,
    )


def _is_replaced(
    question: Question, call: ExpectedCall, corrected: tuple[str, Mapping[str, Any]] | None
) -> bool:
    """Whether the reviewer put other words in the place of the text; blanks are none."""
    if corrected is None or corrected[0] != call.name:
        return False
    instead = judged_texts(call.rules, corrected[1]).get(question.of.removeprefix(call.name))
    if instead is None:
        return False
    return (
        tell(replace(question.criterion, same_as=instead), question.text).answer is not Answer.YES
    )
