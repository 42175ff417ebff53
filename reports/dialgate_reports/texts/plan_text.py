"""The plan of a suite as JSON and for a person at a terminal, in 80 columns.

Pure; leaves the figures to `dialgate_gate.planning.plan`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable
from dialgate_evals.files.problems import join_words
from dialgate_gate.planning.plan_input import Loss
from dialgate_gate.wording import count_of, show_rate
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from dialgate_gate.planning.plan import ClassPlan, Plan, Share

_LEAST_NOTICED = 3
"""Classes that are named of those whose mistakes are noticed least."""

_DIGITS = 6


def plan_document(plan: Plan, facts: dict[str, Any]) -> dict[str, Any]:
    """The plan as `plan --json` writes it; shares are 0 to 1, `interval` is Monte Carlo's."""
    return {
        "schema": 1,
        **facts,
        "procedure": plan.procedure.value,
        "simulations": plan.simulations,
        "unchanged": {"blocked": _share(plan.blocked), "passed": _share(plan.passed)},
        "agent_calls": {
            "unchanged_mean": round(plan.calls_mean, 1),
            "unchanged_p95": plan.calls_p95,
            "changed_mean": round(plan.calls_changed_mean, 1),
            "worst": plan.calls_worst,
        },
        "classes": [_class(item) for item in plan.classes],
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "share": round(share.share, _DIGITS),
        "interval": [round(share.low, _DIGITS), round(share.high, _DIGITS)],
    }


def _class(item: ClassPlan) -> dict[str, Any]:
    return {
        "action_class": item.action_class,
        "cases": item.cases,
        "margin": item.margin,
        "passes_unchanged": _share(item.passes_unchanged),
        "caught": {loss.value: _share(share) for loss, share in item.catches.items()},
        "cases_needed": item.cases_needed,
        "trials_needed": item.trials_needed,
    }


