"""The plan turned round as JSON and for a person at a terminal, in 80 columns.

Pure; leaves the figures to `dialgate_gate.planning.inverted`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_gate.wording import count_of
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from dialgate_gate.planning.inverted import InvertedPlan


def inverted_document(plan: InvertedPlan, facts: dict[str, Any]) -> dict[str, Any]:
    """The answer as `plan --json` writes it; `interval` is Monte Carlo's."""
    return {
        "schema": 1,
        **facts,
        "answer": {
            "reached": plan.is_reached,
            "margin": plan.margin,
            "trials": plan.trials,
            "max_agent_calls": plan.max_agent_calls,
            "cases_to_add": plan.cases_to_add,
            "cases_to_add_by_class": plan.add_to,
            "unchanged_passes": {
                "share": round(plan.passed.share, 6),
                "interval": [round(plan.passed.low, 6), round(plan.passed.high, 6)],
            },
            "agent_calls": {"mean": round(plan.calls_mean, 1), "p95": plan.calls_p95},
            "held_back": list(plan.held_back),
        },
    }


def render_inverted(document: dict[str, Any], *, width: int = 80) -> str:
    """The answer for people, from its document."""
    answer = document["answer"]
    parts = [wrap(printable(_headline(document)), width)]
    if answer["reached"]:
        parts.append(_settings(document))
    parts += [wrap(printable(line), width) for line in (_cases(document), _basis(document)) if line]
    return "\n\n".join(parts) + "\n"


def _headline(document: dict[str, Any]) -> str:
    answer = document["answer"]
    who = f"{document['suite']}, {count_of(document['cases'], 'case')}"
    points, calls = f"{100 * answer['margin']:g}", f"{answer['max_agent_calls']:,}"
    passes, price = _percent(answer["unchanged_passes"]), answer["agent_calls"]
    if answer["reached"]:
        return (
            f"{who}: within {calls} agent calls a check excludes a loss of {points} points over "
            f"the suite, and an unchanged release passes in {passes} of the gates. It takes "
            f"{price['mean']:,.0f} calls on average; 95 in 100 gates need at most "
            f"{price['p95']:,}."
        )
    return (
        f"{who}: not reached. With a margin of {points} points and {calls} agent calls an "
        f"unchanged release passes in {passes} of the gates tried."
    )


def _settings(document: dict[str, Any]) -> str:
    answer = document["answer"]
    lines = [
        "Write:",
        f"  policy.toml  [gate] margin = {answer['margin']:g}",
        f"  policy.toml  [gate] max_agent_calls = {answer['max_agent_calls']}",
        f"  suite.toml   trials = {answer['trials']}",
    ]
    return "\n".join(lines)


def _cases(document: dict[str, Any]) -> str:
    answer = document["answer"]
    by_class = ", ".join(f"{n} for {name}" for name, n in answer["cases_to_add_by_class"].items())
    asked = f" min_cases asks for {by_class}." if by_class else ""
    added = answer["cases_to_add"]
    if added is None:
        held = ", ".join(answer["held_back"])
        why = f" Held back by {held}." if held else ""
        return (
            f"No number of cases that was tried reaches it.{asked}{why} A larger budget, a larger "
            "margin or a smaller share may."
        )
    if not added:
        return "No case has to be added."
    return f"Cases to add, like those there are: {added}.{asked}"


def _basis(document: dict[str, Any]) -> str:
    return (
        f"Up to {document['simulations']} gates a step of the search (seed {document['seed']}); "
        f"the baseline is on record. Success rates from {document['rates']['source']}."
    )


def _percent(share: dict[str, Any]) -> str:
    low, high = share["interval"]
    return f"{100 * share['share']:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
