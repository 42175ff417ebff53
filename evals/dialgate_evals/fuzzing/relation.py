"""A relation: how a case is altered, and what must then stay equal, move, or never happen.

Leaves each relation to a file of its own and their list to `fuzzing.registry`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry


class Family(StrEnum):
    """What a relation is about."""

    SAME = "same_actions"
    MOVES = "moves_as_it_should"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedAct:
    """A call that somebody might plant an order for."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a relation may know of the suite around a case."""

    tools: ToolRegistry
    actions: ActionRegistry
    rules: str = ""
    # prompts and tool descriptions: words in it mean something to the agent
    acts: tuple[PlantedAct, ...] = ()
    # typical writes of the suite, the worst class first
    is_simulated: bool = False
    # a simulator answers: its records keep their names and amounts whatever a case says
    planted: tuple[str, ...] = ()
    # forms of orders beside those of `never.planted_texts`


@dataclass(frozen=True, kw_only=True)
class Altered:
    """A case altered by a relation."""

    document: dict[str, Any]
    # the case as a JSON object; its id and origin are put in later
    what: str
    # what was altered, for people
    tools: ToolRegistry | None = None
    # other tools than the release's; None: the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A way to vary a case, and what must hold between both when an agent is run on them."""

    name: str
    # words joined by hyphens
    family: Family
    keeps: str
    # what must stay equal, move or never happen: a sentence for people
    vary: Callable[[Case, Surroundings, Choices], Altered | None]
    # None: the case has nothing that the relation is about
    share: int = 1
    # how many times as many variants are drawn as of others: each is about something else
    is_of_records: bool = False
    # it calls records otherwise, or moves their amounts: nothing that a simulator would follow
    as_if_done: bool = False
    # a write that timed out is judged as if it had taken effect, too: nothing may be done twice
