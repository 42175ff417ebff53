"""The history of a suite's cases as JSON and for a person at a terminal, in 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable
from dialgate_gate.comparing.history import flaky_cases
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.comparing.history import CaseRuns


def history_document(history: Sequence[CaseRuns], suite: str) -> dict[str, Any]:
    """Everything that the records say, and which cases flip."""
    return {
        "schema": 1,
        "suite": suite,
        "cases": [_entry(item) for item in history],
        "flaky": [_entry(item) for item in flaky_cases(history)],
    }


def _entry(item: CaseRuns) -> dict[str, Any]:
    low, high = item.failure_bounds()
    return {
        "case": item.case_id,
        "release": item.version,
        "fingerprint": item.fingerprint,
        "passed": item.passed,
        "trials": item.trials,
        "failure_rate": round(item.failure_rate, 6),
        "interval": [round(low, 6), round(high, 6)],
        "pass_hat": [round(value, 6) for value in item.pass_hats()],
    }


def render_history(document: dict[str, Any], *, verbose: bool = False) -> str:
    """Flaky cases with their rates; every case where the caller asks for more."""
    listed = document["cases"] if verbose else document["flaky"]
    names = {item["case"] for item in document["cases"]}
    flaky = {item["case"] for item in document["flaky"]}
    head = (
        f"{printable(document['suite'])}: {count_of(len(names), 'case')} on record, {len(flaky)} "
        "of them passed and failed without a change of the release."
    )
    if not document["cases"]:
        return f"{printable(document['suite'])}: no run of this suite is on record.\n"
    if not listed:
        return head + "\n"
    rows = [
        [
            printable(item["case"]),
            printable(item["release"]),
            f"{item['passed']}/{item['trials']}",
            f"{100 * item['failure_rate']:.0f} %",
            f"{100 * item['interval'][0]:.0f} to {100 * item['interval'][1]:.0f} %",
        ]
        for item in listed
    ]
    heads = ["case", "release", "passed", "fails in", "interval"]
    return f"{head}\n\n{tabulate(rows, heads, tablefmt='simple', disable_numparse=True)}\n"
