"""Runs of a suite in shards, and what of a record is the same whoever ran it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dialgate as package
from dialgate.runs.recorded_run import RunOptions
from dialgate.runs.running import run_release
from dialgate_evals.records.part_digests import OWN_KEYS
from dialgate_evals.records.run_reading import read_run, read_run_trajectories
from dialgate_evals.records.shards import Shard

if TYPE_CHECKING:
    from pathlib import Path


def run_shards(suite: Path, out: Path, count: int, *, trials: int | None = None) -> list[Path]:
    """Every shard of the suite's run; their records, from the first."""
    return [run(suite, out, Shard(index=i + 1, count=count), trials=trials) for i in range(count)]


def run(
    suite: Path,
    out: Path,
    shard: Shard | None = None,
    *,
    release: str | None = None,
    trials: int | None = None,
) -> Path:
    options = RunOptions(out=out, shard=shard, trials=trials, use_cache=False)
    return run_release(suite, release=release, case_ids=(), options=options).folder


def content(record: Path) -> dict[str, Any]:
    """All that a record says, but for times."""
    frames = package.load(record)
    trajectories = [item.as_json() for item in read_run_trajectories(record)]
    for message in (message for item in trajectories for message in item["messages"]):
        message.pop("at_ms", None)
    return {
        "run.json": {**read_run(record), "times": None, **dict.fromkeys(OWN_KEYS)},
        "trials": repr(frames.trials.drop(columns="latency_ms").to_dict("records")),
        "decisions": repr(frames.decisions.to_dict("records")),
        "trajectories": [{**item, "latency_ms": None} for item in trajectories],
    }


def the_record(out: Path) -> Path:
    (record,) = out.glob("run-*")
    return record
