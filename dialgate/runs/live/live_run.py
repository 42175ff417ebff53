"""A run that goes on: what is on record of it, what of earlier trials it takes, what it costs.

Leaves reaching the agent to the engine, and the order of things to `dialgate.runs.live_runs`.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate.runs.judging.judges import settle_now
from dialgate_evals.errors import EvidenceError, InterruptedRunError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.reuse.alike_trials import AlikeTrials
from dialgate_evals.suite.loaded_code import merge_loaded, parse_loaded
from dialgate_gate.comparing.run_evidence import RunEvidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dialgate.runs.live.due_trials import DueTrials
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.records.reuse.earlier_trials import EarlierTrials
    from dialgate_evals.records.run_record import RunRecorder
    from dialgate_evals.running.engine import DueTrial
    from dialgate_evals.running.judges.panel import Panel
    from dialgate_evals.scoring.scoring import Scorer
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.loaded_code import LoadedCode
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import CacheLimits

_LOT = 500
"""Trials that are looked up together: a shared store is asked for many at once."""

_NOTHING = object()

_MOST_HELD = 5_000
"""Trials that ended alike, until one tells that the agent was reached."""


@dataclass(kw_only=True)
class LiveRun:
    """What is on record, and where more comes from; scores are with the recorder."""

    recorder: RunRecorder
    scorer: Scorer
    earlier: EarlierTrials | None
    # None: every trial is run
    loaded: LoadedCode | None = None
    # what the agent loaded, of earlier trials too; None: not known
    cached: int = 0
    spent_usd: float | None = None
    # of the trials that were run now, as far as the agent says
    workers_died: int = 0
    # processes of the agent that ended under a trial
    _kept: list[tuple[Case, Trajectory]] = field(default_factory=list)
    # on record, but not scored yet
    _alike: AlikeTrials = field(default_factory=AlikeTrials)
    _held: list[tuple[Case, Trajectory]] = field(default_factory=list)
    # not given to later runs while all ended alike
    _heard: object = _NOTHING
    # what was heard last of what the agent loaded
    _loaded_before: LoadedCode | None = None
    # of the trials that weren't run now
    _done: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    # by case its trials that an interrupted run left on record, each a bit

    def resume(self, known: Mapping[str, Case]) -> None:
        """Takes in the trials that an interrupted run left on record."""
        for trajectory, is_cached in self.recorder.resume():
            case = known.get(trajectory.case_id)
            if case is None:
                raise EvidenceError([_foreign_trial(self.recorder.folder, trajectory)])
            score = self.scorer.score(case, trajectory)
            self._alike.note(trajectory)
            self.recorder.add_recorded(score, is_cached=is_cached)
            self._done[score.case_id] |= 1 << score.trial
            self.cached += is_cached
        if len(self.recorder) > self.cached:
            parts = self.loaded, self.recorder.resumed_loaded()
            self.loaded = merge_loaded(part for part in parts if part is not None)

    def replay(self, due: DueTrials) -> DueTrials:
        """Takes in what was run before; what is left must be run."""
        if self.earlier is None and not self._done:
            return due
        left = array("Q")
        waiting: list[tuple[int, DueTrial]] = []
        for position, item in enumerate(due):
            if self._done.get(item.case.id, 0) >> item.trial & 1:
                continue
            waiting.append((position, item))
            if len(waiting) == _LOT:
                left.extend(self._take_in(waiting))
                waiting = []
        left.extend(self._take_in(waiting))
        return due.only(left)

    def _take_in(self, waiting: Sequence[tuple[int, DueTrial]]) -> Iterator[int]:
        """Takes in what of a lot was run before; gives the places of the others."""
        found = self._find_all([item for _, item in waiting])
        for (position, item), trajectory in zip(waiting, found, strict=True):
            if trajectory is None:
                yield position
                continue
            score = replace(self.scorer.score(item.case, trajectory), user_calls=0)
            self._alike.note(trajectory)
            self.recorder.add(trajectory, score, is_cached=True)
            self.cached += 1

    def _find_all(self, due: Sequence[DueTrial]) -> Sequence[Trajectory | None]:
        if self.earlier is None:
            return [None] * len(due)
        return self.earlier.find_all([(item.case, item.trial) for item in due])

    def keep(self, case: Case, trajectory: Trajectory) -> None:
        """Makes a trial that was just run durable; `hear_of` comes first."""
        self.recorder.write(trajectory)
        self._kept.append((case, trajectory))
        if self._alike.may_be_all:
            self._alike.note(trajectory)
        if self.earlier is not None:
            self._leave_to_later_runs(self.earlier, case, trajectory)

    def _leave_to_later_runs(
        self, earlier: EarlierTrials, case: Case, trajectory: Trajectory
    ) -> None:
        """Once it is known that the agent was reached; before, so many wait."""
        self._held.append((case, trajectory))
        if self._alike.may_be_all and len(self._held) < _MOST_HELD:
            return
        held, self._held = self._held, []
        for item in held:
            earlier.keep(*item)

    @property
    def says_nothing(self) -> bool:
        """Whether all trials ended alike before the agent used a tool."""
        return self._alike.is_all

    def score_kept(self) -> Iterator[TrialScore]:
        """Scores the trials that were kept since: several at once cost less than one by one."""
        kept, self._kept = self._kept, []
        for case, trajectory in kept:
            score = self.scorer.score(case, trajectory)
            self.recorder.add_recorded(score)
            if score.cost_usd is not None:
                self.spent_usd = (self.spent_usd or 0.0) + score.cost_usd
            yield score
        if self.earlier is not None:
            self.earlier.flush()

    def settle(self, panel: Panel | None) -> None:
        """Has the judges answer what is open; the trials stay as they are."""
        if panel is None:
            return
        try:
            settled = settle_now(panel, self.recorder.scores())
        except KeyboardInterrupt:
            self.recorder.close()
            raise InterruptedRunError(
                f"Interrupted while judges were asked. All trials are on record in "
                f"{show_path(self.recorder.folder)}; the same command with --resume goes on."
            ) from None
        self.recorder.score_again(settled)

    def hear_of(self, loaded: LoadedCode | None) -> None:
        """Takes in what the agent of this run loaded so far; None: nobody can say."""
        if loaded is self._heard:
            return
        if self._heard is _NOTHING:
            self._loaded_before = self.loaded
        self._heard = loaded
        before = () if self._loaded_before is None else (self._loaded_before,)
        self.loaded = merge_loaded((*before, loaded))
        self.recorder.keep_loaded(self.loaded)

    def evidence(
        self, release: Release, *, trials: int, wall_s: float, loaded: dict[str, Any] | None
    ) -> RunEvidence:
        """What is on record, as it is judged; `trials` is how many each case must have."""
        place = show_path(self.recorder.folder)
        return RunEvidence(
            release=release.as_json(),
            scores=self.recorder.scores(),
            trials_per_case=trials,
            cached=self.cached,
            spent_usd=self.spent_usd,
            wall_s=wall_s,
            place=place,
            record=place,
            loaded=parse_loaded(loaded),
            workers_died=self.workers_died,
        )

    def close(self, limits: CacheLimits) -> None:
        """Ends the connection to earlier trials, whose limits are kept."""
        if self.earlier is not None:
            for item in () if self.says_nothing else self._held:
                self.earlier.keep(*item)
            self.earlier.close(limits, dt.datetime.now(dt.UTC))


def _foreign_trial(folder: Path, trajectory: Trajectory) -> Problem:
    return Problem(
        file=show_path(folder),
        found=f"a trial of the unknown case {trajectory.case_id}",
        expected="trials of this run's cases",
        advice="Run again without --resume.",
    )
