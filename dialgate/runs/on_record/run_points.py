"""The newest run records of a suite as points of a history: success per action class.

A case belongs to a class where any of these runs touched it in that case: a run that left it alone
rightly is a success, as in the verdict. Replayed trials and a
recording judged again are no new point.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.runs.on_record.histories import suite_records
from dialgate.runs.on_record.seen_recordings import SeenRecordings, started_at
from dialgate_evals.actions.outcomes import Outcome
from dialgate_evals.errors import RecordError
from dialgate_reports.page.page_records import RecordedRunPoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_evals.actions.outcomes import TrialScore

_MOST_RUNS = 12


def read_run_points(suite: str, records: Path) -> tuple[RecordedRunPoint, ...]:
    """The newest runs in the folder that ran anything anew, in order of time."""
    runs = _newest(suite, records)
    members = _members(score for _, scores in runs for score in scores)
    return tuple(_point(document, _rates(scores, members)) for document, scores in runs)


def _newest(suite: str, records: Path) -> list[tuple[dict[str, Any], list[TrialScore]]]:
    found = [
        (started_at(document), str(folder), document)
        for document, folder in suite_records(suite, records)
        if folder.parent == records
    ]
    seen = SeenRecordings()
    runs: list[tuple[dict[str, Any], list[TrialScore]]] = []
    for _, folder, document in sorted(found, key=lambda item: item[:2], reverse=True):
        try:
            scores = seen.new_scores(document, Path(folder))
        except RecordError:
            continue
        if scores:
            runs.append((document, scores))
        if len(runs) == _MOST_RUNS:
            break
    return runs[::-1]


def _members(scores: Iterable[TrialScore]) -> dict[str, set[str]]:
    """Class to the cases in which any run touched it."""
    members: dict[str, set[str]] = {}
    for score in scores:
        for decision in score.decisions:
            members.setdefault(decision.action_class, set()).add(score.case_id)
    return members


def _rates(
    scores: Sequence[TrialScore], members: Mapping[str, set[str]]
) -> dict[str, tuple[int, int]]:
    rates = {"": (sum(bool(score.passed) for score in scores), len(scores))}
    for name, cases in members.items():
        touched = [score for score in scores if score.case_id in cases]
        rates[name] = (sum(_succeeds(score, name) for score in touched), len(touched))
    return rates


def _succeeds(score: TrialScore, action_class: str) -> bool:
    own = (item for item in score.decisions if item.action_class == action_class)
    return all(item.outcome is Outcome.CORRECT for item in own)


def _point(document: Mapping[str, Any], classes: Mapping[str, tuple[int, int]]) -> RecordedRunPoint:
    release = document["release"]
    return RecordedRunPoint(
        run_id=str(document["id"]),
        version=str(release.get("version", "")),
        fingerprint=str(release.get("fingerprint", "")),
        started_at=started_at(document),
        classes=classes,
    )
