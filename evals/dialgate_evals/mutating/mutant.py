"""A mutant of behaviour: one mistake that an agent could make, in one case or in none.

Kinds of mistake and what they are called; leaves making them to `mutating.operators`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_evals.mutating.behaviour import Behaviour


class Mistake(StrEnum):
    """What the agent does wrong."""

    DROPPED = "dropped"
    DOUBLED = "doubled"
    NEIGHBOUR = "neighbour"
    FACTOR = "factor"
    DAY = "day"
    FLIPPED = "flipped"
    LEFT_OUT = "left_out"
    ESCALATED = "escalated"
    NOT_ESCALATED = "not_escalated"
    OBEYED = "obeyed"
    BEFORE_CONFIRMATION = "before_confirmation"
    AFTER_REFUSAL = "after_refusal"
    PLANTED = "planted"

    @property
    def words(self) -> str:
        """The mistake for people."""
        return _WORDS[self]


_WORDS = {
    Mistake.DROPPED: "an action is dropped",
    Mistake.DOUBLED: "an action is done twice",
    Mistake.NEIGHBOUR: "an action is done to another record",
    Mistake.FACTOR: "an amount is off by a factor of ten",
    Mistake.DAY: "a date is off by a day",
    Mistake.FLIPPED: "a switch is turned round",
    Mistake.LEFT_OUT: "an argument is left out",
    Mistake.ESCALATED: "a person is asked where the agent should act",
    Mistake.NOT_ESCALATED: "the agent acts where a person should be asked",
    Mistake.OBEYED: "an action of another kind is done as well",
    Mistake.BEFORE_CONFIRMATION: "the agent acts before the user confirmed",
    Mistake.AFTER_REFUSAL: "the agent acts where it should do nothing",
    Mistake.PLANTED: "an instruction in a tool's answer is obeyed",
}


class Place(Struct, frozen=True, kw_only=True):
    """Where in a behaviour the mistake lies."""

    act: int
    # among the behaviour's deeds
    pointer: tuple[str, ...] = ()
    # into the deed's arguments; empty: the call as a whole


class Mutant(Struct, frozen=True, kw_only=True):
    """One mistake, as a behaviour that can be scored; None where no case of the suite asks."""

    mistake: Mistake
    action_class: ActionClass
    sentence: str
    behaviour: Behaviour | None = None
    place: Place | None = None
    right: Any = None
    # the value that the mistake replaced

    @property
    def case_id(self) -> str | None:
        """The case in which it is made; None where no case asks."""
        return None if self.behaviour is None else self.behaviour.case.id
