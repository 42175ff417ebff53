"""A finished run for a person at a terminal: counts, failing cases, where the record lies.

A pure function of run.json and the failing cases; leaves verdicts to `verdict.terminal`.
"""

from __future__ import annotations

from typing import Any

from dialgate_evals.files.plain_text import printable

from dialgate_reports.words import figures
from dialgate_reports.words.case_text import describe_case, wrap

_MOST_CASES = 10


def render_run(
    document: dict[str, Any], failing: list[dict[str, Any]], *, verbose: bool = False
) -> str:
    """What ran, how it ended, which cases failed."""
    counts, release = document["counts"], document["release"]
    ran = counts["trials"] - counts["errored"]
    lines = [
        printable(f"{release['name']} {release['version']} on {document['suite']['name']}"),
        f"{counts['passed']:,} of {ran:,} trials passed in {counts['cases']:,} cases"
        + (f"; {counts['errored']:,} could not be run" if counts["errored"] else "")
        + ".",
        (
            f"{counts['tool_calls']:,} tool calls, {counts['invalid_calls']:,} invalid, "
            f"{counts['failed_calls']:,} failed, {counts['unmatched_reads']:,} unmatched reads."
        ),
        *_odd_endings(counts),
    ]
    if len(document["pass_rates"]) > 1:
        rates = ", ".join(f"{rate:.3f}" for rate in document["pass_rates"])
        lines.append(f"pass^1..{len(document['pass_rates'])}: {rates}")
    elif document["pass_rates"]:
        lines.append(f"pass^1: {figures.percent(document['pass_rates'][0])}")
    if figures.split_line(document):
        lines.append(wrap(figures.split_line(document), 80, "", "  "))
    shown = failing if verbose else failing[:_MOST_CASES]
    if shown:
        lines.append("")
    for entry in shown:
        lines += describe_case(entry)
    if len(failing) > len(shown):
        lines.append(f"… and {len(failing) - len(shown)} more failing cases (--verbose)")
    lines += ["", f"Record: {printable(document['folder'])}"]
    return "\n".join(lines) + "\n"


_ODD = {
    "cut_off": "cut off",
    "filtered": "ended by a content filter",
    "refusals": "with a refusal",
    "text_calls": "texts that look like calls nobody parsed",
}


def _odd_endings(counts: dict[str, Any]) -> list[str]:
    """What was odd about the agent's answers, where anything was."""
    odd = [f"{counts[key]:,} {words}" for key, words in _ODD.items() if counts.get(key)]
    return [f"Answers: {', '.join(odd)}."] if odd else []
