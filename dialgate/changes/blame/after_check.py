"""`check --blame N`: after a fail, which change broke it, within what is left of the calls.

Adds what was found to the verdict's document and changes nothing else of it: what can't be searched
says why, and the verdict stays what it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialgate.changes.blame.blaming import blame
from dialgate_evals.errors import DialgateError
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    from dialgate.changes.blame.blaming import BlameRequest


def add_blame(document: dict[str, Any], request: BlameRequest) -> None:
    """Puts `blame` into the document of a failing check; `request.budget` is the most it may cost.

    Its trials count as calls of the check, which stay under `max_agent_calls`.
    """
    if document["verdict"] != "fail":
        return
    usage = document["usage"]
    try:
        most = load_settings(request.folder).policy.gate.max_agent_calls
        left = max(0, min(request.budget, most - usage["agent_calls"]))
        if left == 0:
            document["blame"] = {"why_not": f"max_agent_calls ({most:,}) is spent"}
            return
        found = blame(replace(request, budget=left), verdict=document)
    except DialgateError as error:
        document["blame"] = {"why_not": " ".join(str(error).split())[:600]}
        return
    document["blame"] = found
    usage["blame_calls"] = found["trials"]
    usage["agent_calls"] += found["trials"]
