"""All mutants of a suite's behaviour, scored: per class what is noticed, and what is not.

Pure: the same suite and recordings give the same report. Leaves what is enough to `gate`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from dialgate_evals.mutating.mutant import Mistake
from dialgate_evals.mutating.operators import REGISTRY
from dialgate_evals.mutating.proposals import propose
from dialgate_evals.mutating.ranking import worst_first
from dialgate_evals.mutating.seeds import find_seeds
from dialgate_evals.mutating.unasked import unasked
from dialgate_evals.scoring.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.mutating.mutant import Mutant
    from dialgate_evals.mutating.proposals import Proposal
    from dialgate_evals.mutating.seeds import Seeds
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry

_MOST_OF_A_CASE = 500
"""Mutants of one case; a case with longer calls says how many were left out."""


@dataclass(slots=True, kw_only=True)
class ClassMutants:
    """What became of the mutants of one class."""

    action_class: ActionClass
    killed: Counter[Mistake] = field(default_factory=Counter)
    survivors: list[Mutant] = field(default_factory=list)
    undecided: int = 0
    # which only the end state of a simulator could notice

    @property
    def made(self) -> dict[Mistake, int]:
        """How many of each kind were decided, in the order of the kinds."""
        lived = Counter(mutant.mistake for mutant in self.survivors)
        return {
            kind: self.killed[kind] + lived[kind]
            for kind in Mistake
            if self.killed[kind] + lived[kind]
        }

    @property
    def share(self) -> float | None:
        """How much is noticed, 0 to 1; None where no mutant was made.

        The mean over the kinds of mistake: one kind that nobody would notice weighs the same,
        however few mutants it has beside the others.
        """
        made = self.made
        if not made:
            return None
        return sum(self.killed[kind] / count for kind, count in made.items()) / len(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationReport:
    """What the suite would notice, and what not."""

    classes: tuple[ClassMutants, ...]
    # the worst blast radius first
    without: Mapping[str, str]
    # case id to why no right behaviour of it is known
    recorded: int
    # cases whose right behaviour is a recorded trial
    seeds: int
    left_out: int
    # mutants beyond the limit of a case
    proposals: tuple[Proposal, ...]

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """Every mutant that the suite would not notice, the worst first."""
        return tuple(mutant for item in self.classes for mutant in item.survivors)


def mutate_suite(
    cases: Iterable[Case],
    recorded: Mapping[str, Trajectory],
    *,
    tools: ToolRegistry,
    actions: ActionRegistry,
) -> MutationReport:
    """Every mutant of every case, scored as a trial of an agent would be.

    `recorded` holds a passing trial by case id; a case without one stands on what it expects.
    """
    listed = list(cases)
    scorer = Scorer(tools=tools, actions=actions)
    seeds = find_seeds(listed, recorded, tools=tools, actions=actions, scorer=scorer)
    classes: dict[str, ClassMutants] = {
        item.name: ClassMutants(action_class=item) for item in seeds.classes
    }
    with_state = {case.id for case in listed if case.expect.state is not None}
    left_out = 0
    for mutant in _all_mutants(seeds):
        if mutant is None:
            left_out += 1
            continue
        found = classes.setdefault(
            mutant.action_class.name, ClassMutants(action_class=mutant.action_class)
        )
        _decide(found, mutant, scorer, with_state)
    ranked = sorted(classes.values(), key=lambda item: worst_first(item.action_class))
    survivors = [mutant for item in ranked for mutant in item.survivors]
    return MutationReport(
        classes=tuple(ranked),
        without=seeds.without,
        recorded=sum(seed.behaviour.is_recorded for seed in seeds.seeds),
        seeds=len(seeds.seeds),
        left_out=left_out,
        proposals=tuple(propose(survivors, seeds, scorer)),
    )


def _all_mutants(seeds: Seeds) -> Iterator[Mutant | None]:
    """The mutants; None stands for each that is beyond the limit of its case."""
    for seed in seeds.seeds:
        made = (mutant for operator in REGISTRY for mutant in operator(seed, seeds))
        yield from islice(made, _MOST_OF_A_CASE)
        yield from (None for _ in made)
    yield from unasked(seeds)


def _decide(found: ClassMutants, mutant: Mutant, scorer: Scorer, with_state: set[str]) -> None:
    """Scores the mutant; one that nothing notices lives."""
    behaviour = mutant.behaviour
    passed = (
        None if behaviour is None else scorer.score(behaviour.case, behaviour.trajectory()).passed
    )
    if behaviour is not None and passed is False:
        found.killed[mutant.mistake] += 1
    elif behaviour is not None and behaviour.case.id in with_state:
        found.undecided += 1
    else:
        found.survivors.append(mutant)
