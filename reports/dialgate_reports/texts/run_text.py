"""A finished run for a person at a terminal: counts, failing cases, where the record lies.

A pure function of run.json and the failing cases; leaves verdicts to `verdict.terminal`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_gate.wording import count_of
from dialgate_reports.words import figures
from dialgate_reports.words.case_text import describe_case, wrap
from dialgate_reports.words.trajectory_text import describe_trajectory
from dialgate_reports.words.trials.unmatched_reads import describe_unmatched
from dialgate_reports.words.trials.votes import criteria_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.suite.case import Case

_MOST_CASES = 10
_MOST_SHOWN = 20


def render_run(
    document: dict[str, Any],
    failing: list[dict[str, Any]],
    *,
    verbose: bool = False,
    shown: Sequence[tuple[Case, Trajectory]] = (),
) -> str:
    """What ran, how it ended, which cases failed.

    `shown` are the trials to show whole: what the agent did, and what reads without a recording
    asked for.
    """
    counts, release = document["counts"], document["release"]
    ran = counts["trials"] - counts["errored"]
    lines = [
        printable(f"{release['name']} {release['version']} on {document['suite']['name']}"),
        f"{counts['passed']:,} of {count_of(ran, 'trial')} passed in "
        + count_of(counts["cases"], "case")
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
    lines += [wrap(line, 80, "", "  ") for line in criteria_lines(document)]
    listed = failing if verbose else failing[:_MOST_CASES]
    if listed:
        lines.append("")
    for entry in listed:
        lines += describe_case(entry)
    if len(failing) > len(listed):
        more = count_of(len(failing) - len(listed), "more failing case")
        lines.append(f"… and {more} (--verbose)")
    for case, trajectory in shown[:_MOST_SHOWN]:
        lines += ["", *_trial(case, trajectory)]
    if len(shown) > _MOST_SHOWN:
        lines.append(
            f"… and {count_of(len(shown) - _MOST_SHOWN, 'more trial')}; the record has them"
        )
    lines += ["", f"Record: {printable(document['folder'])}"]
    return "\n".join(lines) + "\n"


_ODD = {
    "cut_off": "cut off",
    "filtered": "ended by a content filter",
    "malformed": "ended by a call that could not be read",
    "refusals": "with a refusal",
    "text_calls": "texts that look like calls nobody parsed",
}


def _odd_endings(counts: dict[str, Any]) -> list[str]:
    """What was odd about the agent's answers, where anything was."""
    odd = [f"{counts[key]:,} {words}" for key, words in _ODD.items() if counts.get(key)]
    lines = [f"Answers: {', '.join(odd)}."] if odd else []
    if counts.get("workers_died"):
        lines.append(f"The agent's process died {count_of(counts['workers_died'], 'time')}.")
    return lines


def _trial(case: Case, trajectory: Trajectory) -> list[str]:
    """What the agent did in one trial, and what its reads without a recording asked for."""
    lines = [printable(f"What the agent did in {case.id}, trial {trajectory.trial}:")]
    if trajectory.error is not None:
        lines.append(wrap(f"could not be run: {trajectory.error}", 80, "  ", "    "))
    lines += describe_trajectory(trajectory)
    asked = describe_unmatched(trajectory.messages, case.recordings)
    if asked:
        lines.append("Reads that no recording answers:")
        lines += [wrap(text, 80, "  ", "    ") for text in asked]
    return lines
