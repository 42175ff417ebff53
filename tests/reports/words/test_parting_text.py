"""Where two releases part, as a sentence."""

from __future__ import annotations

from dialgate_reports.words.case_text import parting_text

CALL = {"name": "refund", "arguments": {"n": 1}}


def test_one_trial_needs_no_count() -> None:
    text = parting_text({"step": 2, "baseline": None, "candidate": CALL, "trials": 1, "of": 1})
    assert text == (
        'parts from the baseline at step 2: it called refund({"n": 1}), there it replied'
    )


def test_several_trials_say_how_many_part_there() -> None:
    text = parting_text({"step": 1, "baseline": CALL, "candidate": None, "trials": 2, "of": 3})
    assert "step 1 (2 of 3 trials): it replied, there it called refund" in text


def test_a_hostile_name_is_shown_as_text() -> None:
    call = {"name": "x\x1b[2J", "arguments": {}}
    text = parting_text({"step": 1, "baseline": call, "candidate": None, "trials": 1, "of": 1})
    assert "\x1b" not in text
