"""How the demotion detector behaves: false alarms ever, and reviews until a change is found.

Run `python benchmarks/dial/demotion_operating_characteristics.py`; fixed seeds, some seconds.
"""

from __future__ import annotations

import numpy as np

from dialgate_gate.statistics.rise_detector import mixed_rates, start_weight

LIMIT, ALPHA = 0.05, 0.01


def first_alarms(
    before: float, after: float, *, good: int, bad: int, seeds: int, limit: float = LIMIT
) -> np.ndarray:
    """The review of the first alarm of each simulated class; 0: none."""
    generator = np.random.default_rng(20261123)
    rates = np.array(mixed_rates(limit))[:, None]
    up, down = rates / limit, (1 - rates) / (1 - limit)
    mixture, spent = np.zeros((len(rates), seeds)), 0.0
    found = np.zeros(seeds, dtype=np.int64)
    for number in range(1, good + bad + 1):
        ones = generator.random(seeds) < (before if number <= good else after)
        weight = start_weight(number)
        spent += weight
        mixture = (mixture + weight) * np.where(ones, up, down)
        alarmed = mixture.mean(axis=0) + 1 - spent >= 1 / ALPHA
        found[(found == 0) & alarmed] = number
    return found


def main() -> None:
    """Prints the table of docs/explanation/dial-statistics.md."""
    print("| rate before | rate after | alarmed before | found after: median | 95 % within |")
    print("| --- | --- | --- | --- | --- |")
    never = first_alarms(0.05, 0.05, good=20_000, bad=0, seeds=4_000)
    print(f"| 5 %, 20,000 reviews | – | {np.mean(never > 0):.2%} of 4,000 | – | – |")
    for before, after, bad in ((0.01, 0.2, 1_000), (0.02, 0.1, 4_000), (0.05, 0.1, 6_000)):
        found = first_alarms(before, after, good=2_000, bad=bad, seeds=2_000)
        early = np.mean((found > 0) & (found <= 2_000))
        delays = np.where(found == 0, bad + 1, found - 2_000)[(found == 0) | (found > 2_000)]
        middle, most = np.percentile(delays, [50, 95])
        print(
            f"| {before:.0%}, 2,000 reviews | {after:.0%} | {early:.2%} of 2,000 "
            f"| {middle:.0f} reviews | {most:.0f} |"
        )


if __name__ == "__main__":
    main()
