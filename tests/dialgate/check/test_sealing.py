"""A check that a change could move, feed or read says so, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dialgate.changes.baselines import RecordBaseline, ReleaseFileBaseline
from dialgate.check.sealing import seal_document, unsealed_gaps, why_not_sealed
from dialgate.git.base_ref import GitBaseline
from dialgate_evals.running.containment.walls import NO_WALLS, MachineWalls, Means, Wall
from dialgate_evals.suite.suite import AgentKind, AgentSettings, Suite
from dialgate_gate.changes.judged.judge_change import JudgeChange
from dialgate_gate.comparing.gap import Gap
from dialgate_reports.words.alerts import seal_line

BASE = GitBaseline(ref="main", commit="1" * 40)
WALLED = MachineWalls(
    means=Means.NAMESPACES,
    stands=frozenset({Wall.READ, Wall.WRITE, Wall.PROCESSES, Wall.NETWORK}),
)


def a_suite(kind: AgentKind) -> Suite:
    return Suite(name="s", cases=("c.jsonl",), agent=AgentSettings(kind=kind))


def why(baseline: Any, kind: AgentKind, machine: MachineWalls = WALLED, **more: Any) -> str:
    found = why_not_sealed(
        baseline, judging=a_suite(kind), folder=Path("/"), machine=machine, **more
    )
    return " ".join(found)


@pytest.mark.parametrize("kind", [AgentKind.PYTHON, AgentKind.COMMAND, AgentKind.CHAT])
def test_behind_walls_and_with_a_base_it_is_sealed(kind: AgentKind) -> None:
    assert why(BASE, kind) == ""


def test_an_endpoint_needs_no_walls() -> None:
    assert why(BASE, AgentKind.CHAT, NO_WALLS) == ""


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (AgentKind.PYTHON, "no sandbox"),
        (AgentKind.COMMAND, "no sandbox"),
        (AgentKind.HTTP, "others start it"),
        (AgentKind.TRANSCRIPT, "recorded"),
    ],
)
def test_what_nothing_contains_is_unsealed(kind: AgentKind, word: str) -> None:
    assert word in why(BASE, kind, NO_WALLS)


@pytest.mark.parametrize(
    ("baseline", "more", "word"),
    [
        (ReleaseFileBaseline(path=Path("r.toml")), {}, "release file"),
        (RecordBaseline(folder=Path("run")), {}, "run record"),
        (None, {}, "no git checkout"),
        (BASE, {"is_first": True}, "first release"),
    ],
)
def test_without_a_base_that_judges_it_is_unsealed(
    baseline: Any, more: dict[str, Any], word: str
) -> None:
    found = why(baseline, AgentKind.CHAT, **more)
    assert word in found
    assert "the change's own" in found


def test_it_is_a_gap_only_where_a_seal_is_asked_for() -> None:
    assert unsealed_gaps(["Why."], asked=False) == ()
    assert unsealed_gaps([], asked=True) == ()
    (gap,) = unsealed_gaps(["Why."], asked=True)
    assert (gap.gap, "Why." in gap.reason) == (Gap.UNSEALED, True)


def test_the_verdict_says_all_of_it_and_reports_show_why() -> None:
    document: dict[str, Any] = {}
    change = JudgeChange(path="suite.toml trials", detail="lowers trials from 2 to 1")
    seal_document(
        document,
        why=["No walls."],
        changes=[change],
        allowed=["suite-change"],
        ledger_head="sha256:1",
    )
    assert document["sealed"] is False
    assert document["judge_changes"][0]["allowed"] is True
    assert document["ledger"] == {"head": "sha256:1"}
    assert seal_line(document) == "Unsealed: No walls."
    assert seal_line({"sealed_why": []}) == seal_line({}) == ""
