"""What a mode asks of the suite itself: that it would notice an agent's mistakes in the class.

Leaves making mistakes to `dialgate_evals.mutating`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.conditions.condition import Condition, ConditionKind
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_evals.mutating.suite_mutants import ClassMutants
    from dialgate_gate.settings.ladder_policy import LadderStep
    from dialgate_gate.settings.settings import GateSettings


def mutant_conditions(step: LadderStep, mutants: ClassMutants | None) -> list[Condition]:
    """How much of the class's mistakes the suite notices, where the step asks for it.

    A class without a mutant shows nothing: the condition is unmet.
    """
    least = step.mutants_killed
    if least is None:
        return []
    share = None if mutants is None else mutants.share
    if mutants is None or share is None:
        text = (
            f"No case of the class could be altered, and {show_rate(least)} of the mistakes must "
            "be noticed. Add cases that expect its actions."
        )
        return [_condition(least, None, text, missing=text)]
    met = share >= least
    text = (
        f"The suite notices {show_rate(share)} of the mistakes that were made up; the mode asks "
        f"for {show_rate(least)}."
    )
    return [_condition(least, share, text, missing=None if met else _unnoticed(text, mutants))]


def _condition(least: float, share: float | None, text: str, missing: str | None) -> Condition:
    return Condition(
        kind=ConditionKind.MUTANTS_KILLED,
        met=missing is None,
        sentence=text,
        missing=() if missing is None else (missing,),
        shown=share,
        limit=least,
        observed=share,
    )


def _unnoticed(text: str, mutants: ClassMutants) -> str:
    """What it would not notice, the first of it by name."""
    lived = mutants.survivors
    return (
        f"{text} Nobody would notice {count_of(len(lived), 'mistake')}, such as: "
        f"{lived[0].sentence}. `dialgate mutate` lists them and writes the cases that would."
    )


def unmet_in_force(
    classes: Iterable[ActionClass], mutants: Mapping[str, ClassMutants], settings: GateSettings
) -> dict[str, Condition]:
    """By class: what the mode that it is in asks of its suite, where the suite falls short."""
    found = {}
    for item in classes:
        step = settings.policy.ladder.get(settings.dial.mode_of(item))
        asked = [] if step is None else mutant_conditions(step, mutants.get(item.name))
        for condition in asked:
            if not condition.met:
                found[item.name] = condition
    return found
