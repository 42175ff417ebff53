"""What a rollout in production would decide where the gate can't, with its stop rule."""

from __future__ import annotations

from typing import Any

from dialgate_evals.files.plain_text import shorten

_MOST_NAME = 60


def handed_over(document: dict[str, Any]) -> str:
    """What a rollout in production would decide, with its stop rule; empty: none would."""
    rule = document.get("rollout")
    if not rule or document["verdict"] != "inconclusive":
        return ""
    share, tasks = f"{100 * rule['share']:g} %", about(rule["tasks"])
    sides = [(document[side] or {}).get("version") for side in ("release", "baseline")]
    named = " against ".join(shorten(str(side), _MOST_NAME) for side in sides if side)
    return (
        f"Production can decide it: a rollout of {share} for about {tasks} tasks of "
        f"{shorten(rule['action_class'], _MOST_NAME)} promotes it where it is as good "
        f"(dialgate rollout, {named})."
    )


def about(number: int) -> str:
    """A number rounded up to two digits: 267 is `270`.

    >>> about(267), about(1_204), about(40)
    ('270', '1,300', '40')
    """
    step = 10 ** max(0, len(str(number)) - 2)
    return f"{-(-number // step) * step:,}"
