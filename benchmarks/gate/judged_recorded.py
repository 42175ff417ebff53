"""Judged replies where nothing is run again: recorded suites, a record as baseline, and labels.

Tables of `judged_gates.py` (recorded, record, labels); each prints P(pass | loss = margin),
P(fail | unchanged) and what calibration costs in power. The seeds are fixed: the same each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from judged_releases import CRITERIA, PERFECTLY_KNOWN, WAYS, Judge, Row, release_of, screen

from dialgate_gate.statistics import PairedCounts, regression_p_value
from dialgate_gate.statistics.judged.prediction_powered import powered_difference
from dialgate_gate.verdict.blocks.votes import make_votes
from dialgate_gate.verdict.recorded.judged_replies import (
    ACTING_SHARE,
    POWERED_ERROR,
    VOTED_SHARE,
    weigh_trials,
)
from dialgate_gate.verdict.recorded.powered_replies import THRESHOLDS, Reply, labelled_side
from dialgate_gate.verdict.sequential import SUITE, Side
from dialgate_gate.verdict.sequential.screened_case import voted_on

if TYPE_CHECKING:
    from judged_releases import JudgedRelease

    from dialgate_gate.verdict.sequential import ScreenedCase

_ALPHA = 0.05
_SHARES = (0.7, 0.8, 0.9, 0.95, 0.99)
_LABELS = (50, 200, 1_000)


def recorded_once(row: Row, judge: Judge, loss: float, way: str, seed: int) -> str:
    """The suite's verdict on trials that are all there is: pass, fail or neither."""
    rng = np.random.default_rng([seed, row.cases, judge.labels, 7])
    release = release_of(row, judge, loss, way, rng)
    votes = make_votes(
        dict.fromkeys(range(row.cases), CRITERIA), row.cases, {CRITERIA: judge.errors(rng)}
    )
    assert votes is not None
    cases = [screen(row, release, place, rng) for place in range(row.cases)]
    found = weigh_trials(
        cases, votes, margin=row.margin, tolerated=0.0, loss_error=VOTED_SHARE * _ALPHA
    )
    if found.is_loss_shown or acting_p_value(cases) <= ACTING_SHARE * _ALPHA:
        return "fail"
    return "pass" if found.is_excluded else "neither"


def acting_p_value(cases: list[ScreenedCase]) -> float:
    """Of the exact test on acting alone."""

    def passed(side: Side) -> np.ndarray:
        return np.array([_trials(c, side) - c.acting_failures(side).get(SUITE, 0) for c in cases])

    def trials(side: Side) -> np.ndarray:
        return np.array([_trials(c, side) for c in cases])

    counts = PairedCounts(
        baseline_passed=passed(Side.BASELINE),
        baseline_trials=trials(Side.BASELINE),
        candidate_passed=passed(Side.CANDIDATE),
        candidate_trials=trials(Side.CANDIDATE),
    )
    return float(regression_p_value(counts).p_value)


def _trials(case: ScreenedCase, side: Side) -> int:
    return case.baseline_trials if side is Side.BASELINE else case.candidate_trials


def powered_once(row: Row, judge: Judge, loss: float, way: str, seed: int, share: float) -> str:
    """The verdict by labels on so many of these very replies, whatever the judge is."""
    rng = np.random.default_rng([seed, row.cases, 11])
    release = release_of(row, judge, loss, way, rng)
    sides = []
    for side in Side:
        replies, truths = [], {}
        for place in range(row.cases):
            mine = []
            for trial in range(row.trials):
                digest = f"{seed}/{side}/{place}/{trial}"
                reply, truth = _reply(release, place, side, digest, rng)
                mine.append(reply)
                truths[digest] = truth
            replies.append(mine)
        sides.append(labelled_side(replies, truths, share))
    found = powered_difference(
        baseline=sides[0],
        candidate=sides[1],
        low_error=POWERED_ERROR / len(THRESHOLDS),
        high_error=VOTED_SHARE * _ALPHA / len(THRESHOLDS),
    )
    if found.high < 0:
        return "fail"
    return "pass" if found.low >= -row.margin else "neither"


def _reply(
    release: JudgedRelease, place: int, side: Side, digest: str, rng: np.random.Generator
) -> tuple[Reply, bool]:
    """A trial as the estimate sees it, and whether its reply is right."""
    failed, is_right = release.try_once(place, side, rng)
    if SUITE in failed and voted_on(SUITE) not in failed:
        return Reply("", says_yes=False), False
    return Reply(digest, says_yes=not failed), is_right


def _share(found: list[str], verdict: str) -> float:
    return sum(item == verdict for item in found) / len(found)


def recorded_table(gates: int) -> None:
    """One trial a side on record, which is all there is."""
    _table(gates, Row(cases=200, on_record=1), "recorded, one trial a side")


def record_table(gates: int) -> None:
    """A run record of three trials as baseline, and a candidate of one."""
    _table(gates, Row(cases=200, on_record=3), "a run record of three trials as baseline")


def _table(gates: int, row: Row, title: str) -> None:
    print(f"\n{title}: {row.agent}, {row.cases} cases, margin {row.margin:g}")
    print("| sensitivity = specificity | labels | pass, loss = margin | fail, unchanged "
          "| pass, unchanged | the same, judge known exactly |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- |")
    for share in _SHARES:
        exact = Judge(sensitivity=share, specificity=share, labels=PERFECTLY_KNOWN)
        best = [recorded_once(row, exact, 0.0, "spread", seed) for seed in range(gates)]
        for labels in _LABELS:
            judge = Judge(sensitivity=share, specificity=share, labels=labels)
            worst = max(
                _share(
                    [recorded_once(row, judge, row.margin, way, s) for s in range(gates)], "pass"
                )
                for way in WAYS
            )
            same = [recorded_once(row, judge, 0.0, "spread", seed) for seed in range(gates)]
            print(f"| {share:g} | {labels:,} | {worst:.3f} | {_share(same, 'fail'):.3f} "
                  f"| {_share(same, 'pass'):.2f} | {_share(best, 'pass'):.2f} |",
                  flush=True)  # fmt: skip


def labels_table(gates: int) -> None:
    """Labels on these very replies: any judge, also one that the candidate bought."""
    row = Row(cases=300)
    print(f"\nlabels on these very replies: {row.agent}, {row.cases} cases, margin {row.margin:g}")
    print("| judge | share drawn | pass, loss = margin | fail, unchanged | pass, unchanged |")
    print("| --- | --- | --- | --- | --- |")
    bought = Judge(sensitivity=0.99, specificity=0.97, specificity_now=0.4, labels=0)
    listed = [(f"{s:g}", Judge(sensitivity=s, specificity=s, labels=0)) for s in _SHARES]
    for words, judge in (*listed, ("bought: .97, then .4", bought)):
        for share in THRESHOLDS:
            worst = max(
                _share(
                    [powered_once(row, judge, row.margin, w, s, share) for s in range(gates)],
                    "pass",
                )
                for w in WAYS
            )
            same = [powered_once(row, judge, 0.0, "spread", s, share) for s in range(gates)]
            print(f"| {words} | {share:g} | {worst:.3f} | {_share(same, 'fail'):.3f} "
                  f"| {_share(same, 'pass'):.2f} |", flush=True)  # fmt: skip


TABLES = {"recorded": recorded_table, "record": record_table, "labels": labels_table}
