"""What the dial asks of review events: of which classes, since when, of which releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.runs.run_records import records_of_suite
from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.events.task_runs import InForce
from dialgate_gate.live.demotion import detector_of
from dialgate_gate.live.live_reviews import KnownReleases

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry
    from dialgate_evals.events.event_cube import EventCube
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.settings import GateSettings


def asked_of(
    workspace: Workspace, settings: GateSettings, counts: Callable[[str], bool]
) -> InForce:
    """What the dial asks of the events."""
    classes = (*workspace.actions.classes, UNCLASSIFIED)
    moved = {item.name: since(settings, item) for item in classes}
    policy = settings.policy.demote
    return InForce(
        modes={item.name: settings.dial.mode_of(item) for item in classes},
        since={name: at for name, at in moved.items() if at is not None},
        counts=counts,
        detector=None if policy is None else detector_of(policy),
    )


def seen_classes(actions: ActionRegistry, cube: EventCube) -> tuple[ActionClass, ...]:
    """The suite's classes; with `unclassified` where events are of tools that no class holds."""
    is_seen = any(group.action_class == UNCLASSIFIED.name for group in cube.days)
    return (*actions.classes, UNCLASSIFIED) if is_seen else actions.classes


def since(settings: GateSettings, item: ActionClass) -> dt.datetime | None:
    """When the class was moved to where it is; None: it is there by default."""
    entry = settings.dial.entries.get(item.name)
    return None if entry is None else entry.since


def known_releases(
    workspace: Workspace, release: Release, settings: GateSettings, out: Path
) -> KnownReleases:
    """The release now and the components of every other that a record or release file knows."""
    found: dict[str, list[Mapping[str, str]]] = {release.version: [release.components]}
    for _, document in records_of_suite(out, workspace.suite.name):
        item = document["release"]
        for name in (item.get("version"), item.get("fingerprint")):
            found.setdefault(str(name), []).append(item.get("components") or {})
    for path in sorted((workspace.folder / "releases").glob("*.toml")):
        other = workspace.release(path)
        for name in (other.version, other.fingerprint):
            found.setdefault(name, []).append(other.components)
    return KnownReleases(
        current=release,
        components={name: tuple(items) for name, items in found.items()},
        carry_over=settings.policy.live.carry_over,
    )
