"""Which trials of a record are new evidence: neither replayed nor a recording judged before.

The same recording judged again (each `check` of recorded trajectories writes a record) says
nothing new, whatever today's scorer makes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import digest_of_parsed
from dialgate_evals.records.run_reading import read_run_trajectories
from dialgate_evals.records.run_tables import read_scores
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore


class SeenRecordings:
    """Takes records in, the newest first: what counts of each is told once."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._seen: set[tuple[str, str, int, str]] = set()

    def new_scores(self, document: Mapping[str, Any], folder: Path) -> list[TrialScore]:
        """The record's trials that could be run and that no record before held.

        Raises RecordError where the record can't be read.
        """
        cached = document.get("cached_trials") or {}
        found = [
            score
            for score in read_scores(folder)
            if score.passed is not None and score.trial not in cached.get(score.case_id, ())
        ]
        if document.get("agent_kind") != AgentKind.TRANSCRIPT.value:
            return found
        return self._unseen(document, folder, found)

    def _unseen(
        self, document: Mapping[str, Any], folder: Path, scores: list[TrialScore]
    ) -> list[TrialScore]:
        fingerprint = str(document["release"]["fingerprint"])
        digests = {
            (item.case_id, item.trial): digest_of_parsed(item.as_json())
            for item in read_run_trajectories(folder)
        }
        kept = []
        for score in scores:
            digest = digests.get((score.case_id, score.trial), "")
            key = (fingerprint, score.case_id, score.trial, digest)
            if key not in self._seen:
                self._seen.add(key)
                kept.append(score)
        return kept


def started_at(document: Mapping[str, Any]) -> str:
    """When the run began, RFC 3339 in UTC; empty where the record doesn't say."""
    return str((document.get("times") or {}).get("started_at", ""))
