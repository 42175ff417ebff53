"""dial.toml and its ledger: read together, checked against each other, moved in one order.

The ledger's line is durable first, dial.toml follows; a kill between the two is found by the next
reader, and the dial is written from the ledger. One mover at a time, by a lock on the ledger.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.git.file_history import committed_contents
from dialgate_evals.errors import ConfigurationError, EvidenceError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import json_line
from dialgate_evals.files.problems import Problem, show_path
from dialgate_gate.audit.dial_ledger import disagreeing_classes, forgotten_head
from dialgate_gate.audit.ledger import LedgerEntry, Move, modes_after, next_entry, read_ledger
from dialgate_gate.settings.settings import read_dial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate_gate.settings.dial import DialSettings

DIAL = "dial.toml"
LEDGER = "ledger.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialState:
    """The dial as it is, and how it came to be so."""

    settings: DialSettings
    entries: tuple[LedgerEntry, ...] = ()
    behind: bool = False
    # the last move is in the ledger and not in dial.toml: a kill came between
    without_ledger: bool = False
    # dial.toml was written before there was a ledger


def read_state(folder: Path) -> DialState:
    """Both files. Raises EvidenceError where the chain is broken or the two disagree.

    Raises ConfigurationError where dial.toml breaks its schema.
    """
    problems: list[Problem] = []
    settings = read_dial(folder, problems)
    if settings is None:
        raise ConfigurationError(problems)
    path = folder / LEDGER
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    entries, defects = read_ledger(_whole(lines))
    if defects:
        raise EvidenceError([_broken(path, text) for text in defects])
    if settings.entries and not entries:
        return DialState(settings=settings, without_ledger=True)
    if not disagreeing_classes(settings, entries):
        return DialState(settings=settings, entries=tuple(entries))
    if entries and not disagreeing_classes(settings, entries[:-1]):
        return DialState(settings=settings, entries=tuple(entries), behind=True)
    raise EvidenceError([_disagreeing(folder, settings, entries)])


def refuse_rolled_back(folder: Path, state: DialState) -> None:
    """Raises EvidenceError where a commit holds a ledger that this one doesn't go on from.

    Its own chain can't show that: ledger and dial rolled back together agree.
    """
    forgotten = forgotten_head(state.entries, committed_contents(folder / LEDGER))
    if forgotten is not None:
        text = f"a ledger without the committed entry {forgotten[:19]}: it was rolled back"
        raise EvidenceError([_broken(folder / LEDGER, text)])


def draft_entry(state: DialState, move: Move) -> LedgerEntry:
    """The entry that the move would become as the ledger is now: what people sign."""
    return _with_move(state, move)[-1]


def _with_move(state: DialState, move: Move) -> list[LedgerEntry]:
    entries = list(state.entries)
    for step in (*_adopted(state), move):
        entries.append(next_entry(entries, step))
    return entries


def move_class(folder: Path, move: Move, after: str | None = None) -> LedgerEntry:
    """Appends to the ledger, then writes dial.toml. Raises as `read_state`, under the lock.

    `after` is the hash that a signed move follows: where another came between, EvidenceError.
    """
    with _locked(folder / LEDGER) as descriptor:
        state = read_state(folder)
        entries = _with_move(state, move)
        if after is not None and entries[-1].previous != after:
            text = "another move since this one was signed"
            raise EvidenceError([_broken(folder / LEDGER, text, "the ledger that was signed for")])
        new = entries[len(state.entries) :]
        os.lseek(descriptor, 0, os.SEEK_END)
        os.write(descriptor, b"".join(json_line(entry.as_json()) for entry in new))
        os.fsync(descriptor)
        write_dial(folder, entries)
    return entries[-1]


def _adopted(state: DialState) -> Iterator[Move]:
    """The modes of a dial.toml that is older than its ledger, as the ledger's first entries."""
    if not state.without_ledger:
        return
    for name, entry in sorted(state.settings.entries.items()):
        yield Move(
            at=written_time(entry.since),
            by=entry.by,
            action_class=name,
            before=entry.mode,
            after=entry.mode,
            evidence=entry.evidence,
            reason="taken over from a dial.toml without a ledger",
        )


def written_time(moment: dt.datetime) -> str:
    """The moment as dial and ledger write it: UTC, to the second."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def repair(folder: Path) -> bool:
    """Writes dial.toml from the ledger where a kill came between; whether there was need."""
    with _locked(folder / LEDGER):
        state = read_state(folder)
        if state.behind:
            write_dial(folder, state.entries)
        return state.behind


def write_dial(folder: Path, entries: list[LedgerEntry] | tuple[LedgerEntry, ...]) -> None:
    """dial.toml as the ledger says it, classes by name."""
    lines = ["# Written by `dialgate dial set` only; ledger.jsonl says who moved what and why."]
    lines.append("schema = 1")
    for name, entry in sorted(modes_after(entries).items()):
        lines += ["", f"[class.{json.dumps(name)}]", f"mode = {json.dumps(entry.after.value)}"]
        lines += [f"since = {entry.at}", f"by = {json.dumps(entry.by)}"]
        if entry.evidence is not None:
            lines.append(f"evidence = {json.dumps(entry.evidence)}")
    write_atomically(folder / DIAL, "\n".join([*lines, ""]).encode("utf-8"))


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _whole(lines: list[bytes]) -> list[bytes]:
    """Without an empty end; a last line that was cut short stays, and breaks the chain."""
    return [line for line in lines if line.strip()]


def _broken(path: Path, text: str, expected: str = "") -> Problem:
    return Problem(
        file=show_path(path),
        found=text,
        expected=expected or "a chain in which every line seals the one before",
        advice="Sign it anew." if expected else "Restore the ledger from version control.",
    )


def _disagreeing(folder: Path, settings: DialSettings, entries: list[LedgerEntry]) -> Problem:
    names = disagreeing_classes(settings, entries)
    return Problem(
        file=show_path(folder / DIAL),
        place=", ".join(f"class.{name}" for name in names),
        found="another mode, time, name or evidence than the ledger's last entry",
        expected="what `dialgate dial set` wrote",
        advice="Restore dial.toml from version control, or move the class by `dialgate dial set`.",
    )
