"""The words of a verdict's figures."""

from __future__ import annotations

import re
from typing import Any

from dialgate_reports.page.html import render_html
from dialgate_reports.verdict.markdown import render_markdown
from dialgate_reports.verdict.terminal import render_terminal
from dialgate_reports.words import figures
from tests.reports.documents import SIDE, a_document


def with_splits(**more: Any) -> dict[str, Any]:
    splits = [
        {
            "split": "holdout", "cases": 4,
            "baseline": {"trials": 4, "passed": 3}, "candidate": {"trials": 4, "passed": 1},
        },
        {
            "split": "open", "cases": 6,
            "baseline": {"trials": 6, "passed": 6}, "candidate": {"trials": 6, "passed": 6},
        },
    ]  # fmt: skip
    return a_document(**{"splits": splits, **more})


def test_every_report_says_the_hold_out_beside_the_rest() -> None:
    line = (
        "Trials passed: held out from tuning 1 of 4 (25 %), 3 of 4 before; "
        "the other cases 6 of 6 (100 %), 6 of 6 before."
    )
    document = with_splits()
    assert figures.split_line(document) == line
    assert line in " ".join(render_terminal(document).split())
    assert line.replace("(", "").replace(")", "") in render_markdown(document).replace(
        "\\", ""
    ).replace("(", "").replace(")", "")
    assert line in re.sub("<[^>]+>", "", render_html(document))


def test_without_held_out_cases_nothing_is_said_of_them() -> None:
    assert figures.split_line(a_document()) == ""
    assert "held out" not in render_markdown(a_document())


def test_a_hold_out_that_could_not_be_run_has_no_share() -> None:
    none = {"trials": 0, "passed": 0}
    splits = [{"split": "holdout", "cases": 1, "baseline": None, "candidate": none}]
    assert figures.split_line(with_splits(splits=splits)) == (
        "Trials passed: held out from tuning 0 of 0."
    )


def test_a_change_of_all_code_is_named_without_a_path() -> None:
    code = {"component": "code", "path": ""}
    prompt = {"component": "prompts", "path": "prompts/system.md"}
    assert [figures.name_change(item) for item in (code, prompt)] == [
        "code",
        "prompts prompts/system.md",
    ]


def test_a_side_without_trials_has_a_dash_for_silent_failures() -> None:
    nothing = {**SIDE, "trials": 0, "silent": 0}
    assert figures.silent({"baseline": SIDE, "candidate": SIDE}) == "1 → 1"
    assert figures.silent({"baseline": SIDE, "candidate": nothing}) == "1 → –"
    assert figures.silent({"baseline": nothing, "candidate": SIDE}) == "– → 1"
    assert figures.silent({"baseline": None, "candidate": nothing}) == "–"