def render_plan(document: dict[str, Any], *, width: int = 80) -> str:
    """The plan for people, from its document."""
    parts = [
        _headline(document, width),
        _table(document),
        _needs(document, width),
        _noticed(document, width),
        _replies(document, width),
        _calls(document, width),
        wrap(_basis(document), width),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(document: dict[str, Any], width: int) -> str:
    unchanged = document["unchanged"]
    text = (
        f"{document['suite']}, {count_of(document['cases'], 'case')}: an unchanged release is "
        f"blocked in {_percent(unchanged['blocked'])} of the gates and passes in "
        f"{_percent(unchanged['passed'])}; the rest are inconclusive."
    )
    return wrap(printable(text), width)


def _table(document: dict[str, Any]) -> str:
    rows = [
        [
            printable(item["action_class"]),
            item["cases"],
            *(_rate(item["caught"][loss.value]) for loss in list(Loss)[1:]),
            _rate(item["passes_unchanged"]),
        ]
        for item in document["classes"]
    ]
    if not rows:
        return ""
    heads = ["class", "cases", "1 case broken", "-10 points", "-3 points", "unchanged\npasses"]
    align = ("left", *["right"] * 5)
    table = tabulate(rows, heads, tablefmt="simple", colalign=align, disable_numparse=True)
    return f"How often it is caught (the release fails):\n\n{table}"


def _needs(document: dict[str, Any], width: int) -> str:
    """What lets a class pass; classes that need the same share a line."""
    names: dict[str, list[str]] = {}
    for item in document["classes"]:
        text = _need(item)
        if text:
            names.setdefault(text, []).append(item["action_class"])
    lines = [
        wrap(printable(f"{', '.join(listed)}: {text}"), width, "- ")
        for text, listed in names.items()
    ]
    return "\n".join(["To let a class pass:", *lines]) if lines else ""


def _need(item: dict[str, Any]) -> str:
    cases, needed, margin = item["cases"], item["cases_needed"], item["margin"]
    if needed is None:
        return f"no number of cases shows a margin of {margin:g}; a margin over 0 can be met."
    if cases >= needed:
        return ""
    if item["trials_needed"] is None:
        return f"{count_of(cases, 'case')}; {needed} are needed."
    return (
        f"{cases} cases; {needed} without a loss exclude a margin of {margin:g}, or about "
        f"{item['trials_needed']} trials of each."
    )


def _noticed(document: dict[str, Any], width: int) -> str:
    """The classes whose mistakes the suite notices least; the gate sees no more than its cases."""
    known = [item for item in document.get("noticed", ()) if item["share"] is not None]
    if not known:
        return ""
    least = sorted(known, key=lambda item: (item["share"], item["action_class"]))[:_LEAST_NOTICED]
    named = join_words([f"{show_rate(item['share'])} in {item['action_class']}" for item in least])
    text = (
        f"Of mistakes that were made up the suite notices {named}"
        f"{', more in the others' if len(known) > len(least) else ''}; `dialgate mutate` lists "
        "what it would not."
    )
    return wrap(printable(text), width)


def _replies(document: dict[str, Any], width: int) -> str:
    """What loss in judged replies is told from none, and what labels would buy."""
    found = document.get("replies")
    if found is None:
        return ""
    if not found["told"]:
        text = (
            "Votes on replies decide nothing so far, so a loss that only a judge sees is not seen: "
            "`dialgate judge show` says which labels are missing."
        )
        return wrap(text, width)
    text = (
        f"Replies: votes on {join_words(found['criteria'])} decide in "
        f"{count_of(found['cases'], 'case')}, and the judge may overlook up to "
        f"{show_rate(found['told'][0]['overlooked'])} of a loss there. By the first trials alone, "
        f"{document['trials']} of each case a side, four checks of five tell this (the margin is "
        f"{100 * found['margin']:.3g} points):"
    )
    heads = ["cases with a label more", "no loss: excluded", "a loss that fails"]
    rows = [
        [
            "judge known exactly" if item["labels"] is None else f"{item['labels']:,}",
            _points(item["excluded"]),
            _points(item["caught"]),
        ]
        for item in found["told"]
    ]
    align = ("left", "right", "right")
    table = tabulate(rows, heads, tablefmt="simple", colalign=align, disable_numparse=True)
    return f"{wrap(printable(text), width)}\n\n{table}"


def _points(loss: float | None) -> str:
    return "none" if loss is None else f"{100 * loss:.1f} points"


def _calls(document: dict[str, Any], width: int) -> str:
    calls = document["agent_calls"]
    text = (
        f"Agent calls, the baseline being on record: {calls['unchanged_mean']:,.0f} on average for "
        f"an unchanged release (95 in 100 gates need at most {calls['unchanged_p95']:,}), "
        f"{calls['changed_mean']:,.0f} for a changed one, at worst {calls['worst']:,} of "
        f"{document['max_agent_calls']:,} allowed."
    )
    return wrap(text, width)


_PROCEDURES = {
    "sequential": "screening, confirmation and further rounds, as check does with a live agent",
    "recorded": "exact tests on the trials there are",
    "deterministic": "a changed outcome is certain (deterministic = true)",
}


def _basis(document: dict[str, Any]) -> str:
    text = (
        f"{document['simulations']:,} gates a figure, {4 * document['simulations']:,} for the "
        f"unchanged release (seed {document['seed']}); ±{_error(document)} points. Procedure: "
        f"{_PROCEDURES[document['procedure']]}. Success rates from {document['rates']['source']}."
    )
    return printable(text)


def _error(document: dict[str, Any]) -> str:
    """Half the widest Monte Carlo interval, in points."""
    shares = [share for item in document["classes"] for share in item["caught"].values()]
    widths = [share["interval"][1] - share["interval"][0] for share in shares]
    return f"{50 * max(widths, default=0.0):.0f}"


def _percent(share: dict[str, Any]) -> str:
    low, high = share["interval"]
    return f"{100 * share['share']:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def _rate(share: dict[str, Any]) -> str:
    return f"{100 * share['share']:.0f} %"
