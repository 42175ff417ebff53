"""The manifest of a pack: an in-toto statement with every file as a subject, and its checksums.

Pure; leaves reading a folder, envelopes and keys to `dialgate`. Whoever has no dialgate checks the
same by `sha256sum -c SHA256SUMS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_runtime.leases.lease import STATEMENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

PREDICATE_TYPE = "urn:dialgate:pack:1"
MANIFEST, ENVELOPE, CHECKSUMS = "manifest.json", "manifest.dsse.json", "SHA256SUMS"
OUTSIDE = (MANIFEST, ENVELOPE, CHECKSUMS)
"""Files of a pack that its manifest can't list."""
MOST_FILES = 10_000
_PATH = re.compile(r"[A-Za-z0-9%._~ -]+(/[A-Za-z0-9%._~ -]+)*", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFact:
    """Size and digest of a file."""

    size: int
    # bytes
    sha256: str
    # in hex


def is_path(text: object) -> bool:
    """Whether a pack may hold a file of that name: relative, plain, without `..`.

    >>> is_path("suite/policy.toml"), is_path("../x"), is_path("/x"), is_path("a\\nb")
    (True, False, False, False)
    """
    if not isinstance(text, str) or len(text) > 255 or not _PATH.fullmatch(text):
        return False
    return not any(part in {".", ".."} for part in text.split("/"))


def build_manifest(files: Mapping[str, FileFact], said: Mapping[str, Any]) -> dict[str, Any]:
    """The statement about the files; the same files, the same statement."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": files[name].sha256}} for name in sorted(files)
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "schema": 1,
            **said,
            "bytes": {name: files[name].size for name in sorted(files)},
        },
    }


def read_manifest(document: object) -> tuple[dict[str, FileFact] | None, str]:
    """The files that a manifest lists, or None and why it is none."""
    if not isinstance(document, dict) or document.get("predicateType") != PREDICATE_TYPE:
        return None, "no manifest of a pack"
    subject, predicate = document.get("subject"), document.get("predicate")
    if not isinstance(subject, list) or not isinstance(predicate, dict):
        return None, "no manifest of a pack"
    if predicate.get("schema") != 1 or document.get("_type") != STATEMENT_TYPE:
        return None, "a manifest of another kind or version"
    if not 0 < len(subject) <= MOST_FILES:
        return None, f"a manifest of {len(subject):,} files; expected 1 to {MOST_FILES:,}"
    files = {}
    for item in subject:
        name, fact = _subject(item, predicate.get("bytes"))
        if fact is None or name in files or name in OUTSIDE:
            return None, f"an entry that can't be one: {name[:80]!a}"
        files[name] = fact
    if len(predicate["bytes"]) != len(files):
        return None, "sizes of other files than it lists"
    return files, ""


def _subject(item: object, sizes: object) -> tuple[str, FileFact | None]:
    if not isinstance(item, dict) or not isinstance(sizes, dict):
        return "", None
    name, digest = item.get("name"), item.get("digest")
    sha256 = digest.get("sha256") if isinstance(digest, dict) else None
    size = sizes.get(name) if isinstance(name, str) else None
    is_whole = type(size) is int and size >= 0 and isinstance(sha256, str)
    if not is_path(name) or not is_whole or not _DIGEST.fullmatch(str(sha256)):
        return str(name), None
    return str(name), FileFact(size=int(str(size)), sha256=str(sha256))


def checksum_text(digests: Mapping[str, str]) -> str:
    """The file that `sha256sum -c` reads."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
