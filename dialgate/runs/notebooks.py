"""`dialgate.load(path)`: a run as pandas frames and trajectories on demand, for notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.records.parquet_tables import DECISION_COLUMNS, TRIAL_COLUMNS, VOTE_COLUMNS
from dialgate_evals.records.part_digests import VOTES
from dialgate_evals.records.run_reading import read_run, read_run_trajectories

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    import pandas as pd

    from dialgate_evals.actions.trajectory import Trajectory


@dataclass(frozen=True)
class Run:
    """A run record. Frames are read when they are first asked for."""

    folder: Path
    document: dict[str, Any]
    # run.json

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row a trial: case_id, trial, passed (missing where errored), error, latency_ms, …"""
        return self._table("trials.parquet", tuple(TRIAL_COLUMNS))

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """One row an action: case_id, trial, action_class, outcome, tool, expected, actual."""
        return self._table("decisions.parquet", tuple(DECISION_COLUMNS))

    @cached_property
    def votes(self) -> pd.DataFrame:
        """One row a vote on a criterion; empty where no trial has one (docs/reference/judge.md)."""
        if not (self.folder / VOTES).is_file():
            import pandas as pd  # noqa: PLC0415 - heavy

            return pd.DataFrame(columns=list(VOTE_COLUMNS))
        return self._table(VOTES, tuple(VOTE_COLUMNS))

    def trajectories(self, case_id: str | None = None) -> Iterator[Trajectory]:
        """The recorded trajectories, of one case or of all, streamed from disk.

        Raises RecordError where the file is damaged.
        """
        for trajectory in read_run_trajectories(self.folder):
            if case_id is None or trajectory.case_id == case_id:
                yield trajectory

    def _table(self, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
        import duckdb  # noqa: PLC0415 - heavy

        connection = duckdb.connect(config={"autoinstall_known_extensions": False})
        try:
            path = str(self.folder / name)
            query = f"SELECT {', '.join(columns)} FROM read_parquet($1)"  # noqa: S608 - our names
            frame: pd.DataFrame = connection.execute(query, [path]).df()
        finally:
            connection.close()
        return frame


def load(path: str | os.PathLike[str]) -> Run:
    """The run record in that folder. Raises RecordError where it is missing or incomplete."""
    folder = Path(path)
    return Run(folder=folder, document=read_run(folder, allow_shard=True))
