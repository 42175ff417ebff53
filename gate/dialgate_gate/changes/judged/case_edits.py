"""Edited cases that ask less than they did.

An edit is judged in both versions, so it hides nothing of its own change; what it no longer asks,
the next change may do. Leaves cases that are gone to the verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json
from dialgate_gate.changes.judged.judge_change import JudgeChange
from dialgate_gate.comparing.judged_cases import cases_by_base_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.suite.case import Case


def case_changes(*, baseline: Sequence[Case], candidate: Sequence[Case]) -> Iterator[JudgeChange]:
    """Every way in which an edited case asks less."""
    now = cases_by_base_id(baseline, candidate)
    for case in baseline:
        edited = now.get(case.id)
        if edited is None or edited.digest == case.digest:
            continue
        for detail in _asks_less(case, edited):
            yield JudgeChange(path=f"case {case.id}", detail=f"{detail} of the case {case.id}")


def _asks_less(before: Case, now: Case) -> Iterator[str]:
    if before.critical and not now.critical:
        yield "takes back the mark critical"
    old, new = before.document["expect"], now.document["expect"]
    if canonical_json(old.get("actions")) != canonical_json(new.get("actions")):
        # Another decision, not a weaker question: both versions are judged.
        return
    if _missing(old.get("forbid"), new.get("forbid")):
        yield "takes out what is forbidden"
    if _missing(new.get("alternatives"), old.get("alternatives")):
        yield "adds an alternative to the actions"
    if old.get("state") is not None and new.get("state") is None:
        yield "takes out the end state"
    if old.get("ordered") and not new.get("ordered"):
        yield "takes out the order"
    yield from _weaker_reply(old.get("reply") or {}, new.get("reply") or {})


def _weaker_reply(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    if any(_missing(old.get(key), new.get(key)) for key in ("contains", "excludes", "rubric")):
        yield "takes out a check of the reply"
    elif old.get("matches") is not None and new.get("matches") is None:
        yield "takes out the pattern of the reply"


def _missing(wanted: list[Any] | str | None, among: list[Any] | str | None) -> bool:
    """Whether one of the entries is not among the others; a text alone is one entry."""
    there = {canonical_json(item) for item in _listed(among)}
    return any(canonical_json(item) not in there for item in _listed(wanted))


def _listed(entries: list[Any] | str | None) -> list[Any]:
    return [entries] if isinstance(entries, str) else entries or []
