"""What `fuzz` found as one self-contained HTML page: no network, no script, opens from disk.

A pure function of the document that `fuzz --json` writes; every text is escaped. Leaves sentences
to `findings.finding_words`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_reports.page.page_frame import page_part, page_policy, page_template
from dialgate_reports.page.trajectory_steps import shown, steps_of
from dialgate_reports.texts.findings import finding_words
from dialgate_reports.words.case_text import call_text, group_decisions, times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_reports.page.subject import Subject

MOST_SHOWN = 100
"""Findings with their steps; the page names the others and says how many they are."""
_MOST_STEPS = 60


def render(subject: Subject) -> str:
    """The findings' form `html` of `dialgate_reports.formats`."""
    return render_findings_page(subject.document)


def render_findings_page(document: Mapping[str, Any]) -> str:
    """The page: each finding with its case and what the agent did, then what it rests on."""
    style = page_part("page.css")
    template = page_template("findings.html.jinja")
    template.environment.filters["lines"] = lambda text: shown(str(text))
    page = template.render(
        document=document,
        found=[_finding(item) for item in document["findings"][:MOST_SHOWN]],
        more=document["findings"][MOST_SHOWN:],
        families=[
            (words, [r for r in document["relations"] if r["family"] == family and r["tried"]])
            for family, words in finding_words.FAMILIES.items()
        ],
        words=finding_words,
        call_text=call_text,
        group_decisions=group_decisions,
        times=times,
        style=style,
        policy=page_policy(style, ""),
    )
    return f"{page}\n"


def _finding(item: Mapping[str, Any]) -> dict[str, Any]:
    """The finding with what the agent was given apart from what it then did."""
    trajectory = parse_trajectory(item["trajectory"])
    given = len(item["case"]["messages"])
    steps = steps_of(trajectory)
    before = len(steps_of(_first(trajectory, given)))
    own = steps[before:]
    return {
        **item,
        "given": steps[:before],
        "did": own[:_MOST_STEPS],
        "more_steps": max(0, len(own) - _MOST_STEPS),
        "fails": item["explanation"]["candidate"],
    }


def _first(trajectory: Any, number: int) -> Any:  # noqa: ANN401 - a Trajectory
    from msgspec.structs import replace  # noqa: PLC0415 - one use

    return replace(trajectory, messages=trajectory.messages[:number], failure=None)
