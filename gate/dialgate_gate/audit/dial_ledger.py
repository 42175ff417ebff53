"""Whether a dial says what its ledger says, and the digest that anchors the ledger.

Pure; leaves files to `dialgate.dial.dial_files` and what a change does to both to `dialgate.check`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dialgate_gate.audit.ledger import FIRST, modes_after, read_ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dialgate_gate.audit.ledger import LedgerEntry
    from dialgate_gate.settings.dial import DialEntry, DialSettings


def head_of(entries: Sequence[LedgerEntry]) -> str:
    """The digest that anchors the ledger: its last entry's, which seals all before it."""
    return entries[-1].hash if entries else FIRST


def forgotten_head(entries: Sequence[LedgerEntry], earlier: Iterable[bytes]) -> str | None:
    """The head of an earlier content of the ledger that is not in it any more; None: it went on.

    `earlier` are whole files. One whose chain is broken says nothing.
    """
    known = {entry.hash for entry in entries}
    for content in earlier:
        lines = [line for line in content.splitlines(keepends=True) if line.strip()]
        before, defects = read_ledger(lines)
        if before and not defects and before[-1].hash not in known:
            return before[-1].hash
    return None


def promotions(entries: Iterable[LedgerEntry]) -> dict[str, LedgerEntry]:
    """By class the last promotion to the mode that it is in, or beyond it.

    A class that fell since rests on the evidence by which it had risen so far.
    """
    found: dict[str, LedgerEntry] = {}
    listed = list(entries)
    for name, last in modes_after(listed).items():
        for entry in listed:
            rose = entry.after.rank > entry.before.rank or entry.before is entry.after
            if entry.action_class == name and rose and entry.after.rank >= last.after.rank:
                found[name] = entry
    return found


def disagreeing_classes(settings: DialSettings, entries: Iterable[LedgerEntry]) -> list[str]:
    """Classes of which the dial doesn't say what the ledger's last entry says."""
    last = modes_after(entries)
    names = sorted({*settings.entries, *last})
    return [
        name for name in names if _signature(settings.entries.get(name)) != _written(last, name)
    ]


def _signature(entry: DialEntry | None) -> tuple[object, ...] | None:
    if entry is None:
        return None
    since = entry.since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (entry.mode.value, since, entry.by, entry.evidence)


def _written(last: dict[str, LedgerEntry], name: str) -> tuple[object, ...] | None:
    entry = last.get(name)
    return None if entry is None else (entry.after.value, entry.at, entry.by, entry.evidence)
