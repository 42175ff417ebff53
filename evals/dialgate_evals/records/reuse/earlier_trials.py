"""Trials that need no agent call: kept in the cache, in a run record of the same folder, or shared.

Knows where earlier trials of the same comparability key lie; a hit is a replay and never a new
trial. Leaves running what is missing to the engine and scoring to the caller.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.errors import RecordError
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.own_folders import refuse_links
from dialgate_evals.records.part_digests import is_own
from dialgate_evals.records.reuse.alike_trials import ended_alike
from dialgate_evals.records.reuse.trial_cache import DiskTrialCache
from dialgate_evals.records.reuse.trial_lots import TrialLots
from dialgate_evals.records.run_reading import read_run, read_run_trajectories
from dialgate_evals.suite.comparability import comparability_key

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dialgate_evals.actions.trajectory import Trajectory, WrittenTrajectory
    from dialgate_evals.records.reuse.shared.shared_trials import SharedTrials
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.suite import CacheLimits

CACHE = "cache"
_MOST_WAITING = 512
_LEAST_OF_A_LOT = 8


class EarlierTrials:
    """What was done before by the same release on the same contexts, below one output folder."""

    def __init__(
        self,
        out: Path,
        run: str,
        *,
        say: Callable[[str], None],
        shared: SharedTrials | None = None,
    ) -> None:
        """`run` is the run's part of the comparability key. Raises UsageError: no cache there."""
        self._run = run
        self._shared = shared
        refuse_links(out)
        self._cache = DiskTrialCache(out / CACHE, say=say)
        self._lots = TrialLots(out / CACHE, run, say=say)
        self._out = out
        self._waiting: list[tuple[str, Trajectory | WrittenTrajectory]] = []

    def find_all(self, due: Sequence[tuple[Case, int]]) -> list[Trajectory | None]:
        """Each trial as it was run before, under its case's present id; None: it must be run.

        Other machines are asked last, and together; what they have is kept here too.
        """
        keys = [comparability_key(self._run, case, trial) for case, trial in due]
        found = [
            kept or self._recorded.get((case.context_digest, trial))
            for kept, (case, trial) in zip(self._kept(keys), due, strict=True)
        ]
        missing = [key for key, trial in zip(keys, found, strict=True) if trial is None]
        if self._shared is not None and missing:
            given = self._shared.get_all(missing)
            self._keep_here(list(given.items()))
            found = [trial or given.get(key) for key, trial in zip(keys, found, strict=True)]
        return [
            None if trajectory is None else replace(trajectory, case_id=case.id, trial=trial)
            for trajectory, (case, trial) in zip(found, due, strict=True)
        ]

    def _kept(self, keys: Sequence[str]) -> list[Trajectory | None]:
        """What the cache has of each key, in a lot or alone."""
        found = self._lots.get_all(keys)
        alone = [key for key, trial in zip(keys, found, strict=True) if trial is None]
        rest = iter(self._cache.get_all(alone))
        return [next(rest) if trial is None else trial for trial in found]

    def _keep_here(self, trials: Sequence[tuple[str, Trajectory | WrittenTrajectory]]) -> None:
        store = self._lots if len(trials) >= _LEAST_OF_A_LOT else self._cache
        store.put_all(trials)

    @cached_property
    def _recorded(self) -> dict[tuple[str, int], Trajectory]:
        """Read at the first miss only: records may be large, and most runs have none."""
        return dict(_read_records(self._out, self._run))

    def keep(self, case: Case, trajectory: Trajectory | WrittenTrajectory) -> None:
        """Keeps a finished trial for later runs, with others at the next `flush`."""
        key = comparability_key(self._run, case, trajectory.trial)
        self._waiting.append((key, trajectory))
        if len(self._waiting) >= _MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Writes what was kept since."""
        waiting, self._waiting = self._waiting, []
        self._keep_here(waiting)
        if self._shared is not None:
            self._shared.put_all(waiting)

    def close(self, limits: CacheLimits, now: dt.datetime) -> None:
        """Writes what waits, drops what is over the limits and ends the connection."""
        self.flush()
        max_bytes = round(limits.max_mb * 1e6)
        self._cache.gc(max_bytes=max_bytes, max_age_days=limits.max_age_days, now=now)
        self._cache.close()


def _key_of(document: Mapping[str, Any]) -> object:
    """What the record's trials rest on; None where nobody saw what its agent loaded."""
    if document.get("agent_kind") == "chat":
        return document.get("comparability")
    return (document.get("loaded") or {}).get("key")


def _read_records(out: Path, run: str) -> Iterator[tuple[tuple[str, int], Trajectory]]:
    """Trials of complete records with that key, by context and number.

    A damaged one is none, and so is one that this machine didn't write: it may have come with the
    checkout. One whose trials all ended alike tells nothing of the release.
    """
    key = machine_key()
    for folder in sorted(out.glob("run-*")):
        try:
            document = read_run(folder, allow_shard=True)
            if _key_of(document) != run or not is_own(document, key):
                continue
            contexts = {case: item["context"] for case, item in document["cases"].items()}
            if ended_alike(read_run_trajectories(folder)):
                continue
            for trajectory in read_run_trajectories(folder):
                context = contexts.get(trajectory.case_id)
                if context is not None and trajectory.error is None:
                    yield (context, trajectory.trial), trajectory
        except (RecordError, KeyError, TypeError):
            continue
