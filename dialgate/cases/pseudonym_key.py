"""The key behind pseudonyms: from the environment, or a random one beside the workspace's records.

Leaves what is made with it to `deriving.pseudonyms`; why it is secret stands in
docs/adr/0008-keyed-pseudonyms.md.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VARIABLE = "DIALGATE_PSEUDONYM_KEY"
_LEAST_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymKey:
    """The key and where it is from."""

    key: bytes
    note: str = ""
    # what a person must know of it; empty where nothing


def find_key(root: Path, environment: Mapping[str, str], *, may_write: bool) -> PseudonymKey:
    """The variable's key, else the workspace's own, which is made where there is none.

    Raises UsageError where a key is too short to be secret or can't be read or kept.
    """
    if environment.get(VARIABLE):
        key = environment[VARIABLE].encode("utf-8", "surrogateescape")
        return PseudonymKey(key=_checked(key, VARIABLE))
    path = root / ".dialgate" / "pseudonyms" / "key"
    try:
        if path.exists():
            return PseudonymKey(key=_checked(path.read_bytes().strip(), show_path(path)))
        if not may_write:
            return PseudonymKey(key=os.urandom(32))
        return PseudonymKey(key=_make(path), note=_note(path))
    except OSError as error:
        raise UsageError(
            f"{show_path(path)}: the key can't be kept ({error.strerror}). Set {VARIABLE}."
        ) from None


def _checked(key: bytes, place: str) -> bytes:
    if len(key) < _LEAST_BYTES:
        raise UsageError(
            f"{place} holds {len(key)} bytes; a key needs at least {_LEAST_BYTES}, random ones. "
            "`openssl rand -hex 32` gives one."
        )
    return key


def _make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whatever the workspace's own .gitignore says, the key never gets into a commit.
    (path.parent / ".gitignore").write_text("*\n", "ascii")
    key = os.urandom(32).hex().encode("ascii")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
    return key


def _note(path: Path) -> str:
    return (
        f"A key for pseudonyms was made: {show_path(path)}, not for git. Keep it, or set "
        f"{VARIABLE} to one that the team shares: with another key the same people get other names."
    )
