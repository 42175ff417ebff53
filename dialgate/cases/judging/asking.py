"""Asks a suite's judges about texts that have a label: rules first, as in a trial.

Leaves asking one model to the panel of judges, and what an answer measures to the gate.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.rubrics.labels.label_files import CastVote
from dialgate_evals.actions.rubrics.rules.stated import tell
from dialgate_evals.actions.rubrics.votes import RULES, Answer, Vote, majority

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dialgate_evals.actions.rubrics.votes import Question
    from dialgate_evals.suite.workspace import Workspace


def ask_about(
    workspace: Workspace, questions: Sequence[Question], out: Path, *, again: bool
) -> tuple[list[CastVote], dict[str, Any]]:
    """What the judge says of each question, and what asking took.

    again: votes that were kept before are not taken. Raises UsageError where a judge can't be asked
    at all.
    """
    ruled = {item.digest: told for item in questions if (told := _by_rules(item)) is not None}
    left = [item for item in questions if item.digest not in ruled and item.criterion.text]
    voted = _ask_models(workspace, left, out, again=again) if left else {}
    at = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    judge = workspace.judges.digest
    cast = [
        _cast(item, ruled.get(item.digest) or voted.get(item.digest, ()), judge, at)
        for item in questions
    ]
    paid = [vote for votes in voted.values() for vote in votes]
    costs = [vote.cost_usd for vote in paid if vote.cost_usd is not None]
    return cast, {
        "texts": len(questions),
        "by_rules": len(ruled),
        "calls": sum(vote.calls for vote in paid),
        "cost_usd": sum(costs) if costs else None,
        "failed": sum(vote.answer is Answer.FAILED for vote in cast),
        "why": sorted({v.reason for v in paid if v.answer is Answer.FAILED})[:5],
    }


def _by_rules(question: Question) -> tuple[Vote, ...] | None:
    told = tell(question.criterion, question.text)
    if told.answer is Answer.UNSURE:
        return None
    return (Vote(judge=RULES, answer=told.answer, reason=told.reason),)


def _cast(question: Question, votes: Sequence[Vote], judge: str, at: str) -> CastVote:
    """Where rules can't decide and no model is asked, the answer is unsure, as in a trial."""
    return CastVote(
        judge=judge,
        question=question.digest,
        answer=majority(votes) if votes else Answer.UNSURE,
        votes={vote.judge: vote.answer for vote in votes},
        at=at,
    )


def _ask_models(
    workspace: Workspace, questions: Sequence[Question], out: Path, *, again: bool
) -> dict[str, tuple[Vote, ...]]:
    from dialgate.runs.judging.judges import open_panel  # noqa: PLC0415 - judges of rules alone need none
    from dialgate_evals.running.run_to_end import run_to_end  # noqa: PLC0415 - as above

    panel = open_panel(workspace, out, asks_all=True, use_kept=not again)
    if panel is None or not workspace.judges.judges:
        return {}
    found: dict[str, tuple[Vote, ...]] = {}

    async def ask() -> None:
        found.update(await panel.ask(questions))

    run_to_end(ask())
    return found
