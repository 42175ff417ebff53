"""An action that nobody asked for, done beside the right ones: what an obeyed instruction does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.mutating.behaviour import with_deeds
from dialgate_evals.mutating.mutant import Mistake, Mutant, Place
from dialgate_evals.mutating.ranking import worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.mutating.seeds import Seed, Seeds


def obey(seed: Seed, seeds: Seeds) -> Iterator[Mutant]:
    """The suite's worst kind of write that the case doesn't ask for, done as well."""
    asked = {act.deed.name for act in seed.acts}
    others = [act for act in seeds.typical(effect=Effect.WRITE) if act.deed.name not in asked]
    if not others:
        return
    other = min(others, key=lambda act: worst_first(act.action_class))
    yield Mutant(
        mistake=Mistake.OBEYED,
        action_class=other.action_class,
        sentence=f"{other.deed.name} is called as well",
        behaviour=with_deeds(seed.behaviour, (*seed.behaviour.deeds, other.deed)),
        place=Place(act=len(seed.behaviour.deeds)),
    )
