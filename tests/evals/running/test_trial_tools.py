"""Tools are made once a case, and kept only for cases that may come again."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import ActionRegistry
from dialgate_evals.running import trial_tools
from dialgate_evals.running.trial_tools import TrialTools
from dialgate_evals.suite.case import Case, parse_case
from dialgate_evals.suite.tools import ToolRegistry

if TYPE_CHECKING:
    import pytest


def a_case(number: int) -> Case:
    answers = [{"name": "look", "arguments": {"id": number}, "result": f"{number}"}]
    return parse_case(
        {
            "id": f"c-{number}",
            "origin": "golden",
            "messages": [{"role": "user", "content": f"Refund {number}"}],
            "recordings": answers,
            "expect": {"actions": []},
        }
    )


def tools() -> TrialTools:
    return TrialTools(
        tools=ToolRegistry(tools={}),
        actions=ActionRegistry(classes=()),
        most_calls=5,
        make_world=None,
    )


def test_a_case_that_comes_once_leaves_no_tools_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes after 2,000 cases and after 1,000, which were 600 a case."""
    monkeypatch.setattr(trial_tools, "_FOR_ONE_TRIAL", 50)
    cases = [a_case(number) for number in range(2000)]
    opened = tools().for_one_trial_each()
    held = []
    tracemalloc.start()
    try:
        for number, case in enumerate(cases, 1):
            opened.open(case)
            if number in {1000, 2000}:
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[1] - held[0] < 1000 * 50
