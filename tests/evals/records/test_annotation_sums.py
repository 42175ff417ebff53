"""What recorded trials' own labels add up to: numbers and marks only, nothing that breaks a sum."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.records.annotation_sums import MOST_NAMES, AnnotationSum, sum_annotations


def a_trial(labels: dict[str, Any], **more: Any) -> Trajectory:
    return Trajectory(case_id="a", trial=0, messages=(), labels=labels, **more)


def test_marks_are_counted_over_the_trials_that_have_them() -> None:
    found = sum_annotations([a_trial({"ok": True}), a_trial({"ok": False}), a_trial({"ok": None})])
    assert found == {"ok": AnnotationSum(total=1.0, trials=2, is_mark=True)}


def test_other_numbers_are_no_marks() -> None:
    found = sum_annotations([a_trial({"score": 0.5}), a_trial({"score": 1})])
    assert found == {"score": AnnotationSum(total=1.5, trials=2, is_mark=False)}


def test_a_trial_that_could_not_be_run_has_no_say() -> None:
    assert sum_annotations([a_trial({"ok": True}, error="429")]) == {}


@pytest.mark.parametrize("value", ["1", [1], {"a": 1}, None, float("nan"), float("inf"), 10**400])
def test_what_cannot_be_added_up_is_left_out(value: Any) -> None:
    assert sum_annotations([a_trial({"odd": value})]) == {}


def test_of_many_names_the_first_are_kept() -> None:
    found = sum_annotations([a_trial({f"label-{i:03d}": 1 for i in range(100)})])
    assert len(found) == MOST_NAMES
