"""One side of a comparison: the scored trials of one release, and what could not be had.

Built from a run that just ended or from a record; leaves comparing two sides to
`dialgate_gate.comparing.comparison`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import TrialStatus
from dialgate_evals.records.writing.trials_on_disk import ScoredTrials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.files.problems import Problem
    from dialgate_evals.records.annotation_sums import AnnotationSum
    from dialgate_evals.suite.loaded_code import LoadedCode
    from dialgate_gate.comparing.gap import EvidenceGap


@dataclass(frozen=True, kw_only=True)
class RunEvidence:
    """Scored trials of one release on one suite."""

    release: Mapping[str, Any]
    # name, version, fingerprint, components
    scores: Sequence[TrialScore]
    # of a long run they lie on disk: each pass over them reads them again
    trials_per_case: int = 1
    # how many trials every case must have; a recorded run may bring more, but the same for all
    repeats: tuple[TrialScore, ...] = ()
    # trials that were run again to test deterministic = true: compared with the first, not counted
    problems: tuple[Problem, ...] = ()
    # evidence that could not be read
    gaps: tuple[EvidenceGap, ...] = ()
    # other reasons not to trust it, found where it was read
    cached: int = 0
    # trials of an earlier run: they cost no call
    spent_usd: float | None = None
    # of the trials that were run for this, where the agent says what they cost
    wall_s: float = 0.0
    place: str = ""
    # where the evidence lies, for messages
    record: str = ""
    # the run record's folder as a person would type it; empty where there is none
    annotations: Mapping[str, AnnotationSum] = field(default_factory=dict)
    # what recorded trials' own labels add up to: shown, never used
    loaded: LoadedCode | None = None
    # project files that the agent loaded; None: not known
    workers_died: int = 0
    # processes of the agent that ended under a trial
    by_case: Mapping[str, tuple[TrialScore, ...]] = field(init=False, repr=False, compare=False)
    has_errored: bool = field(init=False, repr=False, compare=False)
    # whether any trial could not be run

    def __post_init__(self) -> None:
        if isinstance(self.scores, ScoredTrials):
            by_case, has_errored = self.scores.by_case, self.scores.has_errored
        else:
            by_case = _grouped(self.scores)
            has_errored = any(score.status is TrialStatus.ERRORED for score in self.scores)
        object.__setattr__(self, "by_case", by_case)
        object.__setattr__(self, "has_errored", has_errored)

    def finished(self, case_id: str) -> tuple[TrialScore, ...]:
        """The case's trials that could be run."""
        scores = self.by_case.get(case_id, ())
        if not self.has_errored:
            return scores
        return tuple(score for score in scores if score.status is not TrialStatus.ERRORED)

    @property
    def errored(self) -> tuple[TrialScore, ...]:
        """Trials that could not be run: missing, neither failures nor passes."""
        if not self.has_errored:
            return ()
        return tuple(score for score in self.scores if score.status is TrialStatus.ERRORED)


def _grouped(scores: Sequence[TrialScore]) -> Mapping[str, tuple[TrialScore, ...]]:
    grouped: dict[str, list[TrialScore]] = {}
    for score in scores:
        grouped.setdefault(score.case_id, []).append(score)
    return {case: tuple(own) for case, own in grouped.items()}
