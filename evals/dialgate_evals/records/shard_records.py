"""The records of all shards of one run, checked: nothing missing, doubled or of another run.

Knows when shards belong together and are complete; leaves putting them together to
`dialgate_evals.records.merged_record`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import RecordError
from dialgate_evals.files.problems import Problem, join_words, show_path, show_value
from dialgate_evals.records.part_digests import OWN_KEYS
from dialgate_evals.records.run_identity import judging_versions
from dialgate_evals.records.run_reading import read_run, read_run_trajectories
from dialgate_evals.records.run_tables import read_rows
from dialgate_evals.records.shards import ShardOf, case_set_digest, join_shards, read_shard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_OWN = (
    *("id", "cases", "held_out", "counts", "cached_trials", "times", "shard"),
    # What a shard's own cases made its agent load, or were written in.
    *("loaded", "dialects"),
    *OWN_KEYS,
)
"""Keys of run.json in which shards differ; in all others they must be equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardRecord:
    """One shard's folder and run.json, and which of how many it is."""

    folder: Path
    document: Mapping[str, Any]
    shard: ShardOf


def read_shard_records(folders: Sequence[Path]) -> list[ShardRecord]:
    """Every shard of the run, from the first. Raises RecordError with all that is wrong."""
    problems: list[Problem] = []
    parts: list[ShardRecord] = []
    for folder in folders:
        try:
            document = read_run(folder, allow_shard=True)
        except RecordError as error:
            problems += error.problems
            continue
        shard = read_shard(document.get("shard"))
        if shard is None or not _is_usable(document):
            problems.append(_no_shard(folder, document))
        else:
            parts.append(ShardRecord(folder=folder, document=document, shard=shard))
    parts.sort(key=lambda part: part.shard.shard.index)
    if not problems:
        problems = [*_differences(parts), *_other_judges(parts[0]), *_absent(parts)]
    if not problems:
        problems = [*_wrong_cases(parts), *_wrong_trials(parts)]
    if problems:
        raise RecordError(problems)
    return parts


def _is_usable(document: Mapping[str, Any]) -> bool:
    """Whether what is added up is there, as `dialgate run` writes it."""
    counts, times = document["counts"], document.get("times")
    cached = document.get("cached_trials")
    whole = [value for key, value in counts.items() if key != "cost_usd"]
    return (
        isinstance(times, dict)
        and {key: type(value) for key, value in times.items()} == _TIMES
        and isinstance(cached, dict)
        and isinstance(document.get("held_out"), list)
        and "trials" in counts
        and all(isinstance(value, int) for value in whole)
        and isinstance(counts.get("cost_usd", 0.0), float | int | None)
        and all(isinstance(case, dict) and "digest" in case for case in document["cases"].values())
    )


_TIMES = {"started_at": str, "finished_at": str, "wall_s": float}


def _no_shard(folder: Path, document: Mapping[str, Any]) -> Problem:
    is_whole = "shard" not in document
    return Problem(
        file=show_path(folder),
        found="a whole run" if is_whole else "a shard that can't be read",
        expected="a record of `dialgate run --shard I/N`",
        advice="A whole run needs no merging." if is_whole else "Run the shard again.",
    )


def _differences(parts: Sequence[ShardRecord]) -> Iterator[Problem]:
    """Where a shard is of another run than the first one that was named."""
    first = parts[0]
    shared = sorted({key for part in parts for key in part.document if key not in _OWN})
    for part in parts[1:]:
        pairs = [
            *_loaded_by_both(first.document, part.document),
            *((key, first.document.get(key), part.document.get(key)) for key in shared),
            ("shard.count", first.shard.shard.count, part.shard.shard.count),
            ("shard.case_set", first.shard.case_set, part.shard.case_set),
        ]
        for name, expected, found in pairs:
            if found != expected:
                yield Problem(
                    file=show_path(part.folder),
                    place=name,
                    found=_show_difference(found, expected),
                    expected=_show_difference(expected, found)
                    + f", as in {show_path(first.folder)}",
                    advice="Run every shard on the same release, suite and dialgate.",
                )


