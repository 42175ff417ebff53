"""What relations may know of a suite, from its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.fuzzing.documents import texts_of
from dialgate_evals.fuzzing.relation import PlantedAct, Surroundings
from dialgate_evals.mutating.ranking import worst_first
from dialgate_evals.mutating.seeds import find_seeds
from dialgate_evals.scoring.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


def surroundings_of(
    workspace: Workspace, release: Release, planted: Iterable[str] = ()
) -> Surroundings:
    """The suite around its cases: tools, classes, rules, and typical writes for planted orders.

    What the suite's own user says is a rule too: no variant of a case alters it.
    """
    actions, suite = workspace.actions, workspace.suite
    scorer = Scorer(tools=release.tools, actions=actions)
    seeds = find_seeds(workspace.cases, {}, tools=release.tools, actions=actions, scorer=scorer)
    rules = [*release.prompts.values(), *(tool.description for tool in release.tools)]
    rules += [text for _, text in texts_of(dict(suite.user.content))]
    acts = sorted(seeds.typical(effect=Effect.WRITE), key=lambda act: worst_first(act.action_class))
    return Surroundings(
        tools=release.tools,
        actions=actions,
        rules="\n".join(rules),
        acts=tuple(
            PlantedAct(name=act.deed.name, arguments=dict(act.deed.arguments)) for act in acts
        ),
        is_simulated=suite.simulator is not None,
        planted=tuple(planted),
    )
