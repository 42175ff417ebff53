"""Reads run records: the document run.json, and the trajectories as a stream.

Knows what a complete and undamaged record is; leaves writing one to `records.run_record` and what
its tables hold to `dialgate_evals.records.run_tables`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from dialgate_evals.actions.trajectory import Trajectory, WrittenTrajectory, parse_trajectory
from dialgate_evals.errors import RecordError
from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.part_digests import RUN, digest_problems
from dialgate_evals.records.run_record import FILES, TRANSCRIPTS
from dialgate_evals.records.shards import lone_shard
from dialgate_evals.records.writing.journal import JOURNAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_Read = TypeVar("_Read")


def read_run(folder: Path, *, allow_shard: bool = False) -> dict[str, Any]:
    """The document run.json. Raises RecordError where a part is missing or isn't what was written.

    One shard is no run: callers that judge nothing by it allow it.
    """
    problems: list[Problem] = []
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        problems.append(
            Problem(
                file=show_path(folder),
                found="no " + " and no ".join(missing),
                expected="a complete run record",
                advice="An interrupted run goes on with --resume."
                if (folder / JOURNAL).exists()
                else "",
            )
        )
        raise RecordError(problems)
    raw = read_bytes(folder / RUN, problems, expected="a run record's run.json")
    try:
        document = parse_json(raw) if raw is not None else None
    except JsonTextError as error:
        problems.append(
            Problem(file=show_path(folder / RUN), found=str(error), expected="strict JSON")
        )
        document = None
    problems += _run_problems(document, folder) if not problems else []
    if isinstance(document, dict) and not problems:
        problems += digest_problems(document, folder)
    if problems:
        raise RecordError(problems)
    assert isinstance(document, dict)
    if "shard" in document and not allow_shard:
        raise RecordError([lone_shard(document["shard"], folder)])
    return document


_RUN_KEYS = {"id": str, "suite": dict, "release": dict, "counts": dict, "cases": dict,
             "versions": dict, "deterministic": bool, "trials_per_case": int}  # fmt: skip


def _run_problems(document: object, folder: Path) -> list[Problem]:
    file = show_path(folder / RUN)
    if not isinstance(document, dict) or document.get("schema") != 1:
        return [Problem(file=file, found="another format", expected='an object with "schema": 1')]
    return [
        Problem(file=file, place=f"/{key}", found="nothing of use", expected=f"a {kind.__name__}")
        for key, kind in _RUN_KEYS.items()
        if not isinstance(document.get(key), kind)
    ]


def read_run_trajectories(folder: Path) -> Iterator[Trajectory]:
    """Every trajectory of a record, streamed. Raises RecordError where the file is damaged."""
    return _read_lines(folder, _parse)


def read_labelled_trajectories(folder: Path) -> Iterator[Trajectory]:
    """Those with labels, as `read_run_trajectories`; the others are not even parsed.

    The caller has read run.json, whose digests say that the lines are those that were written.
    """
    found = _read_lines(folder, lambda line: None if line.endswith(_UNLABELLED) else _parse(line))
    return (trajectory for trajectory in found if trajectory is not None)


_UNLABELLED = b'"labels":{}}\n'
"""How a line ends that dialgate wrote and that has none."""


def read_written_trajectories(folder: Path) -> Iterator[WrittenTrajectory]:
    """Every trajectory as it stands in the record, for stores that copy it.

    Raises RecordError where the file is damaged.
    """
    return _read_lines(folder, _parse_head)


class _Head(msgspec.Struct):
    """What a copy of a trajectory is kept by."""

    case_id: str
    trial: int
    error: str | None = None


_decode_head = msgspec.json.Decoder(_Head).decode


def _parse_head(line: bytes) -> WrittenTrajectory:
    try:
        head: _Head | Trajectory = _decode_head(line)
    except (ValueError, RecursionError):  # lone surrogates among others: the strict reader decides
        head = _parse(line)
    return WrittenTrajectory(
        case_id=head.case_id, trial=head.trial, error=head.error, line=line.rstrip(b"\n")
    )


def _parse(line: bytes) -> Trajectory:
    return parse_trajectory(parse_json(line))


def _read_lines(folder: Path, read: Callable[[bytes], _Read]) -> Iterator[_Read]:
    """What `read` makes of each line. Raises RecordError where one is damaged."""
    import io  # noqa: PLC0415 - only reading records needs these

    import zstandard  # noqa: PLC0415 - heavy

    path = folder / TRANSCRIPTS
    try:
        with path.open("rb") as file:
            stream = zstandard.ZstdDecompressor().stream_reader(file)
            for line in io.BufferedReader(stream, 2**18):
                yield read(line)
    except (
        zstandard.ZstdError,
        JsonTextError,
        KeyError,
        TypeError,
        AttributeError,
        OSError,
    ) as error:
        raise RecordError(
            [
                Problem(
                    file=show_path(path),
                    found=f"a damaged file ({type(error).__name__}: {error})",
                    expected="the trajectories of a run record",
                    advice="Run again.",
                )
            ]
        ) from None
