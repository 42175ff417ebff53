"""dial.toml: the oversight mode of each action class as it is now.

Knows the mode of a class without an entry; leaves changing it to `dial set` and the ledger.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import ActionClass, Effect
from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.problems import join_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEntry:
    """The mode of one class, since when, by whom, on which evidence."""

    mode: Mode
    since: dt.datetime
    by: str
    evidence: str | None = None
    # digest of the evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class DialSettings:
    """All of dial.toml: the classes that have an entry."""

    entries: Mapping[str, DialEntry] = field(default_factory=dict)

    def mode_of(self, action_class: ActionClass) -> Mode:
        """The class's mode; without an entry writes are in the loop, the rest out of it."""
        entry = self.entries.get(action_class.name)
        if entry is not None:
            return entry.mode
        is_write = action_class.effect is Effect.WRITE
        return Mode.IN_THE_LOOP if is_write else Mode.OUT_OF_THE_LOOP


def needs_lease(action_class: ActionClass, mode: Mode) -> bool:
    """Whether a lease is for the mode: a write that the agent does before people look."""
    return action_class.effect is Effect.WRITE and mode.is_autonomous


def parse_dial(document: Mapping[str, Any]) -> DialSettings:
    """The modes that a checked dial.toml says. Raises ValueError for a moment that is none."""
    return DialSettings(
        entries={
            name: DialEntry(
                mode=Mode(item["mode"]),
                since=dt.datetime.fromisoformat(item["since"]),
                by=item["by"],
                evidence=item.get("evidence"),
            )
            for name, item in document.get("class", {}).items()
        }
    )


def lease_warning(
    classes: Iterable[ActionClass], dial: DialSettings, *, required: bool
) -> str | None:
    """That modes stay in force after what they rest on has gone; None: they don't, or need none."""
    if required:
        return None
    names = [item.name for item in classes if needs_lease(item, dial.mode_of(item))]
    if not names:
        return None
    verb = "keeps its mode" if len(names) == 1 else "keep their modes"
    return (
        f"Leases are not required: {join_words(names)} {verb} at run time after what it rests on "
        "has gone. Set required = true in [lease] of policy.toml."
    )
