"""Digests of a run record's parts, and the mark of the machine that wrote it.

A digest finds what changed by accident or by an edit that forgot it; the mark (`machine_key`)
tells a record that this machine, or CI, wrote from one that was brought along. Knows both; leaves
what the parts hold to their readers.
"""

from __future__ import annotations

import hashlib
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_parsed, digest_of_bytes
from dialgate_evals.files.problems import Problem, show_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate_evals.records.machine_key import MachineKey

PARTS = ("trials.parquet", "decisions.parquet", "transcripts.jsonl.zst")
VOTES = "votes.parquet"
"""A part that only records of trials with criteria have."""

RUN = "run.json"
OWN_KEYS = ("digests", "digest", "machine_mark")
"""Keys of run.json that a record has of its own: never equal to another record's."""

_PURPOSE = "run record"


def with_digests(
    document: Mapping[str, Any], folder: Path, key: MachineKey | None
) -> dict[str, Any]:
    """run.json with the digests of the parts that lie in the folder, its own, and the mark.

    Without a key nobody vouches for the record: it holds together, and is no one's own.
    """
    whole = {name: value for name, value in document.items() if name not in OWN_KEYS}
    whole["digests"] = {name: file_digest(folder / name) for name in PARTS}
    if (folder / VOTES).is_file():
        whole["digests"][VOTES] = file_digest(folder / VOTES)
    digest = document_digest(whole)
    mark = None if key is None else key.mark(_PURPOSE, digest.encode())
    return {**whole, "digest": digest, "machine_mark": mark}


def is_own(document: Mapping[str, Any], key: MachineKey) -> bool:
    """Whether this machine wrote the record; its digests must have been checked."""
    digest = str(document.get("digest"))
    return key.knows(_PURPOSE, digest.encode(), document.get("machine_mark"))


def digest_problems(document: Mapping[str, Any], folder: Path) -> list[Problem]:
    """A problem for each part that isn't what was written."""
    digests = document.get("digests")
    if not isinstance(digests, dict) or "digest" not in document:
        return [
            Problem(
                file=show_path(folder / RUN),
                place="/digests",
                found="no digests of the record's parts",
                expected="them, as each run writes",
                advice="Run again: what can't be checked is no evidence.",
            )
        ]
    own = {key: value for key, value in document.items() if key not in {"digest", "machine_mark"}}
    found = [] if document_digest(own) == document["digest"] else [_other(folder / RUN)]
    changed = [name for name in PARTS if digests.get(name) != file_digest(folder / name)]
    if digests.get(VOTES, "missing") != file_digest(folder / VOTES):
        changed.append(VOTES)
    return [*found, *(_other(folder / name) for name in changed)]


def document_digest(document: Mapping[str, Any]) -> str:
    """`digest_of_parsed` of the object, made key by key.

    One fraction makes the writer of canonical JSON slow for all that it is given with.
    """
    members = (
        f"{encode_basestring_ascii(key)}:{canonical_parsed(document[key])}"
        for key in sorted(document)
    )
    return digest_of_bytes(f"{{{','.join(members)}}}".encode("ascii"))


def file_digest(path: Path) -> str:
    """`sha256:…` of the file's bytes, or `missing`."""
    try:
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError:
        return "missing"


def _other(path: Path) -> Problem:
    return Problem(
        file=show_path(path),
        found="another content than the run wrote",
        expected="what its digest in run.json says",
        advice="Run again, or restore the record.",
    )
