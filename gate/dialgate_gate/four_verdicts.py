"""The four verdicts, which of two is the worse, and the exit code of each."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """What the gate says; the order is from good to bad."""

    PASS = "pass"  # noqa: S105 - the word of the contract
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    INVALID = "invalid"

    @property
    def rank(self) -> int:
        """0 for pass, 3 for invalid."""
        return list(Verdict).index(self)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of the verdicts; none at all is invalid, because silence is never a pass."""
    return max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.INVALID)


EXIT_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 3, Verdict.INVALID: 4}
