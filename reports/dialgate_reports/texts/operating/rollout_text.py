"""A rollout's decision for a person at a terminal: a pure function of its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_gate.wording import count_of
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORDS = {"promote": "PROMOTE", "wait": "WAIT", "roll_back": "ROLL BACK"}


def render_rollout(document: Mapping[str, Any]) -> str:
    """The decision, then each class with its figures."""
    return "\n".join(_wrapped(line) for line in _lines(document))


def _wrapped(line: str) -> str:
    """The line in 80 columns; what goes on is a step further in."""
    text = printable(line)
    indent = " " * (len(text) - len(text.lstrip()))
    return wrap(text.lstrip(), 80, indent, f"{indent}  ")


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    sides = f"{document['candidate']} against {document['baseline']}"
    yield f"{_WORDS[document['decision']]}: {document['suite']}, {sides}"
    if not document["classes"]:
        yield f"  There is no task under {document['candidate']} yet."
    elif not document["all_days"] and not any(
        item["baseline"]["reviewed"] for item in document["classes"]
    ):
        yield (
            f"  No task under {document['baseline']} since {document['since']}: where they did not "
            "run side by side, --all-days counts those before."
        )
    for item in document["classes"]:
        yield f"  {_WORDS[item['decision']].lower()} {item['action_class']}: {item['sentence']}"
        if item["tasks_to_decide"]:
            tasks = count_of(item["tasks_to_decide"], "task")
            yield f"    About {tasks} of {document['candidate']} promote it if it is as good."
        yield from _escalated(item)


def _escalated(item: Mapping[str, Any]) -> Iterator[str]:
    """Tasks that nobody decided on: each may be bad, and counts as whatever is worse."""
    counts = [item[side]["escalated_only"] for side in ("candidate", "baseline")]
    if not any(counts):
        return
    yield (
        f"    Escalated and never decided: {counts[0]} tasks against {counts[1]}; each counts as "
        "bad or good, whichever is worse."
    )
    if item["decision"] == "wait" and not item["tasks_to_decide"]:
        yield "    Deciding them decides it sooner than more tasks."
