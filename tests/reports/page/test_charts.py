"""Runs stand release by release, whatever the clock says of when they were run."""

from __future__ import annotations

from dialgate_reports.page.charts import by_release, plot_trends
from dialgate_reports.page.page_records import RecordedRunPoint
from tests.reports.documents import a_document


def a_point(fingerprint: str, day: int) -> RecordedRunPoint:
    return RecordedRunPoint(
        run_id=f"{fingerprint}-{day}",
        version="v",
        fingerprint=fingerprint,
        started_at=f"2026-11-{day:02}T00:00:00Z",
        classes={"": (9, 10)},
    )


def test_the_baseline_and_then_the_candidate_stand_last() -> None:
    document = a_document()
    document["baseline"] = {**document["baseline"], "fingerprint": "base"}
    document["release"] = {**document["release"], "fingerprint": "now"}
    points = [a_point("now", 3), a_point("base", 9), a_point("old", 5), a_point("now", 10)]
    runs = by_release(document, [*points, a_point("older", 1)])
    assert [run.run_id for run in runs] == ["older-1", "old-5", "base-9", "now-3", "now-10"]
    assert len(plot_trends(runs, "now")[0].borders) == 3


def test_a_release_against_itself_is_one_group() -> None:
    document = a_document()
    same = document["release"]["fingerprint"]
    document["baseline"] = document["release"]
    runs = by_release(document, [a_point(same, 2), a_point("old", 3), a_point(same, 1)])
    assert [run.run_id for run in runs] == ["old-3", f"{same}-1", f"{same}-2"]
