"""Hostile text, and a verdict with records that has it wherever a person or an agent writes."""

from __future__ import annotations

from typing import Any

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.records.annotation_sums import AnnotationSum
from dialgate_reports.page.page_records import PageRecords, RecordedRunPoint
from tests.reports.documents import RELEASE, a_class, a_document, an_entry
from tests.reports.pages import RECORD, a_side, some_records

HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[click](https://example.com/steal)",
    "![x](https://example.com/pixel.png)",
    "@everyone please look",
    "fixes #1",
    "\u202egnp.exe\u202c",
    "\x1b[2J\x1b[31mred",
    "a\x00b\x07c",
    "lone \ud800 surrogate",
    "```\n# heading\n```",
    "| a | b |\n| - | - |",
    "</details><h1>owned</h1>",
    "</script><script>alert(1)</script><!--",
    "'\" onmouseover='alert(1)' x=\"",
    "javascript:alert(1) data:text/html,<b>",
    "x" * 1_000_000,
    "https://example.com www.example.com",
    "&lt;b&gt; &#60;b&#62;",
]
PLAIN = "x"


def hostile_document(text: str) -> dict[str, Any]:
    """A failed release of which every text is this one; closed words stay what they are."""
    item = a_class(text)
    item["reasons"] = [text]
    item["baseline"]["outcomes"] = {}
    release = {**RELEASE, "name": text, "version": text}
    found = a_document(
        entries=[_hostile_case(text)],
        reasons=[text, f"{text}: {text}"],
        suite=text,
        release={**release, "components": dict.fromkeys(RELEASE["components"], text)},
        baseline=release,
        judged_by=text,
        reproduce=text,
        allowed=[text],
        gaps=[{"gap": "missing", "reason": text}],
        budget=[{"rule": "cost_ratio", "failed": True, "sentence": text}],
        passing=[{"case": f"2 {text}", "origin": text, "tags": [text], "classes": [text]}],
        tags=[
            {
                "tag": text,
                "cases": 1,
                "baseline": {"trials": 4, "passed": 4},
                "candidate": {"trials": 4, "passed": 1},
            }
        ],
        labels=[
            {
                "label": text,
                "baseline": None,
                "candidate": AnnotationSum(total=1, trials=2).as_json(),
            }
        ],
        flaky_rates={text: {"release": text, "passed": 1, "trials": 2, "failure_rate": 0.5}},
        graduation=[
            {
                "action_class": text,
                "mode": "in_the_loop",
                "move": "hold",
                "recommended": "in_the_loop",
                "missing": [text],
            }
        ],
    )
    found["classes"] = [item]
    found["cases"]["broken"] = [text]
    found["changes"] = [_hostile_change(component, text) for component in ("prompts", "tools")]
    return found


def _hostile_change(component: str, text: str) -> dict[str, Any]:
    return {
        "component": component,
        "path": text,
        "kind": "changed",
        "detail": text,
        "difference": [{"op": op, "text": text} for op in ("same", "removed", "added")],
    }


def _hostile_case(text: str) -> dict[str, Any]:
    """A failing case with the text in its calls and replies."""
    entry = an_entry(case=text, text=text)
    decision = entry["candidate"]["decisions"][0]
    call = {"name": text, "arguments": {text[:200]: text}}
    entry["candidate"] = {
        **entry["candidate"],
        "decisions": [
            {**decision, "action_class": text, "tool": text, "expected": call, "actual": call}
        ],
        "reply_failures": [text],
        "diverged": True,
    }
    return {**entry, "origin": text, "tags": [text]}


def hostile_records(text: str) -> PageRecords:
    """Both sides' trajectories of the case, with the text in every message, call and answer."""
    call = {"id": text, "function": {"name": text, "arguments": {text[:200]: text}}}
    trajectory = Trajectory(
        case_id=text,
        trial=0,
        messages=(
            {"role": "system", "content": text},
            {"role": "user", "content": text},
            {"role": "assistant", "content": text, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": text, "content": text, "error": True},
            {"role": "assistant", "content": text},
        ),
        failure=text,
    )
    record = {**RECORD, "id": text, "versions": {text: text}}
    side = a_side(trajectory, record=record)
    runs = tuple(
        RecordedRunPoint(
            run_id=text, version=text, fingerprint=text, started_at=text, classes={text: (1, 2)}
        )
        for _ in range(2)
    )
    return some_records(baseline=side, candidate=side, history=runs, problems=(text,))
