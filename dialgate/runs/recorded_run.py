"""A run as it is judged, and what to run it with."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dialgate_evals.records.shards import Shard
    from dialgate_evals.running.executors.executor import Elsewhere
    from dialgate_evals.running.judges.panel import Panel
    from dialgate_evals.scoring.effective_calls import OtherSide
    from dialgate_gate.comparing.run_evidence import RunEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How evidence is gathered; the same for both sides of a comparison."""

    out: Path
    # where run records go
    trials: int | None = None
    # per case; None: as the suite says
    resume: bool = False
    use_cache: bool = True
    most_calls: int | None = None
    # agent calls that this side may cost; None: no limit
    shard: Shard | None = None
    # the part of the suite that the cases are; None: all of it, or a selection
    other: OtherSide | None = None
    # by what a candidate's calls are judged beside its own schemas and the judge's classes
    panel: Panel | None = None
    # who votes on what replies and texts say; None: rules alone, and they decide nothing
    cluster: Elsewhere | None = None
    # where trials run; None: on this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """A run's record and what it says."""

    folder: Path
    evidence: RunEvidence
    document: Mapping[str, Any] | None = None
    # run.json as it was written just now; None: it is to be read


@contextmanager
def other_machines(url: str | None) -> Iterator[Elsewhere | None]:
    """The cluster of `--cluster`, ended afterwards; None: trials run on this machine.

    Raises UsageError for what is no cluster's URL, and where the extra is missing.
    """
    if url is None:
        yield None
        return
    from dialgate_evals.running.executors.cluster.session import Cluster  # noqa: PLC0415 - an extra

    with Cluster(url, say=lambda text: say(text, to_stderr=True)) as cluster:
        yield cluster
