"""What is counted of one side: how its answers ended, beside calls and costs."""

from __future__ import annotations

from dialgate_gate.verdict.documents.usage import summarise_usage

from tests.gate.evidence import a_run, a_score


def test_answers_that_were_no_decision_are_counted_by_kind() -> None:
    scores = [
        a_score("c0", finish_reason="length"),
        a_score("c1", finish_reason="content_filter"),
        a_score("c2", finish_reason="stop", refusal=True, text_calls=3),
        a_score("c3"),
    ]
    found = summarise_usage(a_run(scores))
    kinds = ("cut_off", "filtered", "refusals", "text_calls")
    assert [found[kind] for kind in kinds] == [1, 1, 1, 1]
