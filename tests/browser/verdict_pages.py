"""A verdict page with something of everything, small: what the browser tests drive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.records.annotation_sums import AnnotationSum
from dialgate_reports.page.html import render_html
from tests.reports.documents import a_class, a_document, an_entry
from tests.reports.pages import a_side, a_trajectory, some_records

if TYPE_CHECKING:
    from dialgate_reports.page.page_records import PageRecords

LONG_REASON = "refund: A loss over the margin of 5 % is not excluded. " + "More words. " * 20


def an_entry_of(case: str, move: str, **more: Any) -> dict[str, Any]:
    """A case that moved that way, with what a filter may ask for."""
    entry = {**an_entry(case=case, move=move), "silent": False, **more}
    if move == "fixed":
        entry["baseline"], entry["candidate"] = entry["candidate"], entry["baseline"]
    return entry


def in_class(entry: dict[str, Any], name: str) -> dict[str, Any]:
    """The entry with its outcomes in that action class."""
    side = entry["candidate"]
    decisions = [{**item, "action_class": name} for item in side["decisions"]]
    return {**entry, "candidate": {**side, "decisions": decisions}}


ENTRIES = [
    an_entry_of("refund-7", "broken", silent=True, critical=True, tags=["money"]),
    in_class(an_entry_of("mail/ü 2", "broken", origin="reviewer", tags=["mail"]), "mail"),
    an_entry_of("refund-8", "flaky", tags=["money"]),
    an_entry_of("refund-9", "failing"),
    an_entry_of("refund-10", "fixed", tags=["money"]),
]
PASSING = [
    {"case": f"quiet-{i}", "origin": "golden", "tags": ["quiet"], "classes": ["mail"]}
    for i in range(5)
]


def a_rich_document(**more: Any) -> dict[str, Any]:
    """A failed release: two classes, five cases that moved, five that did not, changed texts."""
    document = a_document(
        entries=ENTRIES,
        passing=PASSING,
        reasons=["refund: It got worse.", *(f"{LONG_REASON} {i}" for i in range(8))],
        labels=[{"label": "reward", "baseline": mark(4), "candidate": mark(6)}],
        graduation=[
            {
                "action_class": "refund",
                "mode": "in_the_loop",
                "move": "hold",
                "recommended": "in_the_loop",
                "missing": ["Three more months of reviews."],
            }
        ],
        **more,
    )
    document["classes"] = [a_class(), a_class("mail", "pass")]
    document["cases"]["broken"] = ["refund-7", "mail/ü 2"]
    document["changes"] = [
        {
            "component": "prompts",
            "path": "system.md",
            "kind": "changed",
            "detail": "Six words are new.",
            "difference": [
                {"op": "same", "text": "Refund up to "},
                {"op": "removed", "text": "50"},
                {"op": "added", "text": "200"},
                {"op": "same", "text": " dollars."},
            ],
        },
        {
            "component": "tools",
            "path": "refund",
            "kind": "changed",
            "detail": "amount has no limit any more.",
            "difference": [{"op": "removed", "text": '"maximum": 50'}],
        },
    ]
    return document


def mark(total: int) -> dict[str, Any]:
    """So many of ten trials have the label."""
    return AnnotationSum(total=total, trials=10).as_json()


def rich_records() -> PageRecords:
    """Both sides' trajectories of the cases that moved; each refunds another identity now."""
    ids = [entry["case"] for entry in ENTRIES]
    known = some_records()
    assert known.baseline is not None
    assert known.candidate is not None
    return some_records(
        baseline=a_side(
            *(a_trajectory(case, identity="old") for case in ids),
            latencies_ms=known.baseline.latencies_ms,
            costs_usd=known.baseline.costs_usd,
        ),
        candidate=a_side(
            *(a_trajectory(case, identity="new") for case in ids),
            latencies_ms=known.candidate.latencies_ms,
            costs_usd=known.candidate.costs_usd,
        ),
    )


def a_rich_page() -> str:
    """The page of all that."""
    return render_html(a_rich_document(), rich_records())
