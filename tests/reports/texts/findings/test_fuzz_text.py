"""What a search found, in words that are computed from its document."""

from __future__ import annotations

from typing import Any

from dialgate_reports.texts.findings.fuzz_text import render_fuzz
from tests.reports.hostile import HOSTILE


def a_finding(text: str) -> dict[str, Any]:
    call = {"name": text, "arguments": {text[:200]: text}}
    wrong = {
        "is_correct": False, "outcome": "missed", "action_class": text, "expected": call,
        "actual": call,
    }  # fmt: skip
    calls = [{"id": "1", "type": "function", "function": {"name": text, "arguments": text}}]
    did = [
        {"role": "assistant", "content": text, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "1", "content": text, "error": True},
    ]
    return {
        "relation": "typos", "keeps": "the same actions", "altered": text, "parent": text,
        "seed": "typos/a/1", "is_smallest": False,
        "case": {"messages": [{"role": "user", "content": text}]},
        "explanation": {
            "case": text, "move": "failing", "silent": True, "critical": False, "request": text,
            "candidate": {"decisions": [wrong], "reply_failures": [text], "diverged": True},
        },
        "trajectory": {
            "case_id": text, "trial": 0, "messages": [{"role": "user", "content": text}, *did],
            "failure": text,
        },
    }  # fmt: skip


def a_document(*findings: dict[str, Any], **more: Any) -> dict[str, Any]:
    relation = {
        "relation": "typos", "family": "same_actions", "tried": 7, "failed": 2,
        "keeps": "the same actions", "is_of_records": False,
    }  # fmt: skip
    return {
        "suite": "shop", "seed": 3, "budget": 50, "trials": 21, "error": 0.01,
        "relations": [relation, {**relation, "relation": "greeting", "tried": 0, "failed": 0}],
        "findings": list(findings), "found": "out/found.jsonl" if findings else None,
        "left_out": [], "noise": 0, "unasked": 0, "is_simulated": False,
        "unjudged": {"cases": 0, "criteria": []},
        "release": {"name": "shop", "version": "1"},
        "own_relations": {"from": "the working tree", "failures": []}, **more,
    }  # fmt: skip


def test_nothing_found_says_what_was_tried_and_what_no_case_has() -> None:
    text = " ".join(render_fuzz(a_document(left_out=["c1"], unasked=4), verbose=True).split())
    assert "shop: nothing found in 7 variants" in text
    assert "typos 2 of 7" in text
    assert "what these are about: greeting" in text
    assert "For 4 variants more the budget had no trial" in text
    assert "1 case (c1)" in text


def test_criteria_that_no_judge_was_asked_about_are_named() -> None:
    unjudged = {"cases": 30, "criteria": ["apology", "day", "polite", "short", "true"]}
    text = " ".join(render_fuzz(a_document(unjudged=unjudged)).split())
    assert (
        "What texts say was not judged: the criteria of 30 cases (apology, day, polite and 2 more) "
        "find nothing here." in text
    )
    assert "not judged" not in render_fuzz(a_document())


def test_a_finding_names_relation_seed_and_the_next_step() -> None:
    text = render_fuzz(a_document(a_finding("hi")))
    for part in ("1. typos: hi", "seed typos/a/1", "must hold: the same", "dialgate cases take"):
        assert part in text


def test_hostile_texts_move_nothing_on_the_screen() -> None:
    for hostile in HOSTILE:
        text = render_fuzz(a_document(a_finding(str(hostile))), verbose=True)
        assert all(char == "\n" or char.isprintable() for char in text)
