"""A finding as a case for a person to accept: where it is from, and what the case alone shows."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.argument_rules import EXACT
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import Origin, parse_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.fuzzing.variant import Variant


def found_case(
    variant: Variant, failing: Trajectory, passing: Trajectory | None, around: Surroundings
) -> dict[str, Any]:
    """The case to write; `failing` is a trial of the variant, `passing` one of its original.

    Some failures show only if a call that timed out took effect. There the case expects the key by
    which the tool knows a repeat, so that it fails without such a call too.
    """
    document = copy.deepcopy(dict(variant.case.document))
    if variant.relation.as_if_done:
        document = _bound(variant, document, failing, passing, around) or document
    return {
        **document,
        "origin": Origin.FUZZED.value,
        "source": {
            "relation": variant.relation.name,
            "parent": variant.parent.id,
            "seed": variant.seed,
            "altered": variant.what,
            "keeps": variant.relation.keeps,
        },
    }


def _bound(
    variant: Variant,
    document: Mapping[str, Any],
    failing: Trajectory,
    passing: Trajectory | None,
    around: Surroundings,
) -> dict[str, Any] | None:
    """The case with keys of repeats as constants; None where the right agent has other ones."""
    if passing is None:
        return None
    found = {**document, "expect": _with_keys(document["expect"], variant, around)}
    strict = parse_case(found)
    scorer = Scorer(tools=variant.tools, actions=around.actions)
    # The original's trial has the same calls as the variant's right one, without the fault.
    if not scorer.score(strict, passing).passed or scorer.score(strict, failing).passed:
        return None
    return found


def _with_keys(expect: Mapping[str, Any], variant: Variant, around: Surroundings) -> dict[str, Any]:
    """The expectation by schemas that bind the keys of repeats beside what was compared before."""

    def pattern(item: Mapping[str, Any]) -> Mapping[str, Any]:
        tool = variant.tools.get(item["name"])
        pointer = None if tool is None else tool.idempotency_pointer
        arguments = item.get("arguments")
        key = "" if pointer is None else pointer.removeprefix("/")
        if not key or "/" in key or not isinstance(arguments, dict) or key not in arguments:
            return item
        rules = around.actions.rules.get(item["name"], EXACT)
        whole = rules.normalise(arguments).key
        counts = [
            name
            for name in arguments
            if name == key
            or rules.normalise({k: v for k, v in arguments.items() if k != name}).key != whole
        ]
        asked = {name: {"const": arguments[name]} for name in counts}
        return {"name": item["name"], "where": {"properties": asked, "required": counts}}

    found = {**expect, "actions": [pattern(item) for item in expect["actions"]]}
    found["alternatives"] = [
        [pattern(item) for item in items] for items in expect.get("alternatives") or ()
    ]
    return found
