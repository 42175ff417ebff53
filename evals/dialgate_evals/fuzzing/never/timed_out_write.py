"""A write times out: nobody knows whether it took effect."""

from __future__ import annotations

from functools import partial

from dialgate_evals.fuzzing.never.faulty import faulty_write
from dialgate_evals.fuzzing.relation import Family, Relation

RELATION = Relation(
    name="timed-out-writes",
    family=Family.NEVER,
    keeps="the same actions, each once even if the call that timed out worked, or people are asked",
    vary=partial(
        faulty_write, fault="timeout", times=1, words="times out once, and may have worked"
    ),
    as_if_done=True,
)