def _loaded_by_both(
    first: Mapping[str, Any], other: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Files that both shards loaded, with the digests that they had there."""
    for part in ("files", "locks"):
        expected, found = ((item.get("loaded") or {}).get(part) or {} for item in (first, other))
        for name in sorted(expected.keys() & found.keys()):
            yield f"loaded.{name}", expected[name], found[name]


def _other_judges(part: ShardRecord) -> Iterator[Problem]:
    """A record is named after its judges, so another dialgate can't name it as they would."""
    for name, expected in judging_versions().items():
        found = part.document["versions"].get(name)
        if found != expected:
            yield Problem(
                file=show_path(part.folder),
                place=f"versions.{name}",
                found=show_value(found),
                expected=f"{show_value(expected)}, as in this dialgate",
                advice="Merge with the dialgate that ran the shards.",
            )


def _show_difference(value: object, other: object) -> str:
    """The value; of two tables only where they differ."""
    if isinstance(value, dict) and isinstance(other, dict):
        keys = [key for key in value if value[key] != other.get(key)]
        return join_words([f"{key} {show_value(value[key])}" for key in keys]) or "nothing more"
    return show_value(value)


def _absent(parts: Sequence[ShardRecord]) -> Iterator[Problem]:
    """Shards that are not there, and shards that are there twice."""
    count = parts[0].shard.shard.count
    seen: dict[int, Path] = {}
    for part in parts:
        index = part.shard.shard.index
        if index in seen:
            yield Problem(
                file=show_path(part.folder),
                found=f"shard {index} of {count} a second time",
                expected=f"each shard once; {show_path(seen[index])} is it too",
            )
        seen.setdefault(index, part.folder)
    missing = [str(index) for index in range(1, count + 1) if index not in seen]
    if missing:
        yield Problem(
            file=show_path(parts[0].folder.parent),
            found=f"no shard {join_words(missing)} of {count}",
            expected=f"all {count} shards",
            advice=f"Run what is missing: dialgate run SUITE --shard {missing[0]}/{count}.",
        )


def _wrong_cases(parts: Sequence[ShardRecord]) -> Iterator[Problem]:
    """The shards' cases must be the case set that each of them names."""
    if case_set_digest(join_cases(parts)) != parts[0].shard.case_set:
        yield Problem(
            file=show_path(parts[0].folder.parent),
            found="shards whose cases are not the suite's",
            expected="the case set that their run.json names",
            advice="Run the shards again.",
        )


def _wrong_trials(parts: Sequence[ShardRecord]) -> Iterator[Problem]:
    """Table and transcripts must tell of the same trials, as many as run.json counts."""
    whole = set(join_cases(parts))
    for part in parts:
        rows = read_rows(part.folder / "trials.parquet", ("case_id", "trial"))
        found = [(item.case_id, item.trial) for item in read_run_trajectories(part.folder)]
        expected = part.document["counts"]["trials"]
        if rows != found or len(rows) != expected:
            yield Problem(
                file=show_path(part.folder),
                found=f"{len(rows)} trials and {len(found)} trajectories that are not alike",
                expected=f"the same {expected} in both, as run.json counts",
                advice="Run the shard again.",
            )
        known = set(part.document["cases"])
        foreign = sorted({case_id for case_id, _ in found} & (whole - known))
        if foreign:
            yield Problem(
                file=show_path(part.folder),
                found=f"trials of {join_words(foreign[:5])}, which another shard runs",
                expected="trials of this shard's cases",
                advice="Run the shard again.",
            )


def join_cases(parts: Sequence[ShardRecord]) -> dict[str, Mapping[str, str]]:
    """The cases of all shards in the suite's order: id to digests."""
    return dict(join_shards([list(part.document["cases"].items()) for part in parts]))
