"""An edited case is judged in both versions, whatever people call their cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate.check.edited_cases import edited_id
from dialgate.check.judge import Judge, judge_of_base
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.settings.settings import load_settings
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

A = "refund-000"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (set(), "a (edited)"),
        ({"a (edited)"}, "a (edited 2)"),
        ({"a (edited)", "a (edited 2)"}, "a (edited 3)"),
    ],
)
def test_an_id_that_is_taken_is_given_to_no_version(taken: set[str], expected: str) -> None:
    assert edited_id("a", taken) == expected


def test_a_case_of_that_name_has_a_version_too() -> None:
    assert edited_id("a (edited)", {"a"}) == "a (edited) (edited)"


def judged(folder: Path, *names: str, edit: str) -> Judge:
    """The judge where a change edits one of a suite's cases."""
    sides = []
    for side in ("base", "head"):
        suite = RecordedSuite(folder / side, refunds=1)
        suite.cases = [suite.cases[0] | {"id": name} for name in names]
        for index, case in enumerate(suite.cases):
            told = " Quickly." if side == "head" and case["id"] == edit else ""
            case["messages"] = [{"role": "user", "content": f"Refund the {index}th.{told}"}]
        suite.write_cases()
        sides.append(load_workspace(suite.folder))
    base, head = sides
    return judge_of_base(
        base=base,
        base_settings=load_settings(base.folder),
        head=head,
        changes=(),
        ref="base",
    )


@pytest.mark.parametrize("edit", [A, f"{A} (edited)", f"{A} (edited) (edited)"])
def test_each_version_is_one_case(tmp_path: Path, edit: str) -> None:
    judge = judged(tmp_path, A, f"{A} (edited)", f"{A} (edited) (edited)", edit=edit)
    ids = [case.id for case in judge.candidate_cases]
    assert len(ids) == len(set(ids)) == 4
    assert judge.case_set.changed == (edit,)
    assert [case.edited_from for case in judge.candidate_cases if case.edited_from] == [edit]
    assert [case.edited_from for case in judge.case_set.cases if case.edited_from] == [edit]
