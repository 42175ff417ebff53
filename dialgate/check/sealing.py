"""Whether a check is sealed: no part of the change could move, feed or read its judge.

Knows why not, in sentences for the first screen. Leaves the walls themselves to
`dialgate_evals.running.containment`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.changes.baselines import RecordBaseline, ReleaseFileBaseline
from dialgate.git.git_checkout import open_checkout
from dialgate_evals.running.containment.machine import machine_walls
from dialgate_evals.running.containment.walls import walls_around
from dialgate_gate.comparing.gap import EvidenceGap, Gap

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from dialgate.changes.baselines import Baseline
    from dialgate_evals.running.containment.walls import MachineWalls, Walls
    from dialgate_evals.suite.suite import Suite
    from dialgate_gate.changes.judged.judge_change import JudgeChange


def why_not_sealed(
    baseline: Baseline | None,
    *,
    judging: Suite,
    folder: Path,
    is_first: bool = False,
    machine: MachineWalls | None = None,
    walls: Walls | None = None,
) -> tuple[str, ...]:
    """A sentence for each thing that keeps the check from being sealed; empty: it is.

    `judging` is the suite that says how the agent is reached; `is_first`: the base has no suite;
    `machine`: None asks this one; `walls`: those around trials that run on other machines.
    """
    found = [] if (text := _without_base(baseline, folder, is_first=is_first)) is None else [text]
    walls = walls or walls_around(
        judging.agent.kind, machine=machine or machine_walls(), network=judging.agent.network
    )
    return (*found, *walls.unsealed)


def _without_base(baseline: Baseline | None, folder: Path, *, is_first: bool) -> str | None:
    own = "suite and policy are the change's own"
    if isinstance(baseline, ReleaseFileBaseline):
        return f"The baseline is a release file of the working tree: {own}."
    if isinstance(baseline, RecordBaseline):
        return f"The baseline is a run record, which has no suite and no policy: {own}."
    if baseline is None and open_checkout(folder) is None:
        return f"There is no git checkout, so there is no base: {own}."
    if baseline is None or is_first:
        return f"This is the suite's first release, there is no base that judges it: {own}."
    return None


def unsealed_gaps(why: Sequence[str], *, asked: bool) -> tuple[EvidenceGap, ...]:
    """The gap that an unsealed check is where a seal is asked for."""
    if not asked or not why:
        return ()
    found = f"A sealed check is asked for, and this one is not: {why[0]}"
    return (EvidenceGap(gap=Gap.UNSEALED, found=found, advice=" ".join(why[1:])),)


def seal_document(
    document: dict[str, Any],
    *,
    why: Sequence[str],
    changes: Sequence[JudgeChange],
    allowed: Collection[str],
    ledger_head: str | None,
) -> None:
    """Says in the verdict whether it is sealed, what changed about the judge, and the ledger."""
    document["sealed"] = not why
    document["sealed_why"] = list(why)
    document["judge_changes"] = [change.as_json(allowed) for change in changes]
    document["ledger"] = {"head": ledger_head}
