"""Opens the judges of a suite for one command, and has them settle what rules left open.

The wiring of `running.judges`: where votes are kept, what has a licence, and when it is asked.
Leaves asking to the panel and what a score is worth to `gate`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dialgate.terminal.output import say
from dialgate.terminal.progress import Progress
from dialgate_evals.actions.rubrics.judge_reading import NOBODY
from dialgate_evals.actions.rubrics.licence import UNLICENSED
from dialgate_evals.scoring.rulings import Judged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.rubrics.judge_settings import JudgeSettings
    from dialgate_evals.actions.rubrics.licence import Licence
    from dialgate_evals.running.judges.panel import Panel
    from dialgate_evals.suite.workspace import Workspace

VOTES = "votes"
"""The folder of kept votes, below the output folder."""

_MOST_BYTES = 64_000_000
"""Of kept votes: some hundred thousand."""


def licence_of(workspace: Workspace) -> Licence:
    """Where the suite's judges may decide: where its labels show it, by the policy's bounds.

    Raises ConfigurationError where labels, calibration or policy.toml can't be read.
    """
    from dialgate.runs.judging.licensed import (  # noqa: PLC0415 - few suites have judges
        licence_on_record,
    )

    return licence_on_record(workspace)


def open_panel(
    workspace: Workspace,
    out: Path,
    *,
    asks_all: bool = False,
    use_kept: bool = True,
    settings: JudgeSettings | None = None,
) -> Panel | None:
    """The judges of the suite's judge.toml; None where it has none.

    `settings`: the same judges with another budget; None: with the file's.
    `asks_all`: also about what is only shown. Raises UsageError where a judge that is to be asked
    can't be, before any agent runs.
    """
    if workspace.judges is NOBODY:
        return None
    from dialgate_evals.records.reuse.vote_cache import DiskVoteCache  # noqa: PLC0415 - few need it
    from dialgate_evals.running.judges.panel import Panel  # noqa: PLC0415 - few suites have judges

    licence = licence_of(workspace)
    may_ask = bool(workspace.judges.judges) and (asks_all or licence is not UNLICENSED)
    store = None
    if may_ask and use_kept:
        store = DiskVoteCache(out / VOTES, say=lambda text: say(text, to_stderr=True))
        store.gc(
            max_bytes=_MOST_BYTES,
            max_age_days=workspace.suite.cache.max_age_days,
            now=dt.datetime.now(dt.UTC),
        )
    panel = Panel(settings or workspace.judges, licence=licence, asks_all=asks_all, store=store)
    if may_ask:
        panel.make_ready()
    if may_ask and licence is not UNLICENSED:
        from dialgate.runs.judging.licensed import (  # noqa: PLC0415 - few suites have judges
            said_when_calibrated,
        )

        for judge, question, answer in said_when_calibrated(workspace):
            panel.remember(judge, question, answer)
    return panel


def judged_by(panel: Panel | None, workspace: Workspace) -> Judged:
    """By what a scorer rules on criteria; without a panel by rules alone, and without effect."""
    return Judged(criteria=workspace.judges.criteria) if panel is None else panel.judged


def settle_now(panel: Panel | None, scores: Sequence[TrialScore]) -> Sequence[TrialScore]:
    """The scores with every question answered that needs one; in a loop of its own."""
    due = 0 if panel is None else panel.count_due(scores)
    if panel is None or not due:
        return scores
    from dialgate_evals.running.run_to_end import run_to_end  # noqa: PLC0415 - few suites have judges

    progress = Progress(total=due, doing="judging")
    panel.heard = progress.step
    found: list[TrialScore] = []

    async def settle() -> None:
        found.extend(await panel.settle(scores))

    try:
        run_to_end(settle())
    finally:
        progress.close()
    return found
