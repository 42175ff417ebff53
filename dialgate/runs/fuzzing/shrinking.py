"""A finding made small: simpler draws by hypothesis, then less context by delta debugging.

Each step is asked of fresh trials of the smaller variant and its original; what comes out is
confirmed anew. Leaves the statistics to `confirming`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.runs.fuzzing.drawing import shrink_variant
from dialgate_evals.fuzzing.findings.pieces import pieces_of, with_pieces
from dialgate_evals.fuzzing.variant import remake
from dialgate_gate.blame.question import Answer
from dialgate_gate.blame.search import SpentError, smallest_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dialgate.runs.fuzzing.confirming import Confirming, Suspicion
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Relation, Surroundings
    from dialgate_evals.fuzzing.variant import Variant
    from dialgate_evals.suite.case import Case


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A confirmed failure: the smallest variant that was found for it."""

    variant: Variant
    original: Case
    score: TrialScore
    failing: Trajectory
    passing: Trajectory | None
    e_value: float
    is_smallest: bool
    # False: the budget was spent while it was made small


@dataclass(frozen=True, kw_only=True)
class Shrinking:
    """What it takes to make a finding small."""

    confirming: Confirming
    around: Surroundings
    make: Callable[[Relation], Callable[[Choices], Variant | None]]
    seed_of: Callable[[Relation], int]
    count: int
    # variants that were drawn of a relation of one share: the search is gone through again
    sound: Mapping[str, bool]
    # whether a case passes itself, as far as it was tried

    def smallest(self, suspicion: Suspicion, most: int) -> Finding:
        """The finding with simpler draws and less context, confirmed anew."""
        floor = self.confirming.trials.left - most
        variant, original = suspicion.variant, suspicion.original
        simpler = self._with_simpler_draws(suspicion, floor)
        if simpler is not None:
            variant, original = simpler, simpler.parent
        smaller, is_smallest = self._with_less_context(variant, original, suspicion, floor)
        if smaller is not None:
            variant, original = smaller
        final = suspicion
        if variant.key != suspicion.variant.key or original is not suspicion.original:
            (again,) = self.confirming.confirm([(variant, original)])
            if again.question.answer is True:
                final = again
            else:
                is_smallest = False
        assert final.failing is not None
        assert final.score is not None
        return Finding(
            variant=final.variant,
            original=final.original,
            score=final.score,
            failing=final.failing,
            passing=final.passing,
            e_value=final.question.e_value,
            is_smallest=is_smallest,
        )

    def _with_simpler_draws(self, suspicion: Suspicion, floor: int) -> Variant | None:
        relation = suspicion.variant.relation

        def fails(variant: Variant) -> bool:
            if self.confirming.trials.left <= floor or not self.sound.get(variant.parent.id, True):
                return False
            return self.confirming.fails_still(variant, variant.parent, suspicion)

        return shrink_variant(
            self.make(relation),
            [suspicion.variant.key],
            fails,
            seed=self.seed_of(relation),
            count=self.count * relation.share,
        )

    def _with_less_context(
        self, variant: Variant, original: Case, suspicion: Suspicion, floor: int
    ) -> tuple[tuple[Variant, Case] | None, bool]:
        """The variant of the smallest version of the original, and whether none is smaller."""
        pieces = pieces_of(original)
        made: dict[frozenset[int], tuple[Variant, Case]] = {}

        def ask(chosen: Iterable[int]) -> Answer:
            kept = frozenset(chosen)
            if self.confirming.trials.left <= floor:
                raise SpentError
            parent = with_pieces(original, [pieces[place] for place in kept])
            smaller = remake(variant, parent, self.around)
            if smaller is None or not self.confirming.fails_still(smaller, parent, suspicion):
                return Answer.HOLDS
            made[kept] = smaller, parent
            return Answer.BREAKS

        kept, is_smallest = smallest_part(len(pieces), ask)
        return (None if kept is None else made[kept]), is_smallest
