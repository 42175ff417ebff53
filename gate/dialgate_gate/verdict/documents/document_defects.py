"""Whether a JSON value that somebody handed over is a verdict document, and what it lacks."""

from __future__ import annotations

from dialgate_gate.four_verdicts import Verdict

_KEYS = {
    "verdict": str, "suite": str, "release": dict, "classes": list, "cases": dict, "usage": dict,
    "reasons": list, "explanations": list, "changes": list, "pass_rates": dict, "judged_by": str,
    "reproduce": str, "graduation": list, "gaps": list, "budget": list,
}  # fmt: skip


def document_defects(document: object) -> list[str]:
    """What keeps a JSON value from being a verdict document; empty where nothing does."""
    if not isinstance(document, dict):
        return ["no JSON object"]
    if document.get("schema") != 1:
        return [f"the schema {document.get('schema')!r}, not 1"]
    defects = [
        f'no usable "{key}"'
        for key, kind in _KEYS.items()
        if not isinstance(document.get(key), kind)
    ]
    if not defects and document["verdict"] not in set(Verdict):
        defects.append(f"the unknown verdict {document['verdict']!r}")
    return defects
