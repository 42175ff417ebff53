"""A first release is judged by the ladder's own conditions of the mode in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.conditions.condition import ConditionKind, plain_condition
from dialgate_gate.conditions.eval_conditions import eval_conditions
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.verdict import first_release
from tests.gate.verdict.made_up_gate import judge
from tests.gate.verdict.situations import SITUATIONS

if TYPE_CHECKING:
    import pytest


def test_a_further_condition_that_is_unmet_passes_no_first_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    situation = SITUATIONS["first release, reaches its bounds"]
    assert judge(situation).verdict is Verdict.PASS
    added = plain_condition(ConditionKind.EVAL_RUN, ["Something new is missing."], "")
    monkeypatch.setattr(
        first_release, "eval_conditions", lambda *of: [*eval_conditions(*of), added]
    )
    found = judge(situation)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert all("Something new is missing." in item.reasons for item in found.classes)
