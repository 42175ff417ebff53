"""What relations may know of a suite, from its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.fuzzing.relation import PlantedAct, Surroundings
from dialgate_evals.mutating.ranking import worst_first
from dialgate_evals.mutating.seeds import find_seeds
from dialgate_evals.scoring.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release


def surroundings_of(
    cases: Iterable[Case],
    release: Release,
    actions: ActionRegistry,
    planted: Iterable[str] = (),
) -> Surroundings:
    """The suite around its cases: tools, classes, rules, and typical writes for planted orders."""
    scorer = Scorer(tools=release.tools, actions=actions)
    seeds = find_seeds(cases, {}, tools=release.tools, actions=actions, scorer=scorer)
    acts = sorted(seeds.typical(effect=Effect.WRITE), key=lambda act: worst_first(act.action_class))
    return Surroundings(
        tools=release.tools,
        actions=actions,
        rules="\n".join((*release.prompts.values(), *(tool.description for tool in release.tools))),
        acts=tuple(
            PlantedAct(name=act.deed.name, arguments=dict(act.deed.arguments)) for act in acts
        ),
        planted=tuple(planted),
    )
