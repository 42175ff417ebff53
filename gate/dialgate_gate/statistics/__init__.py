"""Methods of the gate and the dial: pure functions of counts, each with its source.

Knows numbers only; leaves what they mean to `gate`. Sides come baseline first, candidate second.
"""

from gate.statistics.binomial_bounds import (
    Bounds,
    clopper_pearson,
    clustered_failure_bounds,
    clustered_success_bounds,
)
from gate.statistics.detectable import DetectableDrop, detectable_drop, trials_for_margin
from gate.statistics.multiple_tests import AdjustedTests, holm
from gate.statistics.paired_counts import PairedCounts
from gate.statistics.paired_difference import DifferenceEstimate, difference_interval
from gate.statistics.pass_hat import pass_hat_k
from gate.statistics.stratified_test import StratifiedTest, regression_p_value

__all__ = [
    "AdjustedTests",
    "Bounds",
    "DetectableDrop",
    "DifferenceEstimate",
    "PairedCounts",
    "StratifiedTest",
    "clopper_pearson",
    "clustered_failure_bounds",
    "clustered_success_bounds",
    "detectable_drop",
    "difference_interval",
    "holm",
    "pass_hat_k",
    "regression_p_value",
    "trials_for_margin",
]
