"""Which suite, class and decision comes first: declared in one place, and said on the page.

What is gravest to not know comes first; then how much the agent does alone, how far it reaches,
whether it can be taken back, how often people stepped in. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import BlastRadius, Effect
from dialgate_gate.ladder.fleet.needs import MEANINGS, NeedKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dialgate_gate.ladder.fleet.class_row import ClassRow
    from dialgate_gate.ladder.fleet.needs import Need
    from dialgate_gate.ladder.fleet.suite_row import SuiteRow

Risk = tuple[int, int, int, bool, float]
"""Lower comes first."""

TIES = (
    "how much a write may do alone, by what a runtime gives it now",
    "the blast radius",
    "whether it can't be taken back",
    "how often people step in, by its upper bound; where nothing was reviewed that is 100 %",
    "the suite's folder",
)
"""What decides between two of the same kind, in this order."""

_KINDS = list(NeedKind)
_RADII = list(BlastRadius)
_NOTHING = len(_KINDS)


def order_words() -> list[str]:
    """The order as sentences: kinds, then ties."""
    kinds = [f"{kind.value}: {MEANINGS[kind]}" for kind in _KINDS]
    return [*kinds, *(f"then {text}" for text in TIES)]


def class_risk(item: ClassRow, needs: Iterable[Need]) -> Risk:
    """Where the class stands among others, by its own needs."""
    kind = min((_KINDS.index(n.kind) for n in needs if item.name in n.classes), default=_NOTHING)
    declared = item.action_class
    alone = item.effective.rank if declared.effect is Effect.WRITE else 0
    high = 1.0 if item.rate.high is None else item.rate.high
    return kind, -alone, -_RADII.index(declared.blast_radius), declared.reversible, -high


def suite_risk(row: SuiteRow, needs: Sequence[Need]) -> Risk:
    """Where the suite stands: its gravest need, then its riskiest class."""
    kind = min((_KINDS.index(need.kind) for need in needs), default=_NOTHING)
    worst = min((class_risk(item, needs)[1:] for item in row.classes), default=None)
    if worst is None:
        # Of a suite that can't be read nothing good is assumed.
        return (kind, -len(_RADII), -len(_RADII), False, -1.0)
    return (kind, *worst)


def need_risk(row: SuiteRow, need: Need, needs: Sequence[Need]) -> Risk:
    """Where one decision stands: by its kind, then by the riskiest class that it is about."""
    about = [item for item in row.classes if not need.classes or item.name in need.classes]
    worst = min((class_risk(item, needs)[1:] for item in about), default=None)
    kind = _KINDS.index(need.kind)
    return (kind, -len(_RADII), -len(_RADII), False, -1.0) if worst is None else (kind, *worst)
