"""A lookup times out and then answers."""

from __future__ import annotations

from functools import partial

from dialgate_evals.fuzzing.never.faulty import faulty_read
from dialgate_evals.fuzzing.relation import Family, Relation

RELATION = Relation(
    name="timed-out-reads",
    family=Family.NEVER,
    keeps="the same actions, each once, or people are asked",
    vary=partial(faulty_read, fault="timeout", times=1, words="times out once"),
)
