"""What a run takes of earlier trials, and leaves to later ones: the cache, shared trials, the pool.

Every run that may write gives its own fresh trials, all of them, whatever came out; confirmations,
which are chosen by what came out, never. A pull request reads and never writes the pool, nor what
machines share.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate.terminal.output import say
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.reuse.baseline_pool import BaselinePool, CopiedTrial
from dialgate_evals.records.reuse.pool_entries import PoolLimits
from dialgate_evals.records.run_reading import read_run, read_written_trajectories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dialgate.runs.recorded_run import RunOptions
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.records.reuse.earlier_trials import EarlierTrials
    from dialgate_evals.records.reuse.shared.shared_trials import SharedTrials
    from dialgate_evals.scoring.scoring import Scorer
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.suite import CacheLimits, Suite
    from dialgate_gate.comparing.record_shift import Counts, RecordShift
    from dialgate_gate.comparing.run_evidence import RunEvidence

_SHARE = 0.25
"""Of `[cache] max_mb`: the cache holds the newest trials too, and compressed."""

_MOST_BYTES = 64_000_000
"""A check reads all of it."""

_PULL_REQUESTS = (
    "CI_MERGE_REQUEST_IID", "CHANGE_ID", "BITBUCKET_PR_ID", "SYSTEM_PULLREQUEST_PULLREQUESTID",
    "CIRCLE_PULL_REQUEST", "BUILDKITE_PULL_REQUEST", "TRAVIS_PULL_REQUEST", "DRONE_PULL_REQUEST",
    "APPVEYOR_PULL_REQUEST_NUMBER",
)  # fmt: skip
"""Variables by which a CI says that a change is judged that nobody has merged."""


def may_write(environment: Mapping[str, str]) -> bool:
    """Whether this run's trials may be what later checks read: not those of a pull request."""
    if environment.get("GITHUB_EVENT_NAME", "").startswith("pull_request"):
        return False
    return all(environment.get(name, "") in {"", "false"} for name in _PULL_REQUESTS)


def pool_limits(cache: CacheLimits) -> PoolLimits:
    """The pool's bounds, by `[cache]` of suite.toml."""
    most = min(cache.max_mb * 1e6 * _SHARE, _MOST_BYTES)
    return PoolLimits(max_bytes=round(most), max_age_days=cache.max_age_days)


def keep_in_pool(
    folder: Path,
    out: Path,
    limits: PoolLimits,
    now: dt.datetime,
    document: Mapping[str, Any] | None = None,
) -> int:
    """Takes the fresh trials of a record that was just written into the pool; how many are new.

    `document` is its run.json, where that is at hand.
    """
    if not may_write(os.environ):
        return 0
    known = document or read_run(folder, allow_shard=True)
    return BaselinePool(out, machine_key()).add(_fresh_trials(folder, known), limits, now)


def _fresh_trials(folder: Path, document: Mapping[str, Any]) -> Iterator[CopiedTrial]:
    run, cached = document.get("comparability"), document.get("cached_trials") or {}
    if run is None:
        return
    for trajectory in read_written_trajectories(folder):
        case = document["cases"].get(trajectory.case_id)
        is_fresh = trajectory.trial not in cached.get(trajectory.case_id, ())
        if case is not None and is_fresh and trajectory.error is None:
            yield CopiedTrial(
                run=run,
                context=case["context"],
                at=document["times"]["started_at"],
                trajectory=trajectory,
            )


def pooled_scores(
    out: Path, run: str | None, cases: Iterable[Case], scorer: Scorer, *, before: str
) -> dict[str, tuple[TrialScore, ...]]:
    """By case the release's finished trials in the pool that were begun before that moment.

    Scored now, by today's expectations: only what the agent did is of another day.
    """
    if run is None:
        return {}
    listed = tuple(cases)
    found = BaselinePool(out, machine_key()).find(run, (case.context_digest for case in listed))
    scored = {}
    for case in listed:
        trials = [t for t in found.get(case.context_digest, ()) if t.at < before]
        scores = [scorer.score(case, replace(t.trajectory, case_id=case.id)) for t in trials]
        finished = tuple(score for score in scores if score.passed is not None)
        if finished:
            scored[case.id] = finished
    return scored


def shift_from_record(
    side: RunEvidence, recorded: Mapping[str, Sequence[TrialScore]]
) -> RecordShift | None:
    """How a side's trials lie beside its record; None where any of them is from the record."""
    from dialgate_gate.comparing.record_shift import find_shift  # noqa: PLC0415 - loads numpy

    if side.cached or not recorded:
        return None
    today: dict[str, list[TrialScore]] = {}
    for score in side.scores:
        if score.passed is not None:
            today.setdefault(score.case_id, []).append(score)
    return find_shift(recorded=_counts(recorded), today=_counts(today))


def _counts(scores: Mapping[str, Sequence[TrialScore]]) -> dict[str, Counts]:
    return {case: (sum(bool(s.passed) for s in own), len(own)) for case, own in scores.items()}


def keep_all(
    folder: Path,
    key: str | None,
    cases: Mapping[str, Case],
    options: RunOptions,
    suite: Suite,
    shared: SharedTrials | None,
) -> None:
    """Keeps the trials of a finished run whose key was not known while it ran."""
    earlier = open_earlier(key, options, shared)
    if earlier is None:
        return
    for trajectory in read_written_trajectories(folder):
        if trajectory.error is None and trajectory.case_id in cases:
            earlier.keep(cases[trajectory.case_id], trajectory)
    earlier.close(suite.cache, dt.datetime.now(dt.UTC))


def open_earlier(
    run: str | None, options: RunOptions, shared: SharedTrials | None
) -> EarlierTrials | None:
    """The trials that were run before by the same key; None: none may be taken."""
    if run is None or not options.use_cache:
        return None
    from dialgate_evals.records.reuse.earlier_trials import EarlierTrials  # noqa: PLC0415 - only reuse needs it

    return EarlierTrials(options.out, run, say=_heard, shared=shared)


def open_shared_trials(suite: Suite, options: RunOptions) -> SharedTrials | None:
    """The trials that machines share; None where the suite or the options don't want them."""
    if suite.cache.url is None or not options.use_cache:
        return None
    from dialgate_evals.records.reuse.shared.shared_trials import open_shared  # noqa: PLC0415 - few suites have one

    return open_shared(suite, os.environ, may_write=may_write(os.environ), say=_heard)


def _heard(text: str) -> None:
    say(text, to_stderr=True)
