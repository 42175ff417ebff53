"""Where the figures of a recommendation come from: files by the digests of their bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.dial.dial_files import DIAL, LEDGER
from dialgate_evals.events.named_source import TableSource, name_source
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.files.problems import show_path
from dialgate_evals.records.part_digests import file_digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate.dial.recommending.gathered import Gathered
    from dialgate_gate.live.live_evidence import LiveEvidence


def sources_of(found: Gathered) -> Iterator[dict[str, Any]]:
    """Each file that a figure comes from, with the digest of its bytes."""
    folder = found.workspace.folder
    if found.run is not None:
        yield _source("run", found.run / "run.json")
    if found.events is not None:
        yield _events_source(found.events, found.live)
    for name, file in (
        ("policy", "policy.toml"),
        ("actions", "actions.toml"),
        ("runbook", "runbook.toml"),
        ("owners", "owners.toml"),
        ("dial", DIAL),
        ("ledger", LEDGER),
    ):
        if (folder / file).is_file():
            yield _source(name, folder / file)


def _source(name: str, path: Path) -> dict[str, Any]:
    return {"name": name, "place": show_path(path), "digest": file_digest(path)}


def _events_source(events: str | Path, live: LiveEvidence) -> dict[str, Any]:
    """One file by its bytes, several by theirs in order; a table by what it showed."""
    source = name_source(events)
    if isinstance(source, TableSource):
        digest = digest_of(live.as_json())
        return {"name": "events", "place": f"{source.shown}, as counted", "digest": digest}
    digests = [file_digest(path) for path in source.paths]
    digest = digests[0] if len(digests) == 1 else digest_of(digests)
    return {"name": "events", "place": source.shown, "digest": digest}
