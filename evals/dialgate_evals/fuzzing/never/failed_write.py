"""A write fails and then works."""

from __future__ import annotations

from functools import partial

from dialgate_evals.fuzzing.never.faulty import faulty_write
from dialgate_evals.fuzzing.relation import Family, Relation

RELATION = Relation(
    name="failed-writes",
    family=Family.NEVER,
    keeps="the same actions, each once, or people are asked, and nothing else is made up",
    vary=partial(faulty_write, fault="error", times=1, words="fails once"),
)
