"""Labels that reviewers gave by editing: the text that they replaced doesn't say the same.

A case derived from an edit keeps what was proposed and what was right. Where both calls differ only
in texts that judges compare, the edit is a person's no. An approval says no more than that a text
is itself, so it is none. Leaves what labels show of a judge to the gate's licensing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.rubrics.labels.label import Chosen, Label, Word
from dialgate_evals.scoring.expected_actions import MadeCall
from dialgate_evals.scoring.rulings import questions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.actions.rubrics.votes import Question
    from dialgate_evals.scoring.expected_actions import ExpectedActions, ExpectedCall
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry

_EDITED = "edited"


def labels_by_reviewers(
    case: Case, expected: ExpectedActions, tools: ToolRegistry
) -> Iterator[Label]:
    """The labels that the case's reviewers gave; none for a case of another origin.

    Whoever reviewed saw no judge's vote, so each text counts as drawn.
    """
    source = case.source or {}
    for item in (source, *source.get("merged", ())):
        proposed, person, at = (item.get(key) for key in ("proposed", "reviewer", "occurred_at"))
        is_whole = isinstance(proposed, dict) and isinstance(person, str) and isinstance(at, str)
        if item.get("decision") != _EDITED or not is_whole:
            continue
        for call in expected.lists[0]:
            for question in _replaced(call, proposed, tools):
                yield Label(
                    case=case.id,
                    question=question,
                    word=Word.NO,
                    person=person,
                    at=at,
                    chosen=Chosen.DRAWN,
                    release=item.get("release"),
                )


def _replaced(
    call: ExpectedCall, proposed: Mapping[str, Any], tools: ToolRegistry
) -> Iterator[Question]:
    """A question for each text of the proposed call that the right one has otherwise."""
    name, arguments = proposed.get("name"), proposed.get("arguments")
    if name != call.name or not isinstance(arguments, dict) or not call.rules.judged:
        return
    tool = tools.get(call.name)
    filled = tool.with_defaults(arguments) if tool is not None else arguments
    made = MadeCall(
        position=0,
        name=call.name,
        arguments=filled,
        normal=call.rules.normalise(filled),
        action_class=call.action_class,
    )
    if not call.matches(made):
        return
    for question in questions_of(call, made):
        if question.text != question.criterion.same_as:
            yield question
