"""The oversight dial's position, and what a runtime gets of it: the lower of dial and lease."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """The oversight dial's position, from least to most autonomy."""

    SHADOW = "shadow"
    IN_THE_LOOP = "in_the_loop"
    ON_THE_LOOP = "on_the_loop"
    OUT_OF_THE_LOOP = "out_of_the_loop"

    @property
    def rank(self) -> int:
        """0 for shadow, 3 for out of the loop."""
        return _RANKS[self]

    @property
    def is_autonomous(self) -> bool:
        """Whether the agent acts before a person has looked: what a lease is needed for."""
        return self.rank > Mode.IN_THE_LOOP.rank


_RANKS = {word: rank for rank, word in enumerate(Mode)}


def lower_of(*modes: Mode) -> Mode:
    """The mode with the least autonomy among them; at least one."""
    return min(modes, key=lambda mode: mode.rank)


def effective_mode(dial: Mode, lease: Mode | None, *, required: bool) -> Mode:
    """What a runtime gets: the lower of dial and lease.

    Without a lease (None) a mode in which a person decides each action stays as it is. One with
    more autonomy falls to in the loop where leases are required. Not to shadow: the agent acted
    alone on the strength of its lease, but that people decide with it never rested on one.
    """
    if not dial.is_autonomous:
        return dial
    if lease is None:
        return Mode.IN_THE_LOOP if required else dial
    return lower_of(dial, lease)
