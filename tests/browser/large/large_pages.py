"""Large runs for pages: so many cases, each with two trajectories of a realistic length."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import Trajectory
from tests.reports.documents import a_class, a_document, an_entry
from tests.reports.pages import a_side, some_records

if TYPE_CHECKING:
    from dialgate_reports.page.page_records import PageRecords

MESSAGES = 12
WORDS_OF_MESSAGE = 50


def large_run(cases: int, *, seed: int = 0) -> tuple[dict[str, Any], PageRecords]:
    """A verdict on so many cases, every fifth of them broken, and both sides' trajectories."""
    rng = random.Random(seed)
    known = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(4_000)]
    words = rng.choices(known, k=200_000)
    ids = [f"case-{index:05d}" for index in range(cases)]
    broken = ids[::5]
    document = a_document(
        entries=[an_entry(case=case, text=_text(rng, words)) for case in broken],
        passing=[
            {"case": case, "origin": "golden", "tags": ["quiet"], "classes": ["refund"]}
            for index, case in enumerate(ids)
            if index % 5
        ],
    )
    document["classes"] = [a_class()]
    document["cases"]["broken"] = broken
    sides = {
        name: a_side(
            *(_trajectory(case, rng, words) for case in ids),
            latencies_ms=tuple(rng.uniform(100, 9_000) for _ in ids),
            costs_usd=tuple(rng.uniform(0.001, 0.2) for _ in ids),
        )
        for name in ("baseline", "candidate")
    }
    return document, some_records(**sides)


def _text(rng: random.Random, words: list[str]) -> str:
    # A piece of a long text: alike pieces are farther from each other than a compressor looks back.
    start = int(rng.random() * (len(words) - WORDS_OF_MESSAGE))
    return " ".join(words[start : start + WORDS_OF_MESSAGE])


def _trajectory(case: str, rng: random.Random, words: list[str]) -> Trajectory:
    messages: list[dict[str, Any]] = [{"role": "user", "content": _text(rng, words)}]
    for index in range(MESSAGES // 3):
        function = {"name": "look_up", "arguments": {"id": _text(rng, words)[:60]}}
        messages += [
            {
                "role": "assistant",
                "content": _text(rng, words),
                "tool_calls": [{"id": f"c{index}", "function": function}],
            },
            {"role": "tool", "tool_call_id": f"c{index}", "content": _text(rng, words)},
        ]
    return Trajectory(case_id=case, trial=0, messages=tuple(messages))
