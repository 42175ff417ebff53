"""One run record from the records of all its shards, equal to the unsharded one but for times.

Knows how tables, transcripts and counts are put together; leaves whether the shards belong
together to `dialgate_evals.records.shard_records` and judging to `gate`.
"""

from __future__ import annotations

import heapq
import shutil
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import json_document, json_line
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.parquet_tables import (
    DECISION_COLUMNS,
    TRIAL_COLUMNS,
    VOTE_COLUMNS,
    write_rows,
)
from dialgate_evals.records.part_digests import RUN, VOTES, is_own, with_digests
from dialgate_evals.records.run_identity import RunIdentity
from dialgate_evals.records.run_reading import read_run_trajectories
from dialgate_evals.records.run_record import TRANSCRIPTS, open_run_folder
from dialgate_evals.records.run_tables import read_rows
from dialgate_evals.records.shard_records import join_cases, read_shard_records
from dialgate_evals.suite.loaded_code import merge_loaded, parse_loaded, trials_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.records.shard_records import ShardRecord


def merge_records(folders: Sequence[Path], out: Path) -> Path:
    """Writes the whole run's record below `out` and gives its folder.

    Raises RecordError where the records are not all the shards of one run, each once.
    """
    parts = read_shard_records(folders)
    identity = _merged_identity(parts)
    order = {case_id: index for index, case_id in enumerate(identity.cases)}

    def key(case_id: str, trial: int) -> tuple[int, str, int]:
        return (order.get(case_id, len(order)), case_id, trial)

    folder = open_run_folder(out, identity, resume=False)
    try:
        _merge_table(parts, "trials.parquet", TRIAL_COLUMNS, key, folder)
        _merge_table(parts, "decisions.parquet", DECISION_COLUMNS, key, folder)
        if any((part.folder / VOTES).is_file() for part in parts):
            _merge_table(parts, VOTES, VOTE_COLUMNS, key, folder)
        _merge_transcripts(parts, key, folder)
        document = _merged_document(parts, identity, folder.name.removeprefix("run-"))
        machine = machine_key()
        vouched = all(is_own(part.document, machine) for part in parts)
        whole = with_digests(document, folder, machine if vouched else None)
        write_atomically(folder / RUN, json_document(whole))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _merged_identity(parts: Sequence[ShardRecord]) -> RunIdentity:
    first = parts[0].document
    return RunIdentity(
        suite=first["suite"]["name"],
        suite_digest=first["suite"]["digest"],
        suite_cases=first["suite"]["cases"],
        release=first["release"],
        cases=join_cases(parts),
        trials=first["trials_per_case"],
        deterministic=first["deterministic"],
        agent_kind=first["agent_kind"],
        comparability=first["comparability"],
    )


def _merged_document(
    parts: Sequence[ShardRecord], identity: RunIdentity, number: str
) -> dict[str, Any]:
    """run.json of the whole, as if it had never been split."""
    documents = [part.document for part in parts]
    cached = [document["cached_trials"] for document in documents]
    merged = {
        **identity.as_json(),
        "id": number,
        # Records of earlier versions name none.
        "held_out": sorted(case for document in documents for case in document.get("held_out", ())),
        "counts": _merged_counts([document["counts"] for document in documents]),
        "cached_trials": dict(sorted(item for trials in cached for item in trials.items())),
        "times": _merged_times([document["times"] for document in documents]),
        "loaded": _merged_loaded([document.get("loaded") for document in documents], identity),
        "dialects": _merged_dialects([document.get("dialects") for document in documents]),
    }
    # What no shard differs in is kept as it is, whatever later versions add.
    return {key: merged.get(key, value) for key, value in documents[0].items() if key != "shard"}


def _merged_loaded(
    parts: Sequence[Mapping[str, Any] | None], identity: RunIdentity
) -> dict[str, Any] | None:
    """All that the shards loaded: another case may need another module. None: not known."""
    known = [part for part in parts if part is not None]
    whole = merge_loaded([parse_loaded(part) for part in parts])
    if whole is None:
        return None
    locks = {name: digest for part in known for name, digest in part.get("locks", {}).items()}
    keys = {part.get("key") for part in known}
    key = keys.pop()
    if keys:
        run = identity.comparability
        key = None if run is None else trials_key(run, whole.files, locks)
    return {**whole.as_json(), "locks": dict(sorted(locks.items())), "key": key}


def _merged_dialects(parts: Sequence[list[str] | None]) -> list[str] | None:
    known = [part for part in parts if part is not None]
    return sorted({name for part in known for name in part}) if known else None


def _merged_counts(counts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    keys = dict.fromkeys(key for item in counts for key in item if key != "cost_usd")
    merged: dict[str, Any] = {key: sum(item.get(key, 0) for item in counts) for key in keys}
    costs = [item["cost_usd"] for item in counts if item["cost_usd"] is not None]
    return {**merged, "cost_usd": round(sum(costs), 9) if costs else None}


def _merged_times(times: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """From the first start to the last end; shards run side by side, so the longest counts."""
    return {
        "started_at": min(item["started_at"] for item in times),
        "finished_at": max(item["finished_at"] for item in times),
        "wall_s": max(item["wall_s"] for item in times),
    }


def _merge_table(
    parts: Sequence[ShardRecord],
    name: str,
    columns: Mapping[str, str],
    key: Callable[[str, int], tuple[int, str, int]],
    folder: Path,
) -> None:
    there = [part.folder / name for part in parts if (part.folder / name).is_file()]
    rows = [row for path in there for row in read_rows(path, tuple(columns))]
    write_rows(sorted(rows, key=lambda row: key(row[0], row[1])), columns, folder / name)


def _merge_transcripts(
    parts: Sequence[ShardRecord], key: Callable[[str, int], tuple[int, str, int]], folder: Path
) -> None:
    """Every shard is in order already, so that they are merged as they are read."""
    import zstandard  # noqa: PLC0415 - only writing and reading records needs it

    def place(trajectory: Trajectory) -> tuple[int, str, int]:
        return key(trajectory.case_id, trajectory.trial)

    merged = heapq.merge(*(read_run_trajectories(part.folder) for part in parts), key=place)
    compressor = zstandard.ZstdCompressor(level=3)
    with (folder / TRANSCRIPTS).open("wb") as file, compressor.stream_writer(file) as stream:
        for trajectory in merged:
            stream.write(json_line(trajectory.as_json()))
