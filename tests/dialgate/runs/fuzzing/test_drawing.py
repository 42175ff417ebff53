"""Variants are drawn and made simpler, whatever was drawn before and however a relation behaves."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.runs.fuzzing.drawing import draw_variants, shrink_variant, use_folder

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.fuzzing.choices import Choices


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path) -> None:
    use_folder(tmp_path)


def numbered(draw: Choices) -> Any:
    """A variant by the number that is drawn for it."""
    return SimpleNamespace(key=str(draw.below(12)))


def test_of_each_first_failure_a_simplest_one_is_found_that_fails_too() -> None:
    for seed in range(40):
        drawn = [variant.key for variant in draw_variants(numbered, seed=seed, count=5)]
        failing = [key for key in drawn if int(key) >= 3]
        if not failing:
            continue
        asked: list[str] = []

        def fails(variant: Any, asked: list[str] = asked) -> bool:
            asked.append(variant.key)
            return int(variant.key) >= 3

        found = shrink_variant(numbered, failing[-1:], fails, seed=seed, count=5)
        assert found is not None
        assert int(found.key) >= 3
        assert len(set(asked)) == len(asked)


def test_a_relation_that_makes_another_variant_each_time_ends_the_search_and_nothing_else() -> None:
    chance = random.Random(0)

    def unsteady(draw: Choices) -> Any:
        return SimpleNamespace(key=str(draw.below(12) + chance.randrange(12)))

    for seed in range(10):
        shrink_variant(unsteady, ["7"], lambda variant: int(variant.key) > 5, seed=seed, count=5)
        assert draw_variants(unsteady, seed=seed, count=5)
