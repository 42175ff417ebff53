"""One difference between two sides of a suite: what differs, whether it triggers, whom it touches.

The type only; leaves finding differences to the modules that know prompts, cases and settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dialgate_gate.changes.text_difference import Piece

COMPONENTS = (
    "prompts", "tools", "model", "code", "transcripts",
    "cases", "classes", "policy", "suite", "simulator", "judge",
    "dial", "runbook", "baseline",
)  # fmt: skip
"""What is compared, in the order in which it is shown: the release, its judge, the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentChange:
    """One difference in one component."""

    component: str
    # one of COMPONENTS
    path: str
    # file, tool, case, class or key; empty: the component as a whole
    kind: str
    # an open word: changed, added, removed, renamed, edited, …
    detail: str = ""
    triggers: bool = True
    # whether `check` may judge otherwise for it; False: named, and nothing is run
    classes: tuple[str, ...] = ()
    # action classes that it may affect; empty where no class is named
    tool: str | None = None
    # the candidate's name of the tool that it is about; None: it is about no tool
    difference: tuple[Piece, ...] = ()
    # pieces of the texts, as in `dialgate_gate.changes.text_difference`

    @property
    def order(self) -> tuple[int, str, str]:
        """The place in a list of changes."""
        return COMPONENTS.index(self.component), self.path, self.kind

    def as_json(self) -> dict[str, Any]:
        """The change as the document of `changes` holds it."""
        return {
            "component": self.component,
            "path": self.path,
            "kind": self.kind,
            "detail": self.detail,
            "triggers": self.triggers,
            "classes": list(self.classes),
            **({"difference": list(self.difference)} if self.difference else {}),
        }
