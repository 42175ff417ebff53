"""What of each requirement a pack shows, by which file; computed from what is really in the pack.

Pure. A kind of evidence of which nothing is there, or nothing counts, is not shown; no sentence
here says that a requirement is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.audit.pack.exhibit import Exhibit, PackItem
    from dialgate_gate.audit.pack.requirement import Framework, Requirement

DISCLAIMER = (
    "This is a list of evidence. It is no assessment and no claim that a requirement is met: "
    "that is for whoever audits, by the texts themselves. They are put here in other words."
)


def map_requirements(
    frameworks: Sequence[Framework], items: Sequence[PackItem]
) -> list[dict[str, Any]]:
    """Each framework with its places: what is shown, by which file, and what is not."""
    return [
        {
            "framework": framework.name,
            "source": framework.source,
            "requirements": [_mapped(item, items) for item in framework.requirements],
        }
        for framework in frameworks
    ]


def _mapped(requirement: Requirement, items: Sequence[PackItem]) -> dict[str, Any]:
    of_kind = {
        kind: [item for item in items if item.exhibit is kind] for kind in requirement.speaks
    }
    return {
        "place": requirement.place,
        "asks": requirement.asks,
        "shown": [
            {"what": kind.value, "path": item.path, "says": item.says}
            for kind, found in of_kind.items()
            for item in found
            if item.holds
        ],
        "not_shown": [
            _missing(kind, found)
            for kind, found in of_kind.items()
            if not any(item.holds for item in found)
        ],
        "not_covered": requirement.not_covered,
    }


def _missing(kind: Exhibit, found: Sequence[PackItem]) -> dict[str, Any]:
    """Why nothing of the kind counts: nothing is there, or what is there doesn't."""
    return {
        "what": kind.value,
        "why": [{"path": item.path, "says": item.says} for item in found],
    }
