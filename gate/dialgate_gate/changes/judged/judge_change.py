"""One change of the judge: what, in which file, and the label that allows it.

The type only; leaves finding changes to the modules beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Label(StrEnum):
    """What `--allow` may name, where the base's policy does; there are no others."""

    SUITE = "suite-change"
    # cases, classes, thresholds, schemas that excuse, suite.toml, files beside them
    RUNBOOK = "runbook-change"
    # runbook.toml, owners.toml, dial.toml without its ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeChange:
    """Something by which a change moves, feeds or weakens its own judge."""

    path: str
    # file, or file and key
    detail: str
    # what the change does to it: "raises gate.alpha from 0.05 to 0.01"
    label: Label = Label.SUITE

    @property
    def sentence(self) -> str:
        """What was done, and what makes it good."""
        return (
            f"The change {self.detail} ({self.path}). Restore it, or have a reviewer allow it with "
            f"--allow {self.label.value} where the base's policy names that label."
        )

    def as_json(self, allowed: Collection[str]) -> dict[str, Any]:
        """As the verdict lists it."""
        return {
            "path": self.path,
            "detail": self.detail,
            "label": self.label.value,
            "allowed": self.label.value in allowed,
        }


def not_allowed(
    changes: Iterable[JudgeChange], allowed: Collection[str]
) -> tuple[JudgeChange, ...]:
    """Those that no label allows."""
    return tuple(change for change in changes if change.label.value not in allowed)


def in_order(changes: Iterable[JudgeChange]) -> tuple[JudgeChange, ...]:
    """Each once, by path and detail."""
    return tuple(sorted(dict.fromkeys(changes), key=lambda change: (change.path, change.detail)))
