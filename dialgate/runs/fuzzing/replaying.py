"""One variant tried again: does its failure come back, by the same confirmation as in a search?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.runs.fuzzing.confirming import Confirming
from dialgate.runs.fuzzing.search import Found
from dialgate.runs.fuzzing.shrinking import Finding

if TYPE_CHECKING:
    from dialgate.runs.fuzzing.trials import Trials
    from dialgate_evals.fuzzing.variant import Variant


def replay_variant(variant: Variant, trials: Trials) -> Found:
    """What fresh trials of the variant and its original say."""
    confirming = Confirming(trials=trials)
    (asked,) = confirming.confirm([(variant, variant.parent)])
    name = variant.relation.name
    found = Found(drawn={name: 1}, is_spent=confirming.is_spent)
    if asked.score is not None and asked.failing is not None:
        found.failed[name] = 1
        if asked.question.answer is True:
            found.findings.append(
                Finding(
                    variant=variant,
                    original=variant.parent,
                    score=asked.score,
                    failing=asked.failing,
                    passing=asked.passing,
                    e_value=asked.question.e_value,
                    is_smallest=False,
                )
            )
        elif asked.question.answer is False:
            found.noise = 1
    if asked.error is not None:
        found.not_run, found.error = [variant.case.id], asked.error
    return found
