"""pass^k: the chance that k trials of a case all succeed, averaged over cases."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def pass_hat_k(passed: Sequence[int], trials: Sequence[int], k: int) -> float:
    """The unbiased estimate: the mean over cases of C(passed, k) / C(trials, k).

    Raises ValueError where there is no case, or a case has fewer than k trials.
    Source: Chen et al. (2021), equation 1, for pass@k; Yao et al. (2024), tau-bench, for pass^k.

    >>> round(pass_hat_k([4, 2], [4, 4], 2), 4)
    0.5833
    """
    if not passed or k < 1 or any(n < k for n in trials):
        raise ValueError(f"pass^{k} needs at least one case and {k} trials of every case")
    shares = [comb(c, k) / comb(n, k) for c, n in zip(passed, trials, strict=True)]
    return sum(shares) / len(shares)
