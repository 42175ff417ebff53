"""Whether the dial's bounds hold where a task has several reviews that are alike.

Run `python benchmarks/dial/alike_reviews.py`; fixed seeds, under a minute. Each class stays at the
limit exactly: a promotion or a demotion is wrong. Reviews of a task all end as one of them does,
which is the worst that they can be to each other.
"""

from __future__ import annotations

from math import log

import numpy as np

from dialgate_gate.statistics.rise_detector import mixed_rates, start_weight
from dialgate_gate.statistics.upper_rate import log_product_below

LIMIT, CONFIDENCE, ALPHA = 0.05, 0.95, 0.01
STREAMS, DAYS, TASKS_A_DAY = 1_000, 100, 20


def streams() -> np.ndarray:
    """Whether each task of each class had an intervention."""
    generator = np.random.default_rng(20261129)
    return generator.random((STREAMS, DAYS * TASKS_A_DAY)) < LIMIT


def most_interventions(reviews: int) -> int:
    """So many in so many reviews still show a rate under the limit; -1: not even none does."""
    asked, most = -log(1 - CONFIDENCE), -1
    while most + 1 < LIMIT * reviews and log_product_below(most + 1, reviews, LIMIT) >= asked:
        most += 1
    return most


def ever_promoted(tasks: np.ndarray, each: int) -> float:
    """The share of classes whose rate is shown to lie under the limit on any day."""
    sums = np.cumsum(tasks, axis=1)[:, TASKS_A_DAY - 1 :: TASKS_A_DAY] * each
    most = [most_interventions((day + 1) * TASKS_A_DAY * each) for day in range(DAYS)]
    return float(np.mean((sums <= np.array(most)).any(axis=1)))


def ever_demoted(tasks: np.ndarray, each: int) -> float:
    """The share of classes whose rate is shown to have risen over the limit, ever."""
    rates = np.array(mixed_rates(LIMIT))[:, None]
    up, down = rates / LIMIT, (1 - rates) / (1 - LIMIT)
    mixture, spent, number = np.zeros((len(rates), len(tasks))), 0.0, 0
    found = np.zeros(len(tasks), dtype=bool)
    for ones in tasks.T:
        for _ in range(each):
            number += 1
            weight = start_weight(number)
            spent += weight
            mixture = np.minimum((mixture + weight) * np.where(ones, up, down), 1e300)
            found |= mixture.mean(axis=0) + 1 - spent >= 1 / ALPHA
    return float(found.mean())


def main() -> None:
    """Prints the table of docs/explanation/dial-statistics.md."""
    tasks = streams()
    print(
        "| reviews a task | promoted wrongly: by review | by task | demoted: by review | by task |"
    )
    print("| --- | --- | --- | --- | --- |")
    promoted, demoted = ever_promoted(tasks, 1), ever_demoted(tasks, 1)
    for each in (1, 3, 5, 10):
        print(
            f"| {each} | {ever_promoted(tasks, each):.1%} | {promoted:.1%} "
            f"| {ever_demoted(tasks, each):.1%} | {demoted:.1%} |"
        )


if __name__ == "__main__":
    main()
