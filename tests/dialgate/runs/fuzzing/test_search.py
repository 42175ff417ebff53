"""Planted defects are found and made small, noise is not, and the budget is kept."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pytest

from dialgate.runs.fuzzing.drawing import use_folder
from dialgate.runs.fuzzing.replaying import replay_variant
from dialgate.runs.fuzzing.search import Found, FuzzSearch, replay_seed
from dialgate_evals.fuzzing.findings.found_case import found_case
from dialgate_evals.fuzzing.registry import REGISTRY
from dialgate_evals.fuzzing.variant import parse_seed
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import parse_case
from tests.dialgate.runs.fuzzing.defects import DEFECTS
from tests.dialgate.runs.fuzzing.desk import Desk, DeskTrials

if TYPE_CHECKING:
    from pathlib import Path

BESIDE = ("letter-case",)
"""Tried beside the relation that should find something."""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path) -> None:
    use_folder(tmp_path)


def search(trials: DeskTrials, *names: str, seed: int = 0) -> Found:
    return FuzzSearch(
        relations=[item for item in REGISTRY if item.name in names] if names else REGISTRY,
        parents=trials.workspace.cases,
        around=trials.around,
        trials=trials,
        seed=seed,
    ).run()


@lru_cache
def found_for(name: str) -> tuple[DeskTrials, Found]:
    desk, relations = DEFECTS[name]
    trials = DeskTrials(desk, 120)
    return trials, search(trials, *relations, *BESIDE)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found_by_its_relation_and_made_small(name: str) -> None:
    _, relations = DEFECTS[name]
    trials, found = found_for(name)
    assert {item.variant.relation.name for item in found.findings} == relations
    assert trials.left >= 0
    for finding in found.findings:
        assert len(finding.variant.case.messages) <= 3
        assert finding.e_value > 1 / 0.01


def test_the_sound_agent_with_noise_has_no_finding_and_the_budget_is_kept() -> None:
    trials = DeskTrials(Desk(), 220, noise=0.2, seed=1)
    found = search(trials, *(item.name for item in REGISTRY[::3]), seed=1)
    assert found.findings == []
    assert sum(found.failed.values()) > 0
    assert 0 <= trials.left < 220


def test_the_same_seed_makes_the_same_search() -> None:
    seeds = []
    for _ in range(2):
        trials = DeskTrials(DEFECTS["boundary"][0], 80)
        seeds.append([f.variant.seed for f in search(trials, "boundaries").findings])
    assert seeds[0] == seeds[1] != []


def test_a_finding_is_tried_again_by_its_seed_and_gone_once_it_is_mended() -> None:
    trials, found = found_for("boundary")
    text = found.findings[0].variant.seed
    relations = {item.name: item for item in REGISTRY}
    seed = parse_seed(text)
    assert seed is not None
    for desk, count in ((DEFECTS["boundary"][0], 1), (Desk(), 0)):
        again = DeskTrials(desk, 60)
        variant = replay_seed(seed, relations, trials.workspace.cases_by_id, trials.around)
        assert variant is not None
        assert len(replay_variant(variant, again).findings) == count


@pytest.mark.parametrize("name", ["retry after a timeout", "boundary", "injection in a name"])
def test_the_written_case_alone_shows_the_defect(name: str) -> None:
    trials, found = found_for(name)
    finding = found.findings[0]
    document = found_case(finding.variant, finding.failing, finding.passing, trials.around)
    assert document["origin"] == "fuzzed"
    assert document["source"]["seed"] == finding.variant.seed
    case = parse_case(document)
    scorer = Scorer(tools=trials.around.tools, actions=trials.around.actions)
    assert scorer.score(case, finding.failing).passed is False


def test_a_budget_that_ends_is_said() -> None:
    found = search(DeskTrials(DEFECTS["history"][0], 12), "longer-history")
    assert found.is_spent
