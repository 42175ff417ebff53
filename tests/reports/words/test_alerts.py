"""What a person must know of the evidence: each sentence only where the document says it."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_reports.verdict.markdown import render_markdown
from dialgate_reports.verdict.terminal import render_terminal
from dialgate_reports.words.alerts import alert_lines as urgent_lines
from dialgate_reports.words.alerts import notice_lines
from tests.reports.documents import a_class, a_document


def alert_lines(document: dict[str, Any]) -> list[str]:
    """All of them, as the page has them."""
    return [*notice_lines(document), *urgent_lines(document)]


def used(before: dict[str, Any] | None, now: dict[str, Any], **more: Any) -> dict[str, Any]:
    document = a_document(**more)
    document["usage"] = {**document["usage"], "baseline": before, "candidate": now}
    return document


def test_a_document_without_the_new_fields_says_nothing() -> None:
    assert alert_lines(a_document()) == []


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ((0, 6), (6, 6), "rose: 6 in 6 trials, 0 in 6 trials before."),
        ((1, 1), (1, 1), None),
        ((2, 4), (1, 4), None),
        ((0, 10), (0, 10), None),
        ((1, 100), (1, 10), "rose: 1 in 10 trials, 1 in 100 trials before."),
        (None, (1, 1), ": 1 in 1 trial."),
    ],
    ids=["rose", "as before", "fell", "none", "rose per trial", "no baseline"],
)
def test_invalid_calls_are_said_where_they_rose(
    before: tuple[int, int] | None, now: tuple[int, int], said: str | None
) -> None:
    sides = [
        None if side is None else {"invalid_calls": side[0], "trials": side[1]}
        for side in (before, now)
    ]
    assert sides[1] is not None
    lines = alert_lines(used(sides[0], sides[1]))
    assert len(lines) == (said is not None)
    if said is not None:
        assert lines[0].startswith("Calls that break their tool's schema")
        assert lines[0].endswith(said)


def test_answers_that_were_cut_off_are_a_share_of_the_trials() -> None:
    document = used({"trials": 10, "cut_off": 0}, {"trials": 20, "cut_off": 9})
    assert alert_lines(document) == ["45 % of the trials were cut off, 0 % before."]
    assert alert_lines(used({"trials": 10, "cut_off": 9}, {"trials": 20, "cut_off": 9})) == []


def test_thin_failures_come_from_the_check_own_rates_where_it_has_them() -> None:
    thin = {
        "trials": {"baseline": 300, "candidate": 100},
        "kinds": {"broke_off": {"baseline": 0, "candidate": 5}},
    }
    document = {**used({"trials": 1}, {"trials": 1, "cut_off": 1}), "thin_failures": thin}
    assert alert_lines(document) == ["The agent broke off in 5 of 100 trials, 0 of 300 before."]


def test_a_first_release_has_no_before() -> None:
    assert alert_lines(used(None, {"trials": 4, "cut_off": 1})) == [
        "25 % of the trials were cut off."
    ]


def test_a_baseline_that_lies_far_from_its_record_is_said() -> None:
    drift = {"is_seen": True, "passed": 40, "trials": 60, "expected": 57.2}
    (line,) = alert_lines(a_document(baseline_drift=drift))
    assert line.startswith("The baseline itself moved: 40 of 60 fresh trials of it passed, 57.2 ")
    assert alert_lines(a_document(baseline_drift={**drift, "is_seen": False})) == []


def test_trials_that_could_not_be_run_under_the_limit_are_said() -> None:
    document = used({"trials": 100, "errored": 0}, {"trials": 100, "errored": 2})
    assert alert_lines(document) == ["Could not be run, under the limit: 2 of 100 trials now."]
    why = "left_script: no rule of the user answers: Shall I go ahead?"
    document["usage"]["candidate"]["first_errored"] = {"case": "bd-01", "trial": 0, "why": why}
    assert alert_lines(document) == [
        f"Could not be run, under the limit: 2 of 100 trials now; the first, bd-01, because: {why}."
    ]
    document["gaps"] = [{"gap": "too_many_errored", "reason": "x"}]
    assert alert_lines(document) == []


def test_a_process_that_died_is_said() -> None:
    document = used({"trials": 1, "workers_died": 0}, {"trials": 1, "workers_died": 1})
    assert alert_lines(document) == ["The agent's process died 1 time, 0 before."]


def test_cases_that_are_missing_on_one_side_are_named_once() -> None:
    classes = [{**a_class(name), "missing_one_sided": ["c1"]} for name in ("a", "b")]
    assert alert_lines(a_document(classes=classes)) == [
        "1 case has trials on one side only and is counted at the worst: c1."
    ]


def test_an_open_judge_and_what_the_change_does_to_it_come_first() -> None:
    document = a_document(
        sealed=False,
        sealed_why=["no sandbox is here.", "Nobody saw the agent."],
        judge_changes=[
            {
                "path": "policy.toml",
                "detail": "raises the margin",
                "label": "suite-change",
                "allowed": True,
            },
        ],
    )
    sealed, judge = alert_lines(document)[:2]
    assert sealed == "Unsealed: no sandbox is here. Nobody saw the agent."
    assert judge.endswith("judge: raises the margin (policy.toml), allowed by suite-change.")


def test_a_sealed_verdict_says_nothing_of_it() -> None:
    assert alert_lines(a_document(sealed=True)) == []


def test_what_could_be_seen_is_one_sentence() -> None:
    detection = {"broken_case": 0.9, "loss": {"0.10": 0.6, "0.05": 0.999}, "blind_to": ["replies"]}
    (line,) = alert_lines(a_document(detection=detection))
    assert line == (
        "What this check could see: a case that broke fully would have been found 9 times in 10, "
        "a loss of 5 points 99.9 % of the time, a loss of 10 points 6 times in 10, blind to "
        "replies."
    )


def test_blind_spots_are_listed_so_that_each_can_be_told_from_the_next() -> None:
    def said(*blind: str) -> str:
        detection = {"broken_case": 0.0, "loss": {}, "blind_to": list(blind)}
        (line,) = alert_lines(a_document(detection=detection))
        return line

    assert said("one case", "a loss") == "This check is blind to one case and a loss."
    assert said("a, or b", "c") == "This check is blind to a, or b; c."


def test_a_pattern_without_end_names_its_case() -> None:
    slow = {"case": "evil", "what": "the pattern '(a+)+$'"}
    document = {**a_document(), "undecided": [slow]}
    assert alert_lines(document) == [
        "Can't be decided in time, so that 1 case fails: evil (first the pattern '(a+)+$')."
    ]
    more = {**slow, "case": "other"}
    assert "2 cases fail: evil" in alert_lines({**document, "undecided": [slow, more]})[0]


def test_modes_that_no_lease_ends_are_said_in_every_report() -> None:
    text = "Leases are not required: mail keeps its mode at run time."
    document = a_document(lease_warning=text)
    assert notice_lines(document) == [text]
    assert text in render_terminal(document)
    assert text in render_markdown(document)
