"""The right behaviours of a suite, and what is known of them all: other records, typical actions.

A seed must pass its own case as it stands. Leaves altering seeds to `mutating.operators`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.mutating.behaviour import (
    Act,
    Behaviour,
    acts_of,
    expected_behaviour,
    recorded_behaviour,
    without_repeats,
)
from dialgate_evals.mutating.leaves import leaves_of
from dialgate_evals.suite.case import ReplyCheck

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry, Effect
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.scoring.scoring import Scorer
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A behaviour that passes its case, with the actions in it."""

    behaviour: Behaviour
    acts: tuple[Act, ...]
    confirm_before: tuple[str, ...] = ()
    # what the case asks a yes for, which only a dialogue shows: the behaviour's case leaves it out

    @property
    def case(self) -> Case:
        """The case that the recorded behaviour is of."""
        return self.behaviour.case


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """Every seed of a suite in its order, and which cases have none and why."""

    seeds: tuple[Seed, ...]
    without: Mapping[str, str]
    # case id to why no right behaviour is known
    tools: ToolRegistry
    actions: ActionRegistry
    values: Mapping[tuple[str, tuple[str, ...]], tuple[Any, ...]] = field(default_factory=dict)
    # by tool and place: what other cases have there, sorted

    def typical(self, *, effect: Effect) -> tuple[Act, ...]:
        """The first action of each class with that effect."""
        found: dict[str, Act] = {}
        for seed in self.seeds:
            for act in seed.acts:
                if act.action_class.effect is effect:
                    found.setdefault(act.action_class.name, act)
        return tuple(found.values())

    @property
    def classes(self) -> tuple[ActionClass, ...]:
        """Classes of which a seed has an action, in the order of the file; others behind."""
        found = {act.action_class.name: act.action_class for s in self.seeds for act in s.acts}
        names = [name for name in self.actions.names if name in found]
        return tuple(found[name] for name in (*names, *(n for n in found if n not in names)))


def find_seeds(
    cases: Iterable[Case],
    recorded: Mapping[str, Trajectory],
    *,
    tools: ToolRegistry,
    actions: ActionRegistry,
    scorer: Scorer,
) -> Seeds:
    """A seed for each case: its recorded trial where one passed, else what the case expects.

    `recorded` holds a passing trial by case id. The reply's checks are left out, for mutants are
    mistakes in actions; so is the end state, for only the simulator knows what they would do to it,
    and what must be asked before, for a behaviour is no dialogue.
    """
    seeds, without = [], {}
    for case in cases:
        plain = replace(
            case,
            expect=replace(
                case.expect, state=None, reply=ReplyCheck(), confirm_before=(), max_questions=None
            ),
        )
        behaviour = _passing(plain, recorded.get(case.id), tools, scorer)
        if behaviour is None:
            without[case.id] = (
                "no recorded trial passed, and no call could be made up that its patterns take"
            )
            continue
        acts = acts_of(behaviour, tools=tools, actions=actions)
        behaviour = without_repeats(behaviour, acts)
        acts = acts_of(behaviour, tools=tools, actions=actions)
        confirms = case.expect.confirm_before
        seeds.append(Seed(behaviour=behaviour, acts=acts, confirm_before=confirms))
    return Seeds(
        seeds=tuple(seeds),
        without=without,
        tools=tools,
        actions=actions,
        values=_values(seeds),
    )


def _passing(
    case: Case, recorded: Trajectory | None, tools: ToolRegistry, scorer: Scorer
) -> Behaviour | None:
    found = [] if recorded is None else [recorded_behaviour(case, recorded)]
    found.append(expected_behaviour(case, tools))
    for behaviour in found:
        if behaviour is not None and scorer.score(case, behaviour.trajectory()).passed:
            return behaviour
    return None


def _values(seeds: Iterable[Seed]) -> dict[tuple[str, tuple[str, ...]], tuple[Any, ...]]:
    found: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}
    for seed in seeds:
        for act in seed.acts:
            for leaf in leaves_of(act.deed.arguments):
                place = found.setdefault((act.deed.name, leaf.anywhere), {})
                place.setdefault(canonical_json(leaf.value), leaf.value)
    return {
        place: tuple(value for _, value in sorted(values.items()))
        for place, values in found.items()
    }
