"""What a suite would not notice, as JSON and for a person at a terminal, in 80 columns.

Pure; leaves making mutants to `dialgate_evals.mutating`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_gate.wording import count_of, show_rate
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.mutating.mutant import Mutant
    from dialgate_evals.mutating.suite_mutants import ClassMutants, MutationReport
    from dialgate_gate.conditions.condition import Condition

_UNPROPOSED = "no case could be made that right behaviour passes and this fails"
_MOST_SHOWN = 3
"""Survivors of a class that a terminal shows without --verbose."""


def mutants_document(
    report: MutationReport, unmet: Mapping[str, Condition], suite: str
) -> dict[str, Any]:
    """Everything that was found; shares are 0 to 1."""
    killers = {
        id(mutant): proposal.document["id"]
        for proposal in report.proposals
        for mutant in proposal.kills
    }
    return {
        "schema": 1,
        "suite": suite,
        "cases": report.seeds,
        "recorded": report.recorded,
        "without": [{"case": name, "why": why} for name, why in report.without.items()],
        "left_out": report.left_out,
        "classes": [
            _class(item, killers, unmet.get(item.action_class.name)) for item in report.classes
        ],
        "below": {name: condition.sentence for name, condition in unmet.items()},
        "proposals": [
            {"case": item.document["id"], "replaces": item.replaces, "kills": len(item.kills)}
            for item in report.proposals
        ],
    }


def _class(
    item: ClassMutants, killers: Mapping[int, str], unmet: Condition | None
) -> dict[str, Any]:
    return {
        "action_class": item.action_class.name,
        "blast_radius": item.action_class.blast_radius.value,
        "share": None if item.share is None else round(item.share, 6),
        "asked": None if unmet is None else unmet.limit,
        "killed": sum(item.killed.values()),
        "survived": len(item.survivors),
        "undecided": item.undecided,
        "kinds": {
            kind.value: {"made": made, "killed": item.killed[kind]}
            for kind, made in item.made.items()
        },
        "survivors": [_survivor(mutant, killers) for mutant in item.survivors],
    }


def _survivor(mutant: Mutant, killers: Mapping[int, str]) -> dict[str, Any]:
    return {
        "mistake": mutant.mistake.value,
        "case": mutant.case_id,
        "sentence": mutant.sentence,
        "killed_by": killers.get(id(mutant)),
    }


def render_mutants(document: dict[str, Any], *, verbose: bool = False, width: int = 80) -> str:
    """The table of classes and what lives, the worst class first."""
    parts = [
        wrap(_headline(document), width),
        _table(document),
        *(_lived(item, width, verbose) for item in document["classes"] if item["survivors"]),
        *(wrap(printable(f"{name}: {text}"), width) for name, text in document["below"].items()),
        wrap(_basis(document), width),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(document: dict[str, Any]) -> str:
    lived = sum(item["survived"] for item in document["classes"])
    made = lived + sum(item["killed"] for item in document["classes"])
    suite = printable(document["suite"])
    if not made:
        return f"{suite}: no mistake could be made up, so nothing is known of what it notices."
    if not lived:
        return f"{suite} notices all {made:,} mistakes that were made up."
    return f"{suite} would not notice {lived:,} of {made:,} mistakes that an agent could make."


def _table(document: dict[str, Any]) -> str:
    rows = [
        [
            printable(item["action_class"]),
            item["blast_radius"],
            "–" if item["share"] is None else show_rate(item["share"]),
            f"{item['killed']:,}",
            f"{item['survived']:,}",
        ]
        for item in document["classes"]
    ]
    heads = ["class", "blast radius", "noticed", "killed", "survived"]
    return tabulate(rows, heads, tablefmt="simple", disable_numparse=True) if rows else ""


def _lived(item: dict[str, Any], width: int, verbose: bool) -> str:
    """The class's survivors, those of one kind together."""
    shown = item["survivors"] if verbose else item["survivors"][:_MOST_SHOWN]
    lines = [f"{printable(item['action_class'])} would not notice:"]
    for mutant in shown:
        place = "no case shows it" if mutant["case"] is None else f"in {mutant['case']}"
        killer = mutant["killed_by"]
        mended = "; " + (f"proposed: {killer}" if killer else _UNPROPOSED)
        text = shorten(f"{mutant['sentence']} ({place}{mended})", 400)
        lines.append(wrap(printable(text), width, "  ", "    "))
    more = len(item["survivors"]) - len(shown)
    if more:
        lines.append(f"  and {more} more; --verbose lists them")
    return "\n".join(lines)


def _basis(document: dict[str, Any]) -> str:
    recorded, cases = document["recorded"], document["cases"]
    parts = [
        (
            f"Made from {count_of(cases, 'case')}, {recorded:,} of them as a trial on record did "
            "it and the others as they expect it; no agent was run. Each kind of mistake weighs "
            "the same in what is noticed."
        ),
    ]
    if document["without"]:
        names = ", ".join(printable(item["case"]) for item in document["without"][:3])
        parts.append(
            f"Of {count_of(len(document['without']), 'case')} no right behaviour is known "
            f"({names}): run them once."
        )
    undecided = sum(item["undecided"] for item in document["classes"])
    if undecided:
        parts.append(f"{undecided:,} more only the simulator's end state could notice.")
    if document["left_out"]:
        parts.append(f"{document['left_out']:,} more were left out: 500 a case are made.")
    return " ".join(parts)
