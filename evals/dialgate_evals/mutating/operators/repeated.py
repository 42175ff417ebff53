"""An action dropped, or done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.argument_rules import parse_pointer
from dialgate_evals.mutating.behaviour import with_deeds
from dialgate_evals.mutating.leaves import leaves_of, with_value
from dialgate_evals.mutating.mutant import Mistake, Mutant, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from dialgate_evals.mutating.seeds import Seed, Seeds
    from dialgate_evals.suite.tools import Tool


def drop(seed: Seed, _seeds: Seeds) -> Iterator[Mutant]:
    """Each action of the seed left out, all others done."""
    deeds = seed.behaviour.deeds
    for act in seed.acts:
        rest = (*deeds[: act.position], *deeds[act.position + 1 :])
        yield Mutant(
            mistake=Mistake.DROPPED,
            action_class=act.action_class,
            sentence=f"{act.deed.name} is not called",
            behaviour=with_deeds(seed.behaviour, rest),
            place=Place(act=act.position),
        )


def double(seed: Seed, seeds: Seeds) -> Iterator[Mutant]:
    """Each action done once more, under a key of its own where the tool has one for repeats."""
    deeds = seed.behaviour.deeds
    for act in seed.acts:
        arguments = _under_another_key(act.deed.arguments, seeds.tools.get(act.deed.name))
        again = type(act.deed)(name=act.deed.name, arguments=arguments)
        twice = (*deeds[: act.position + 1], again, *deeds[act.position + 1 :])
        yield Mutant(
            mistake=Mistake.DOUBLED,
            action_class=act.action_class,
            sentence=f"{act.deed.name} is called twice",
            behaviour=with_deeds(seed.behaviour, twice),
            place=Place(act=act.position),
        )


def _under_another_key(arguments: Mapping[str, Any], tool: Tool | None) -> Mapping[str, Any]:
    """A repeat under the same key is harmless by the tool's own word, and so no mistake."""
    pointer = None if tool is None else tool.idempotency_pointer
    if pointer is None:
        return arguments
    path = parse_pointer(pointer)
    found = next((leaf for leaf in leaves_of(arguments) if leaf.pointer == path), None)
    if found is None or not isinstance(found.value, str):
        return arguments
    other: Mapping[str, Any] = with_value(arguments, path, f"{found.value}-again")
    return other
