"""Earlier trials of a run are found wherever an earlier run, or an earlier version, kept them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dialgate_evals.records.reuse.earlier_trials import CACHE, EarlierTrials
from dialgate_evals.records.reuse.trial_cache import DiskTrialCache
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.comparability import comparability_key
from dialgate_evals.suite.suite import CacheLimits
from tests.evals.records.reuse.test_trial_cache import trajectory

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.suite.case import Case

RUN = "sha256:" + "1" * 64
NOW = dt.datetime.now(dt.UTC)


def a_case(number: int) -> Case:
    said = {"role": "user", "content": f"Refund A-{number}."}
    return parse_case(
        {
            "schema": 1, "id": f"case-{number}", "origin": "golden", "messages": [said],
            "expect": {"actions": []},
        }
    )  # fmt: skip


CASES = [a_case(number) for number in range(100)]
TRIALS = [trajectory(case.id) for case in CASES]
DUE = [(case, 0) for case in CASES]


def keep(out: Path, begin: int, end: int) -> None:
    """Keeps trials as a run does that ends them together."""
    said: list[str] = []
    earlier = EarlierTrials(out, RUN, say=said.append)
    for case, trial in zip(CASES[begin:end], TRIALS[begin:end], strict=True):
        earlier.keep(case, trial)
    earlier.close(CacheLimits(), NOW)
    assert said == []


def found_in(out: Path) -> list[bool]:
    """Of each trial that is due whether it was found; only as it was kept."""
    said: list[str] = []
    earlier = EarlierTrials(out, RUN, say=said.append)
    found = earlier.find_all(DUE)
    earlier.close(CacheLimits(), NOW)
    assert said == []
    assert all(item in (None, own) for item, own in zip(found, TRIALS, strict=True))
    return [item is not None for item in found]


def test_trials_that_ended_alone_and_together_are_found(tmp_path: Path) -> None:
    keep(tmp_path, 0, 1)
    keep(tmp_path, 10, 90)
    keep(tmp_path, 90, 93)
    assert found_in(tmp_path) == [n == 0 or 10 <= n < 93 for n in range(100)]


def test_a_cache_that_holds_each_trial_alone_is_read(tmp_path: Path) -> None:
    """As versions wrote it that knew no lots."""
    cache = DiskTrialCache(tmp_path / CACHE, say=lambda _: None)
    cache.put_all((comparability_key(RUN, case, 0), TRIALS[n]) for n, case in enumerate(CASES))
    cache.close()
    assert found_in(tmp_path) == [True] * 100


def test_trials_of_another_run_are_not_found(tmp_path: Path) -> None:
    other = EarlierTrials(tmp_path, "sha256:" + "2" * 64, say=lambda _: None)
    for case, trial in zip(CASES, TRIALS, strict=True):
        other.keep(case, trial)
    other.close(CacheLimits(), NOW)
    assert not any(found_in(tmp_path))
