"""Why a run record can't be compared as it is: another suite, other versions, a part, a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.schema_validation import VALIDATOR
from dialgate_evals.suite.versions import SIMULATOR
from dialgate_gate.comparing.gap import EvidenceGap, Gap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def record_gaps(document: Mapping[str, Any], place: str, suite_name: str) -> Iterator[EvidenceGap]:
    """Why a record can't be compared: another suite, other judges of calls, a broken clock."""
    named = document["suite"].get("name")
    if named != suite_name:
        found = f"{place} was recorded on the suite {named!r}, not on {suite_name!r}."
        yield EvidenceGap(gap=Gap.OTHER_SUITE, found=found)
    for key, current in (("validator", VALIDATOR), ("simulator", SIMULATOR)):
        version = document["versions"].get(key)
        if version != current:
            found = (
                f"{place} was recorded with {key} {version!r}, this is {current!r}: its trials "
                "may have been answered otherwise."
            )
            advice = "Record the baseline again."
            yield EvidenceGap(gap=Gap.INCOMPARABLE, found=found, advice=advice)
    if is_partial(document):
        found = (
            f"{place} holds {len(document['cases']):,} of the suite's "
            f"{document['suite']['cases']:,} cases: the others can't be compared."
        )
        advice = "Run it without a selection of cases."
        yield EvidenceGap(gap=Gap.MISSING_TRIALS, found=found, advice=advice)
    times = document.get("times") or {}
    if str(times.get("finished_at")) < str(times.get("started_at")):
        found = f"{place} finished before it started."
        advice = "Set the clock and record again."
        yield EvidenceGap(gap=Gap.CLOCK, found=found, advice=advice)


def is_partial(document: Mapping[str, Any]) -> bool:
    """Whether a record holds fewer cases than its suite had: a selection, or what was tried again.

    Records of earlier versions don't say how many there were.
    """
    return bool(len(document["cases"]) < document["suite"].get("cases", 0))
