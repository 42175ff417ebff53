"""A lookup answers slowly."""

from __future__ import annotations

from functools import partial

from dialgate_evals.fuzzing.never.faulty import faulty_read
from dialgate_evals.fuzzing.relation import Family, Relation

RELATION = Relation(
    name="slow-reads",
    family=Family.NEVER,
    keeps="the same actions, each once, or people are asked",
    vary=partial(faulty_read, fault="slow", times=1, words="answers slowly"),
)
