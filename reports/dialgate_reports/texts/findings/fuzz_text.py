"""What `fuzz` found, as JSON and for a person at a terminal, in 80 columns.

Pure; leaves searching to `dialgate.runs.fuzzing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.files.plain_text import shorten
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.verdict.documents.explanations import explain_run
from dialgate_reports.texts.findings.finding_words import FAMILIES, basis, headline, next_step
from dialgate_reports.words.case_text import describe_case, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.fuzzing.variant import Variant
    from dialgate_evals.suite.case import Case


def finding_document(
    variant: Variant,
    original: Case,
    score: TrialScore,
    failing: Trajectory,
    case: Mapping[str, Any],
    *,
    actions: ActionRegistry,
    e_value: float,
    is_smallest: bool,
) -> dict[str, Any]:
    """One finding: what was altered, what must hold, and what the agent did instead."""
    side = RunEvidence(release={}, scores=(score,))
    (entry,) = explain_run(side, collect_cases([variant.case], actions=actions))
    return {
        "relation": variant.relation.name,
        "family": variant.relation.family.value,
        "keeps": variant.relation.keeps,
        "altered": variant.what,
        "parent": original.id,
        "seed": variant.seed,
        "messages": len(variant.case.messages),
        "e_value": round(min(e_value, 1e12), 3),
        "is_smallest": is_smallest,
        "explanation": entry,
        "case": dict(case),
        "trajectory": failing.as_json(),
    }


def render_fuzz(document: dict[str, Any], *, verbose: bool = False, width: int = 80) -> str:
    """The findings, the smallest case of each, and what the search rests on."""
    lines = [wrap(headline(document), width)]
    for number, item in enumerate(document["findings"], 1):
        lines += ["", *_finding(number, item, width)]
    if verbose:
        lines += ["", *_relations(document, width)]
    lines += ["", wrap(basis(document), width)]
    if document["found"]:
        lines += ["", wrap(next_step(document), width)]
    return "\n".join(lines) + "\n"


def _finding(number: int, item: Mapping[str, Any], width: int) -> Iterator[str]:
    yield wrap(f"{number}. {item['relation']}: {item['altered']}", width, "", "   ")
    yield wrap(f"must hold: {item['keeps']}", width, "   ", "     ")
    yield wrap(f"of {item['parent']}, seed {item['seed']}", width, "   ", "     ")
    for message in item["case"]["messages"]:
        text = " ".join(text_of(message.get("content")).split())
        if text:
            yield wrap(f'{message["role"]}: "{shorten(text, 300)}"', width, "   ", "     ")
    _, *shown = describe_case({**item["explanation"], "request": None}, width - 3)
    yield from (f"   {line}" for text in shown for line in text.splitlines())
    if not item["is_smallest"]:
        yield wrap("The budget ended before it was as small as can be.", width, "   ")


def _relations(document: Mapping[str, Any], width: int) -> Iterator[str]:
    yield "Failed at first, of those tried:"
    for family, words in FAMILIES.items():
        items = [item for item in document["relations"] if item["family"] == family]
        shown = [f"{item['relation']} {item['failed']} of {item['tried']}" for item in items]
        if shown:
            yield wrap(f"{words}: {'; '.join(shown)}", width, "  ", "    ")
