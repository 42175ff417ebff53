"""What `fuzz` found, as JSON and for a person at a terminal, in 80 columns.

Pure; leaves searching to `dialgate.runs.fuzzing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.files.problems import join_words
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.verdict.documents.explanations import explain_run
from dialgate_gate.wording import count_of
from dialgate_reports.words.case_text import describe_case, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.fuzzing.variant import Variant
    from dialgate_evals.suite.case import Case

_FAMILIES = {
    "same_actions": "the same actions",
    "moves_as_it_should": "moves as it should",
    "never": "never",
}


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
    lines = [wrap(_headline(document), width)]
    for number, item in enumerate(document["findings"], 1):
        lines += ["", *_finding(number, item, width)]
    if verbose:
        lines += ["", *_relations(document, width)]
    lines += ["", wrap(_basis(document), width)]
    if document["found"]:
        lines += ["", wrap(_next_step(document), width)]
    return "\n".join(lines) + "\n"


def _headline(document: Mapping[str, Any]) -> str:
    suite = printable(document["suite"])
    tried = sum(item["tried"] for item in document["relations"])
    found = len(document["findings"])
    what = count_of(found, "finding") if found else "nothing found"
    return f"{suite}: {what} in {count_of(tried, 'variant')} of its cases."


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
    for family, words in _FAMILIES.items():
        items = [item for item in document["relations"] if item["family"] == family]
        shown = [f"{item['relation']} {item['failed']} of {item['tried']}" for item in items]
        if shown:
            yield wrap(f"{words}: {'; '.join(shown)}", width, "  ", "    ")


def _basis(document: Mapping[str, Any]) -> str:
    parts = [
        (
            f"{count_of(document['trials'], 'trial')} of at most {document['budget']:,}, seed "
            f"{document['seed']}. Each finding failed again in fresh trials while its case "
            "passed; that any of them is noise has a chance under "
            f"{100 * document['error']:g} %."
        )
    ]
    if document["noise"]:
        parts.append(f"{count_of(document['noise'], 'failure')} did not come back clearly enough.")
    untried = [item["relation"] for item in document["relations"] if not item["tried"]]
    if untried:
        parts.append(f"No case of the suite has what these are about: {join_words(untried)}.")
    if document["left_out"]:
        names = [printable(name) for name in document["left_out"][:3]]
        cases = count_of(len(document["left_out"]), "case")
        parts.append(f"Left out, for failing without any change too: {cases} ({', '.join(names)}).")
    if document["unasked"]:
        parts.append(
            f"For {count_of(document['unasked'], 'variant')} more the budget had no trial."
        )
    parts += [
        f"The suite's own relation broke: {printable(text)}."
        for text in document["own_relations"]["failures"]
    ]
    return " ".join(parts)


def _next_step(document: Mapping[str, Any]) -> str:
    return (
        f"The cases lie in {document['found']}. To make those that are right the suite's: "
        f"dialgate cases take SUITE {document['found']}"
    )
