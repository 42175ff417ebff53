"""Faults put before the answers of a case's tools: reads that are recorded, writes that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.fuzzing.allowances import or_handed_over
from dialgate_evals.fuzzing.documents import copied
from dialgate_evals.fuzzing.relation import Altered

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case


_DONE = {"status": "ok"}
"""What a write answers where nothing says it; a simulator says it itself."""


def reads_of(case: Case) -> list[int]:
    """Recordings with an answer and without a fault, of tools that no expected action calls."""
    acting = {pattern.name for items in case.expect.lists for pattern in items}
    return [
        number
        for number, item in enumerate(case.document.get("recordings", ()))
        if "result" in item and "fault" not in item and item["name"] not in acting
    ]


def faulty_read(
    case: Case, around: Surroundings, draw: Choices, *, fault: str, times: int, words: str
) -> Altered | None:
    """A read fails so before it answers; the actions stay, or people are asked."""
    reads = reads_of(case)
    if not reads:
        return None
    document = copied(case.document)
    item = document["recordings"][draw.pick(reads)]
    item.update({"fault": fault, "times": times})
    document["expect"] = or_handed_over(document["expect"], around)
    return Altered(document=document, what=f"{item['name']} {words}")


def faulty_write(
    case: Case, around: Surroundings, draw: Choices, *, fault: str, times: int, words: str
) -> Altered | None:
    """An expected write fails so before it works; it is done once, or people are asked."""
    names = writes_of(case, around)
    if not names:
        return None
    name = draw.pick(names)
    document = copied(case.document)
    recordings = document.setdefault("recordings", [])
    known = [item for item in recordings if item["name"] == name]
    if any("fault" in item for item in known):
        return None
    broken: dict[str, Any] = {"name": name, "fault": fault, "times": times}
    if known or not around.is_simulated:
        broken["result"] = known[0].get("result", _DONE) if known else _DONE
    document["recordings"] = [item for item in recordings if item["name"] != name] + [broken]
    document["expect"] = or_handed_over(document["expect"], around)
    return Altered(document=document, what=f"{name} {words}")


def writes_of(case: Case, around: Surroundings) -> list[str]:
    """Tools of the expected writes, each once, that hand nothing over."""
    found: dict[str, None] = {}
    for pattern in case.expect.actions:
        classes = around.actions.possible_classes(pattern)
        if all(item.effect.value == "write" for item in classes):
            found[pattern.name] = None
    return list(found)
