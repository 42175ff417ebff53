"""A lookup answers with half of an answer, and then whole."""

from __future__ import annotations

from functools import partial

from dialgate_evals.fuzzing.never.faulty import faulty_read
from dialgate_evals.fuzzing.relation import Family, Relation

RELATION = Relation(
    name="half-answers",
    family=Family.NEVER,
    keeps="the same actions, each once, or people are asked",
    vary=partial(
        faulty_read, fault="malformed", times=1, words="answers with half an answer first"
    ),
)
