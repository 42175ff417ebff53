"""How much of an agent's mistakes a suite notices, beside a verdict or a recommendation.

Shown whatever the policy asks; it decides only where a mode names a share (`mutant_conditions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.mutating.suite_mutants import ClassMutants


def noticed_class(item: ClassMutants) -> dict[str, Any]:
    """One class: the share, 0 to 1, or None where no mistake could be made up; the worst survivor.

    Survivors stand by kind of mistake as they were made; the first is the one that is named.
    """
    worst = item.survivors[0] if item.survivors else None
    return {
        "action_class": item.action_class.name,
        "share": None if item.share is None else round(item.share, 6),
        "made": sum(item.made.values()),
        "survived": len(item.survivors),
        "worst": None
        if worst is None
        else {"mistake": worst.mistake.value, "sentence": worst.sentence, "case": worst.case_id},
    }


def noticed_document(classes: Iterable[ClassMutants]) -> list[dict[str, Any]]:
    """Every class of which a mistake could be made up, the worst blast radius first."""
    return [noticed_class(item) for item in classes if item.made]
