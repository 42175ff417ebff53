"""Methods of the gate and the dial: pure functions of counts, each with its source.

Knows numbers only; leaves what they mean to `gate`. Sides come baseline first, candidate second.
A method is loaded when it is first asked for: most of them need numpy, and most commands don't.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_MODULES = {
    "AdjustedTests": "multiple_tests",
    "Bounds": "binomial_bounds",
    "DetectableDrop": "detectable",
    "DifferenceEstimate": "paired_difference",
    "PairedCounts": "paired_counts",
    "StratifiedTest": "stratified_test",
    "clopper_pearson": "binomial_bounds",
    "clustered_failure_bounds": "binomial_bounds",
    "clustered_success_bounds": "binomial_bounds",
    "detectable_drop": "detectable",
    "difference_interval": "paired_difference",
    "holm": "multiple_tests",
    "loss_power": "detectable",
    "pass_hat_k": "pass_hat",
    "regression_p_value": "stratified_test",
    "trials_for_margin": "detectable",
}
"""Where each is."""

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


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
