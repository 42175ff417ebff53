"""A lookup fails and then answers."""

from __future__ import annotations

from functools import partial

from dialgate_evals.fuzzing.never.faulty import faulty_read
from dialgate_evals.fuzzing.relation import Family, Relation

RELATION = Relation(
    name="failed-reads",
    family=Family.NEVER,
    keeps="the same actions, each once, or people are asked",
    vary=partial(faulty_read, fault="error", times=1, words="fails once"),
)
