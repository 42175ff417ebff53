"""Mistakes, each a function from a seed to mutants; `REGISTRY` holds them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.mutating.operators.altered_arguments import alter_arguments
from dialgate_evals.mutating.operators.handed_over import hand_over
from dialgate_evals.mutating.operators.other_actions import obey
from dialgate_evals.mutating.operators.repeated import double, drop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dialgate_evals.mutating.mutant import Mutant
    from dialgate_evals.mutating.seeds import Seed, Seeds

REGISTRY: tuple[Callable[[Seed, Seeds], Iterator[Mutant]], ...] = (
    drop, double, alter_arguments, hand_over, obey,
)  # fmt: skip
