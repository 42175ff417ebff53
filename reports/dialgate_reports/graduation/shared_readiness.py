"""What readiness is the same for every class, so that a report says it once.

Pure, from the document that `dial recommend --json` writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.problems import join_words
from dialgate_gate.wording import count_of
from dialgate_reports.graduation.graduation_words import REQUIREMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

_Key = tuple[str, bool, str]


def _key(item: Mapping[str, Any]) -> _Key:
    return item["requirement"], item["met"], item["detail"]


def shared_readiness(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The points of runbook.toml, and those that every class which asks for them finds alike.

    A point that only one class asks for is that class's own, unless the runbook's is the same.
    """
    found = {_key(item): item for item in document.get("readiness", {}).get("items", ())}
    of_kind: dict[str, list[Mapping[str, Any]]] = {}
    for entry in document["graduation"]:
        for item in entry["readiness"]:
            of_kind.setdefault(item["requirement"], []).append(item)
    for items in of_kind.values():
        if len(items) > 1 and len({_key(item) for item in items}) == 1:
            found.setdefault(_key(items[0]), items[0])
    return list(found.values())


def own_readiness(document: Mapping[str, Any], entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The points of a class that aren't said once for all."""
    shared = {_key(item) for item in shared_readiness(document)}
    return [item for item in entry["readiness"] if _key(item) not in shared]


def shared_words(document: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """How the points that are said once stand for this class; empty: it asks for none of them."""
    own = own_readiness(document, entry)
    asked = [item for item in entry["readiness"] if item not in own]
    if not asked:
        return ""
    unmet = [
        f"“{REQUIREMENTS.get(item['requirement'], item['requirement'])}”"
        for item in asked
        if not item["met"]
    ]
    text = f"Readiness, said below for all classes: {count_of(len(asked), 'point')} asked, "
    return text + (f"missing: {join_words(unmet)}." if unmet else "all met.")
