"""Methods of the gate and the dial: pure functions of counts, each with its source.

Knows numbers only; leaves what they mean to `gate`. Sides come baseline first, candidate second.
"""

from dialgate_gate.statistics.binomial_bounds import (
    Bounds,
    clopper_pearson,
    clustered_failure_bounds,
    clustered_success_bounds,
)
from dialgate_gate.statistics.detectable import (
    DetectableDrop,
    detectable_drop,
    loss_power,
    trials_for_margin,
)
from dialgate_gate.statistics.multiple_tests import AdjustedTests, holm
from dialgate_gate.statistics.paired_counts import PairedCounts
from dialgate_gate.statistics.paired_difference import DifferenceEstimate, difference_interval
from dialgate_gate.statistics.pass_hat import pass_hat_k
from dialgate_gate.statistics.stratified_test import StratifiedTest, regression_p_value

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
    "loss_power",
    "pass_hat_k",
    "regression_p_value",
    "trials_for_margin",
]
