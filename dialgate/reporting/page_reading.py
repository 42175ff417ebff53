"""What the HTML page shows beside a verdict, read from the run records that the verdict names.

Records that are gone, damaged or another release's are said to be so on the page; nothing here
decides. Leaves showing to `dialgate_reports.page.html`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.runs.on_record.run_points import read_run_points
from dialgate_evals.errors import RecordError
from dialgate_evals.files.plain_text import printable
from dialgate_evals.records.run_reading import read_run, read_run_trajectories
from dialgate_reports.page.page_records import SIDES, PageRecords, SideName, SideRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.actions.trajectory import Trajectory


def read_page_records(document: Mapping[str, Any], records: Path) -> PageRecords:
    """Trajectories, distributions and history for the page of this verdict.

    `records` is the folder where run records lie; the verdict's own paths are tried first.
    """
    problems: list[str] = []
    sides = {name: _read_side(document, name, records, problems) for name in SIDES}
    return PageRecords(
        baseline=sides["baseline"],
        candidate=sides["candidate"],
        history=read_run_points(str(document["suite"]), records),
        problems=tuple(problems),
    )


def _read_side(
    document: Mapping[str, Any], name: SideName, records: Path, problems: list[str]
) -> SideRecord | None:
    release = document["release" if name == "candidate" else "baseline"]
    place = (document.get("records") or {}).get(name)
    if release is None:
        return None
    if not place:
        problems.append(f"The verdict names no run record of the {name}.")
        return None
    folder = _find(str(place), records)
    if folder is None:
        problems.append(
            f"The {name}'s run record {printable(str(place))} is not here: its trajectories and "
            "distributions are left out. Run check again, or say with --records where it lies."
        )
        return None
    try:
        record = read_run(folder)
        found = record["release"].get("fingerprint")
        if found != release["fingerprint"] or record["suite"].get("name") != document["suite"]:
            problems.append(
                f"{printable(str(place))} holds another run than the verdict's {name}: it is not "
                "shown."
            )
            return None
        return _side(str(place), folder, record, _explained_trials(document, name))
    except RecordError as error:
        problems.append(printable(f"The {name}'s run record can't be read. {error}"))
        return None


def _find(place: str, records: Path) -> Path | None:
    """The record where the verdict says, or of the same name where records lie."""
    for folder in (Path(place), records / Path(place).name):
        if folder.is_dir():
            return folder
    return None


def _explained_trials(document: Mapping[str, Any], name: SideName) -> dict[str, int]:
    """By case: the trial whose calls the verdict shows."""
    return {
        entry["case"]: entry[name]["trial"]
        for entry in document["explanations"]
        if entry.get(name) and "trial" in entry[name]
    }


def _side(
    place: str, folder: Path, record: Mapping[str, Any], explained: Mapping[str, int]
) -> SideRecord:
    shown: dict[str, Trajectory] = {}
    latencies: list[float] = []
    costs: list[float] = []
    for trajectory in read_run_trajectories(folder):
        if trajectory.error is not None:
            continue
        if trajectory.trial == explained.get(trajectory.case_id, 0):
            shown[trajectory.case_id] = trajectory
        if trajectory.latency_ms is not None:
            latencies.append(trajectory.latency_ms)
        if trajectory.cost_usd is not None:
            costs.append(trajectory.cost_usd)
    return SideRecord(
        place=place,
        record=record,
        trajectories=shown,
        latencies_ms=tuple(latencies),
        costs_usd=tuple(costs),
    )
