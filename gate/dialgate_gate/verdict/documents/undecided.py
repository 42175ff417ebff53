"""Cases on which a pattern or a schema could not be decided in time: named, for somebody to mend.

Such a trial fails by it; leaves what that means for a class to the verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialgate_gate.comparing.comparison import RunComparison


def undecided_document(comparison: RunComparison) -> list[dict[str, str]]:
    """`{"case", "what"}` for each, by case; both sides together."""
    sides = [side for side in (comparison.baseline, comparison.candidate) if side is not None]
    found = {
        (score.case_id, words)
        for side in sides
        for score in side.scores
        for words in score.undecided
    }
    return [{"case": case, "what": words} for case, words in sorted(found)]
