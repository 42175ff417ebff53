"""Evidence that one suspect got worse, from fresh trials alone; it may be looked at any time.

Knows one case and one endpoint; leaves putting suspects together to `sequential.combined`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_BASELINE_PRIOR = (0.8, 0.2)
_CANDIDATE_PRIOR = (0.1, 1.9)
# passes and failures imagined beforehand; they steer the bet and can't make it unfair


def pair_e_value(
    *, baseline_rate: float, candidate_rate: float, baseline_passed: bool | None
) -> float:
    """The e-value of one pair in which the baseline runs only where the candidate failed.

    baseline_rate, candidate_rate: success rates that the bet expects, strictly between 0 and 1,
    fixed before the pair is seen. baseline_passed: None where the candidate passed, so that the
    baseline was not run. Its mean is at most 1 whenever the candidate is no worse.

    It is the likelihood of the expected rates over that of a common rate, the common rate being
    the share of passes among the trials expected. As a function of the true common rate its mean
    is a concave parabola with its top, 1, at that share; a better candidate only lowers it.
    Raises ValueError where the bet doesn't expect the candidate to be worse.
    Source: Turner, Ly & Grünwald (2024), carried over to a baseline trial that is run on need.

    >>> round(pair_e_value(baseline_rate=0.95, candidate_rate=0.05, baseline_passed=True), 2)
    3.61
    >>> round(pair_e_value(baseline_rate=0.95, candidate_rate=0.05, baseline_passed=None), 2)
    0.1
    """
    if not 0 < candidate_rate <= baseline_rate < 1:
        raise ValueError(f"found a bet on {baseline_rate} before and {candidate_rate} now")
    failing = 1 - candidate_rate
    common = (candidate_rate + failing * baseline_rate) / (1 + failing)
    if baseline_passed is None:
        return candidate_rate / common
    expected = baseline_rate if baseline_passed else 1 - baseline_rate
    null = common if baseline_passed else 1 - common
    return failing / (1 - common) * expected / null


@dataclass(slots=True, kw_only=True)
class Suspect:
    """The running e-value of "the candidate is no worse on this case"."""

    recorded_passes: int
    # of the baseline, before confirmation; they only steer the bets
    recorded_trials: int
    e_value: float = 1.0
    pairs: int = 0
    candidate_passes: int = 0
    baseline_passes: int = 0
    baseline_trials: int = 0
    weight: float = field(init=False)
    # how likely the suspect is a real loss, judged by the record; fixed beforehand

    def __post_init__(self) -> None:
        self.weight = (self.recorded_passes / self.recorded_trials) ** 3

    @property
    def expected_rates(self) -> tuple[float, float]:
        """Success rates of baseline and candidate that the next bet expects."""
        for_it, against = _BASELINE_PRIOR
        passes = self.recorded_passes + self.baseline_passes + for_it
        before = passes / (self.recorded_trials + self.baseline_trials + for_it + against)
        for_it, against = _CANDIDATE_PRIOR
        now = (self.candidate_passes + for_it) / (self.pairs + for_it + against)
        return before, min(now, before)

    def observe(self, *, baseline_passed: bool | None) -> None:
        """Take in one pair; None: the candidate passed."""
        before, now = self.expected_rates
        self.e_value *= pair_e_value(
            baseline_rate=before, candidate_rate=now, baseline_passed=baseline_passed
        )
        self.pairs += 1
        if baseline_passed is None:
            self.candidate_passes += 1
            return
        self.baseline_trials += 1
        self.baseline_passes += baseline_passed
