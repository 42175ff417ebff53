"""A person asked too often, or too rarely."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.mutating.behaviour import with_deeds
from dialgate_evals.mutating.mutant import Mistake, Mutant, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.mutating.seeds import Seed, Seeds


def hand_over(seed: Seed, seeds: Seeds) -> Iterator[Mutant]:
    """Each write handed to a person instead, each escalation decided by the agent itself.

    Escalations and writes are taken from other cases; a suite without them has no such mutants.
    """
    deeds = seed.behaviour.deeds
    escalations = seeds.typical(effect=Effect.ESCALATE)
    writes = seeds.typical(effect=Effect.WRITE)
    for act in seed.acts:
        is_write = act.action_class.effect is Effect.WRITE
        others = escalations if is_write else writes
        if not others:
            continue
        other = others[0]
        told = f"{other.deed.name} is called instead of {act.deed.name}"
        yield Mutant(
            mistake=Mistake.ESCALATED if is_write else Mistake.NOT_ESCALATED,
            action_class=act.action_class,
            sentence=told,
            behaviour=with_deeds(
                seed.behaviour, (*deeds[: act.position], other.deed, *deeds[act.position + 1 :])
            ),
            place=Place(act=act.position),
        )
